"""The story service: writes, improves and critiques dramas, and plans their production."""
