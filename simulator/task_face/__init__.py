"""Task-style hosts: submit, ask, fetch, each in its own words."""
