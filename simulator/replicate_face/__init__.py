"""Replicate's HTTP API: predictions of official models, the account, signed webhooks."""
