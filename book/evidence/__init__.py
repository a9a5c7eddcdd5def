"""What was executed and what came of it: records of blocks, sweeps over seeds, results of long runs. Runs nothing."""
