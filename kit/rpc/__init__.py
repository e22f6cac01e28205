"""gRPC as every service uses it: one server, one client, one table of errors."""
