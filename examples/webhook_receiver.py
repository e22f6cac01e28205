"""A receiver of webhooks that believes only what is signed: prints each event, answers 400 to what does not verify.

    SFD_WEBHOOK_SECRET=whsec_... python examples/webhook_receiver.py 9009

It verifies with the published library of Standard Webhooks and nothing of this house. The secret may also lie in a file named by
`SFD_WEBHOOK_SECRET_FILE`, which is read at each event, so that the receiver can be up before the secret exists.
"""

from __future__ import annotations

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

MAX_BODY = 1 << 20


def secret() -> str:
    """Returns the secret, as it is now."""
    file = os.environ.get("SFD_WEBHOOK_SECRET_FILE", "")
    return Path(file).read_text(encoding="utf-8").strip() if file else os.environ["SFD_WEBHOOK_SECRET"]


class Receiver(BaseHTTPRequestHandler):
    """Takes one event a request."""

    def do_POST(self) -> None:
        """Verifies, prints, and answers 204; 400 for a bad signature."""
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length) if 0 < length <= MAX_BODY else b""
        try:
            event = Webhook(secret()).verify(body, dict(self.headers.items()))
        except (WebhookVerificationError, json.JSONDecodeError) as error:
            print(f"refused: {error}", flush=True)
            self.send_response(400)
        else:
            print(f"verified {self.headers['webhook-id']} {event['type']} {event['data']['jobId']}", flush=True)
            self.send_response(204)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Prints nothing more than the events."""


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
