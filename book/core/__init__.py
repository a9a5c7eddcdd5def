"""What everything else stands on: where things lie, pages and their blocks, what is kept on disk, findings."""
