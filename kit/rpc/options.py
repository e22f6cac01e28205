"""Channel options, the same on both ends: sizes, keepalive, no port sharing.

The server's minimum between pings is spelled `grpc.http2.min_ping_interval_without_data_ms`; the name in gRPC's document is ignored.
"""

from __future__ import annotations

MAX_MESSAGE = 16 * 1024 * 1024

_SIZES: tuple[tuple[str, int], ...] = (
    ("grpc.max_receive_message_length", MAX_MESSAGE),
    ("grpc.max_send_message_length", MAX_MESSAGE),
)

SERVER: tuple[tuple[str, int], ...] = (
    *_SIZES,
    ("grpc.so_reuseport", 0),
    # Whoever connects and does not speak HTTP/2 is not waited for: the default is two minutes.
    ("grpc.server_handshake_timeout_ms", 10_000),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    # One connection can neither fill the queue of requests that all share, nor stay for ever. Without the first, whoever opens and
    # resets streams in a rush makes the server turn others away. More than one gateway may have open at once: a call above the limit may be
    # refused instead of waiting its turn, for the client counts a stream as over before the server does.
    ("grpc.max_concurrent_streams", 600),
    ("grpc.max_allowed_incoming_connections", 4_096),
    ("grpc.max_connection_idle_ms", 600_000),
    ("grpc.max_connection_age_ms", 3_600_000),
    # Longer than the longest stream, so that the end of a connection cuts off nothing but what has no end.
    ("grpc.max_connection_age_grace_ms", 3_900_000),
    # A peer whose machine is gone is noticed.
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
)

CLIENT: tuple[tuple[str, int], ...] = (
    *_SIZES,
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.enable_retries", 0),
)
