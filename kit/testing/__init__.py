"""Shipped help for tests and benches: a real storage over real servers, and clients to it."""
