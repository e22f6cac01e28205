"""Generates `gen/sfd` from `protos/`, or checks that what is committed is fresh (`--check`)."""

from __future__ import annotations

import argparse
import filecmp
import shutil
import sys
import tempfile
from pathlib import Path

from grpc_tools import (
    _proto,
    protoc,
)

ROOT = Path(__file__).resolve().parent.parent
PROTOS = ROOT / "protos"
GEN = ROOT / "gen"


def generate(out: Path) -> None:
    """Writes messages, stubs and their types under `out`; raises SystemExit when protoc refuses."""
    files = sorted(str(p.relative_to(PROTOS)) for p in PROTOS.rglob("*.proto"))
    include = [f"-I{PROTOS}", f"-I{Path(_proto.__path__[0])}"]
    # The plugins lie beside this interpreter, which need not be on the PATH.
    beside = Path(sys.executable).parent
    plugins = [f"--plugin={name}={beside / name}" for name in ("protoc-gen-mypy", "protoc-gen-mypy_grpc")]
    services = [f for f in files if f.endswith("_service.proto")]
    runs = (
        (files, [f"--python_out={out}", f"--mypy_out=quiet:{out}"]),
        (services, [f"--grpc_python_out={out}", f"--mypy_grpc_out=quiet,only_async:{out}"]),
    )
    for names, outs in runs:
        if protoc.main(["protoc", *include, *plugins, *outs, *names]) != 0:
            sys.exit("protoc refused the protos")


def differences(left: Path, right: Path) -> list[str]:
    """Returns the paths that differ between two generated trees, caches aside."""
    names = {p.relative_to(base) for base in (left, right) for p in base.rglob("*.py*") if "__pycache__" not in p.parts}
    return sorted(
        str(n)
        for n in names
        if not ((left / n).is_file() and (right / n).is_file() and filecmp.cmp(left / n, right / n, shallow=False))
    )


def main() -> int:
    """Returns 0 when done or fresh, 1 when `--check` finds a difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    if parser.parse_args().check:
        with tempfile.TemporaryDirectory() as tmp:
            generate(Path(tmp))
            stale = differences(Path(tmp) / "sfd", GEN / "sfd")
        if stale:
            print("stale generated code, run `make proto`:", *stale, sep="\n  ")
        return 1 if stale else 0
    shutil.rmtree(GEN / "sfd", ignore_errors=True)
    GEN.mkdir(exist_ok=True)
    generate(GEN)
    return 0


if __name__ == "__main__":
    sys.exit(main())
