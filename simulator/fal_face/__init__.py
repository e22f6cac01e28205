"""fal's queue."""
