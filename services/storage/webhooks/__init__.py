"""Webhooks: endpoints of accounts, and the events on their way to them."""
