"""Vendors' callbacks: whether one comes from where it says, and which paid call it is for. What it says of a film is never believed."""
