"""The REST gateway: translates REST to gRPC. It holds no rule of the business, no SQL and no vendor's key."""
