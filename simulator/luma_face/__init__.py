"""Luma's Dream Machine API: generations of films, and the credits."""
