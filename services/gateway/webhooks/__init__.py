"""Webhooks out: secrets, signatures, and the worker that delivers."""
