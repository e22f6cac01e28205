"""Dramas and what was made for them."""
