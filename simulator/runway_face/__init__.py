"""Runway's API of version 2024-11-06: tasks of films, and the account."""
