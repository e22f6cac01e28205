"""Where one named stack keeps its things: `.sfd/<name>/{pg,nats,s3,logs,run,out,work}`."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Layout:
    """The folders of one stack; `home` is SFD_HOME or `.sfd` in the working directory."""

    home: Path
    name: str = "dev"

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(f"a stack's name is up to 32 of a-z, 0-9, - and _, not {self.name!r}")

    @classmethod
    def find(cls, name: str) -> Layout:
        """The layout of a name under SFD_HOME, or under the working directory. Raises ValueError for a bad name."""
        return cls(Path(os.environ.get("SFD_HOME") or ".sfd").absolute(), name)

    @property
    def root(self) -> Path:
        """The folder of this name."""
        return self.home / self.name

    @property
    def run(self) -> Path:
        """What exists only while the stack runs, and the ports."""
        return self.root / "run"

    @property
    def logs(self) -> Path:
        """One log per process."""
        return self.root / "logs"

    @property
    def lock(self) -> Path:
        """Held by the supervisor for as long as it lives; the kernel lets go of it even after kill -9."""
        return self.run / "lock"

    @property
    def socket(self) -> Path:
        """The supervisor's control socket."""
        return self.run / "control.sock"

    @property
    def record(self) -> Path:
        """Process id and start time of the supervisor."""
        return self.run / "supervisor.json"

    @property
    def ports(self) -> Path:
        """The ports of this name: they stay the same over restarts as long as they are free."""
        return self.run / "ports.json"

    @property
    def failure(self) -> Path:
        """Why the last supervisor gave up, in words for a person."""
        return self.run / "failure.txt"

    def log(self, process: str) -> Path:
        """The log of one process."""
        return self.logs / f"{process}.log"

    def make(self) -> None:
        """Create the folders; `run` is for the owner only, because its socket commands the stack."""
        for folder in (self.root, self.logs, self.root / "out", self.root / "work"):
            folder.mkdir(parents=True, exist_ok=True)
        self.run.mkdir(mode=0o700, exist_ok=True)
        self.run.chmod(0o700)


def short_path(path: Path) -> tuple[str, int | None]:
    """A spelling of a socket's path that fits the kernel's 107 bytes, and the descriptor it needs open meanwhile."""
    if len(os.fsencode(path)) <= 100:
        return str(path), None
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    return f"/proc/self/fd/{descriptor}/{path.name}", descriptor
