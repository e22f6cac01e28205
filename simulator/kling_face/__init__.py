"""Kling's two protocols: the classic one up to 3.0, and the newer one of 3.0-turbo and 4.0."""
