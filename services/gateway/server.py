"""Listeners, one for each face, and an orderly end."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from types import FrameType

import structlog
import uvicorn

from kit.memory import settle
from services.gateway.app import compose
from services.gateway.config import GatewaySettings
from services.gateway.protocol import protocol
from services.gateway.views.faces import CAPTIONS, DRAMA, MEDIA, Face

log = structlog.get_logger("gateway")
GRACE_SECONDS = 8
_NEXT_PORTS = 50


class Server(uvicorn.Server):
    """Uvicorn that tells endless streams to end before it waits for them."""

    def __init__(self, config: uvicorn.Config, on_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_stop = on_stop

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Takes a signal as the wish to end in order; unlike the parent it does not raise the signal again afterwards."""
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends streams and long polls, then waits for what is left, at most `GRACE_SECONDS`."""
        self._on_stop()
        await super().shutdown(sockets)


def listen(host: str, port: int) -> socket.socket:
    """Returns a listening socket on the port, or on the next free one when it is taken; port 0 means any.

    Raises OSError when none of the next ports is free.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for offset in range(_NEXT_PORTS):
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, port + offset if port else 0))
            # Listening at once makes a port taken by another process show here and not later.
            sock.listen(2048)
        except OSError:
            sock.close()
            if offset == _NEXT_PORTS - 1 or not port or port + offset >= 65535:
                raise
            continue
        sock.setblocking(False)
        return sock
    raise OSError(f"no free port from {port} on")


async def run(settings: GatewaySettings, started: Callable[[Server, dict[str, int]], None] | None = None) -> None:
    """Serves until a signal comes; `started` is called with the server and the port of each face."""
    faces: list[tuple[Face, socket.socket]] = [(DRAMA, listen(settings.host, settings.port))]
    faces += [
        (face, listen(settings.host, port))
        for face, port in ((MEDIA, settings.media_port), (CAPTIONS, settings.captions_port))
        if port
    ]
    async with compose(settings) as (edge, wakeups):
        ports: dict[str, int] = {face.name: sock.getsockname()[1] for face, sock in faces}
        edge.bind({sock.getsockname()[1]: face for face, sock in faces})
        config = uvicorn.Config(
            edge,
            http=protocol(settings.max_connections),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        server = Server(config, wakeups.stop)
        if settings.open_mode:
            log.warning("open_mode", message="No key is set: every request from this machine is account default.")
        for face, port in ports.items():
            log.info("listening", face=face, url=f"http://{_shown(settings.host)}:{port}")
        settle()
        if started is not None:
            started(server, ports)
        await server.serve([sock for _, sock in faces])
        # Streams that are being written when the loop ends would log noise; one turn lets them see the end.
        await asyncio.sleep(0)


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
