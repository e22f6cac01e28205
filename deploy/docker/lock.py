"""Prints the part of requirements.lock that the project needs with the extras named, hashes and all.

    python lock.py pyproject.toml requirements.lock [EXTRA ...]

The lock pins everything at once, tools for tests and embedded servers included; an image installs only its share. What
depends on what is told by the lock's own `# via` comments. Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_VIA = re.compile(r"^\s+#\s+(?:via\s+)?(\S+)")


def normal(name: str) -> str:
    """Returns the name as registries compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def wanted(pyproject: str, extras: Iterable[str]) -> set[str]:
    """Returns the names that the project asks for itself. Raises KeyError for an extra that does not exist."""
    project = tomllib.loads(pyproject)["project"]
    lines = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    return {normal(found[0]) for line in lines if (found := _NAME.match(line))}


def blocks(lock: str) -> dict[str, str]:
    """Returns the text of each pinned package by its name."""
    found: dict[str, str] = {}
    name = ""
    for line in lock.splitlines(keepends=True):
        if line[:1].isalnum():
            name = normal(line.partition("==")[0])
        if name and not line.startswith("#"):
            found[name] = found.get(name, "") + line
    return found


def subset(pyproject: str, lock: str, extras: Iterable[str]) -> str:
    """Returns the lock with only what is needed. Raises KeyError when the lock does not have a package that is wanted."""
    pinned = blocks(lock)
    needs: dict[str, set[str]] = {name: set() for name in pinned}
    for name, text in pinned.items():
        for line in text.splitlines():
            parent = _VIA.match(line)
            if parent and normal(parent[1]) in needs:
                needs[normal(parent[1])].add(name)
    left, kept = wanted(pyproject, extras), set[str]()
    while left:
        name = left.pop()
        kept.add(name)
        left |= needs[name] - kept
    return "".join(pinned[name] for name in sorted(kept))


def main(arguments: list[str]) -> None:
    """Prints the subset."""
    project, lock, *extras = arguments
    sys.stdout.write(subset(Path(project).read_text(), Path(lock).read_text(), extras))


if __name__ == "__main__":
    main(sys.argv[1:])
