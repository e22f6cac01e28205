"""Shipped help for tests and benches: a real storage over real servers, and clients to it."""

import os

# Tests fork processes while channels are open. gRPC's handlers around a fork can end the child before it is the service; it needs
# none of them, because it becomes another program at once. The library reads this when it is first imported.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
