"""Hosts for the tests of adapters over plain HTTP: one that answers what a test says, and one that hears callbacks."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2

ODD_BODIES = [
    b"",
    b"null",
    b"[]",
    b"7",
    b"{",
    b"<html></html>",
    b"\xff\xfe",
    b"[" * 5000,
    b'{"code":[],"data":{},"base_resp":7,"error":[]}',
]


@dataclass
class Host:
    """Answers every request with `reply`, and remembers what was asked."""

    reply: Callable[[httpx2.Request], httpx2.Response]
    asked: list[httpx2.Request] = field(default_factory=list)

    def client(self) -> httpx2.AsyncClient:
        """An HTTP client that reaches this host alone."""

        def answer(request: httpx2.Request) -> httpx2.Response:
            self.asked.append(request)
            return self.reply(request)

        return httpx2.AsyncClient(transport=httpx2.MockTransport(answer))

    def body(self, n: int = -1) -> Any:
        """The JSON of the nth request."""
        return json.loads(self.asked[n].content)


def says(status: int = 200, body: Any = None, **headers: str) -> Host:
    """A host with one answer; bytes are sent as they are, anything else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Host(lambda _: httpx2.Response(status, content=content, headers=headers))


class Ears(http.server.ThreadingHTTPServer):
    """Hears callbacks; repeats a challenge unless it is `deaf`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Ear)
        self.heard: list[dict[str, Any]] = []
        self.deaf = False
        self.done = threading.Event()

    @property
    def url(self) -> str:
        """Where to call back."""
        return f"http://127.0.0.1:{self.server_address[1]}/hooks/0199"


class _Ear(http.server.BaseHTTPRequestHandler):
    server: Ears

    def do_POST(self) -> None:
        note = json.loads(self.rfile.read(int(self.headers["content-length"])))
        body = b"{}"
        if "challenge" in note and not self.server.deaf:
            body = json.dumps({"challenge": note["challenge"]}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.server.heard.append(note)
        if "challenge" not in note:
            self.server.done.set()

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@contextmanager
def ears() -> Iterator[Ears]:
    """A listening host, closed at the end."""
    server = Ears()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
