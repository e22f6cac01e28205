"""Pictures that are part of the program."""
