"""How a stack is to be run: what `sfd up` hands to its supervisor."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from stack.programs import PROGRAMS, Program


@dataclass(frozen=True)
class Options:
    """The name and home of the stack, and what differs from the usual.

    `env` is given to every service and wins over `.env` and the caller's environment. `directory` is where the services
    run and where `.env` is. `only_servers` starts no services; `reload` restarts services whose code changes.
    """

    name: str
    home: Path
    directory: Path
    env: dict[str, str] = field(default_factory=dict)
    only_servers: bool = False
    reload: bool = False
    programs: tuple[Program, ...] = PROGRAMS

    def to_json(self) -> str:
        """The options as one JSON document."""
        return json.dumps(asdict(self) | {"home": str(self.home), "directory": str(self.directory)})

    @classmethod
    def from_json(cls, text: str) -> Options:
        """The options that `to_json` wrote."""
        raw = json.loads(text)
        programs = tuple(
            Program(**{**row, "argv": tuple(row["argv"]), "after": tuple(row["after"])}) for row in raw["programs"]
        )
        paths = {"home": Path(raw["home"]), "directory": Path(raw["directory"])}
        return cls(**{**raw, **paths, "programs": programs})
