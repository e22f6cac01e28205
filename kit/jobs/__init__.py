"""Working on jobs: the runtime of a worker, what a handler sees, and paying once."""
