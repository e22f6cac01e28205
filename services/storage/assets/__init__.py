"""Bytes in the bucket: permission to put and get them, and what is known of them."""
