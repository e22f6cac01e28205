"""JSON shapes and status words, one module a contract."""
