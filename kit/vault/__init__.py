"""Envelope encryption of users' secrets: a random data key per account, wrapped by a versioned master key."""
