"""The services of the house: one folder, one process, one owner of what it does."""
