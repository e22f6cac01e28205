"""Starts and supervises the embedded servers and all services of one machine as plain processes."""
