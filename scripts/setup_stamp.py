"""Prints what a finished set-up depends on as one hash: the lock, this Python, the set-up script and uv's version.

Standard library only, and any Python 3: it runs before there is a virtual environment.
"""

from __future__ import annotations

import hashlib
import platform
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INPUTS = ("requirements.lock", "setup.sh")


def stamp(root: Path, *parts: str) -> str:
    """The hash (SHA-256, hexadecimal) of the inputs under `root`, the place, this Python and `parts`."""
    digest = hashlib.sha256()
    for name in INPUTS:
        digest.update((root / name).read_bytes())
    for part in (str(root), platform.python_version(), sys.base_prefix, *parts):
        digest.update(b"\0" + part.encode())
    return digest.hexdigest()


if __name__ == "__main__":
    print(stamp(ROOT, *sys.argv[1:]))
