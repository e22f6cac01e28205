"""What was spent, by account, vendor, model and day."""
