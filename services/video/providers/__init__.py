"""Vendors that film. Their SDKs are imported here only, and only once a job asks for them."""
