"""Noticing changed code for `make dev`, by the time stamps of the files."""

from __future__ import annotations

from pathlib import Path

from stack.layout import PROJECT

EVERY_S = 0.7
FOLDERS = ("services", "kit", "gen")


class Watcher:
    """Remembers the time stamps of the project's Python files."""

    def __init__(self, root: Path = PROJECT) -> None:
        self._root = root
        self._seen = self._scan()

    def changed_services(self) -> set[str]:
        """The services whose code changed since the last call; `*` stands for all, when shared code changed."""
        now = self._scan()
        changed = {path for path, _ in self._seen.items() ^ now.items()}
        self._seen = now
        return {self._service(path) for path in changed}

    def _service(self, path: Path) -> str:
        parts = path.relative_to(self._root).parts
        return parts[1] if parts[0] == "services" and len(parts) > 2 else "*"

    def _scan(self) -> dict[Path, int]:
        stamps = {}
        for folder in FOLDERS:
            for path in (self._root / folder).rglob("*.py"):
                try:
                    stamps[path] = path.stat().st_mtime_ns
                except FileNotFoundError:
                    continue  # deleted while we looked
        return stamps
