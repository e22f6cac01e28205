"""Users' vendor keys, as ciphertext bound to account, provider and key id."""
