"""`python -m stack`: the detached supervisor. Its options come as one JSON document on standard input."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys

from stack.options import Options
from stack.supervisor import AlreadyRunningError, Supervisor

EXIT_FAILED = 1
EXIT_ALREADY_RUNNING = 75


def main() -> int:
    """Run until stopped. Returns 0 after an ordered stop, 75 when the name is taken, 1 with the reason on stderr."""
    options = Options.from_json(sys.stdin.read())
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    os.umask(0o077)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    try:
        reason = asyncio.run(Supervisor(options).run())
    except AlreadyRunningError:
        return EXIT_ALREADY_RUNNING
    if reason:
        print(reason, file=sys.stderr)
        return EXIT_FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
