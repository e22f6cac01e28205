"""`python -m services.gateway`."""

from __future__ import annotations

import sys

import uvloop

from kit.config import load
from kit.log import configure_logging
from services.gateway.config import GatewaySettings
from services.gateway.server import run


def main() -> None:
    """Serves until SIGTERM or SIGINT; ends with code 2 and the setting's name when a setting is bad."""
    settings = load(GatewaySettings)
    configure_logging("gateway", settings.log_level, together=0.02)
    refusal = settings.refusal()
    if refusal:
        sys.stderr.write(refusal + "\n")
        raise SystemExit(2)
    try:
        uvloop.run(run(settings))
    except KeyboardInterrupt:
        raise SystemExit(0) from None


if __name__ == "__main__":
    main()
