"""Five vendors that differ in one thing only: what becomes of a call whose answer is lost."""
