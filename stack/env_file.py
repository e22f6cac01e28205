"""The `.env` of an installation: made once with fresh secrets, readable by its owner only, never printed.

Standard library only: set-up runs this with `python -m stack.env_file`.
"""

from __future__ import annotations

import base64
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

# The secrets that every installation needs, and how each is made.
GENERATED: dict[str, Callable[[], str]] = {
    "SFD_INTERNAL_SECRET": lambda: secrets.token_urlsafe(48),
    "ENCRYPTION_KEY": lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "JWT_SECRET_KEY": lambda: secrets.token_urlsafe(48),
}
HEADER = "# Made by `make setup`. Keep it secret; .env.example explains every setting.\n"


def read(path: Path) -> dict[str, str]:
    """The assignments in the file, quotes removed; empty when there is no file."""
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return {}
    values = {}
    for line in lines:
        name, sign, value = line.strip().removeprefix("export ").partition("=")
        if sign and not name.startswith("#"):
            value = value.strip()
            if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
                value = value[1:-1]
            values[name.strip()] = value
    return values


def ensure(path: Path) -> list[str]:
    """Add each missing secret to the file (mode 0600) and return the names added; what is there stays as it is."""
    have = read(path)
    missing = [name for name in GENERATED if not have.get(name)]
    if missing:
        old = path.read_text() if path.exists() else HEADER
        if not old.endswith("\n"):
            old += "\n"
        text = old + "".join(f"{name}={GENERATED[name]()}\n" for name in missing)
        temporary = path.with_name(f"{path.name}.new")
        temporary.unlink(missing_ok=True)
        temporary.touch(mode=0o600)
        temporary.write_text(text)
        temporary.replace(path)
    elif path.stat().st_mode & 0o077:
        path.chmod(0o600)
    return missing


if __name__ == "__main__":
    added = ensure(Path(sys.argv[1] if len(sys.argv) > 1 else ".env"))
    if added:
        print(f".env: fresh {', '.join(added)}")
