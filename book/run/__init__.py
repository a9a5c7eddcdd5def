"""Execution: kernels, sessions, sweeps, long runs, clusters, data sets."""
