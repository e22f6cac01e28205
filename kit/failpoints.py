"""Named points where a test can make the process fail: `SFD_FAILPOINTS="paid.after_answer=exit,paid.before_intent=raise"`.

Actions: `exit` ends the process at once with 137 as a kill -9 would, `raise` raises `RuntimeError`, `once:exit` and `once:raise` act at the
first pass only (a marker file in `SFD_FAILPOINT_DIR` remembers across restarts). `hang` stops the whole thread at the first pass, event
loop and heartbeats included, as a stopped process or a long pause would: it leaves `<name>.hit` in that folder and goes on when
`<name>.go` appears there, or after two minutes. Without the variable a pass costs two dictionary look-ups.
"""

from __future__ import annotations

import os
import time
from functools import cache
from pathlib import Path

_LONGEST_HANG = 120.0


def _parse(text: str) -> dict[str, str]:
    pairs = (item.split("=", 1) for item in text.split(",") if "=" in item)
    return {name.strip(): action.strip() for name, action in pairs}


@cache
def _active() -> dict[str, str]:
    """Returns what the environment asks for; read at the first pass."""
    return _parse(os.environ.get("SFD_FAILPOINTS", ""))


def failpoint(name: str) -> None:
    """Acts when `name` is active; returns at once otherwise. Raises RuntimeError for the action `raise`."""
    action = _active().get(name)
    if action is None:
        return
    if action == "hang":
        _hang(name)
        return
    if action.startswith("once:"):
        if not _first(name):
            return
        action = action.removeprefix("once:")
    if action == "exit":
        os._exit(137)
    raise RuntimeError(f"failpoint {name}")


def _first(name: str) -> bool:
    """Returns whether this is the first pass, and remembers it on the disk."""
    marker = Path(os.environ["SFD_FAILPOINT_DIR"]) / name
    try:
        marker.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _hang(name: str) -> None:
    if not _first(f"{name}.hit"):
        return
    go = Path(os.environ["SFD_FAILPOINT_DIR"]) / f"{name}.go"
    end = time.monotonic() + _LONGEST_HANG
    while not go.exists() and time.monotonic() < end:
        time.sleep(0.02)
