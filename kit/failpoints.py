"""Named points where a test can make the process fail: `SFD_FAILPOINTS="paid.after_answer=exit,paid.before_intent=raise"`.

Actions: `exit` ends the process at once with 137 as a kill -9 would, `raise` raises `RuntimeError`, `once:exit` and `once:raise` act at the
first pass only (a marker file in `SFD_FAILPOINT_DIR` remembers across restarts). Without the variable a pass costs one dictionary look-up.
"""

from __future__ import annotations

import os
from pathlib import Path


def _parse(text: str) -> dict[str, str]:
    pairs = (item.split("=", 1) for item in text.split(",") if "=" in item)
    return {name.strip(): action.strip() for name, action in pairs}


_ACTIVE = _parse(os.environ.get("SFD_FAILPOINTS", ""))


def failpoint(name: str) -> None:
    """Acts when `name` is active; returns at once otherwise. Raises RuntimeError for the action `raise`."""
    action = _ACTIVE.get(name)
    if action is None:
        return
    if action.startswith("once:"):
        marker = Path(os.environ["SFD_FAILPOINT_DIR"]) / name
        try:
            marker.touch(exist_ok=False)
        except FileExistsError:
            return
        action = action.removeprefix("once:")
    if action == "exit":
        os._exit(137)
    raise RuntimeError(f"failpoint {name}")
