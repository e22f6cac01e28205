"""`sfd doctor`."""

from __future__ import annotations

from pathlib import Path

import typer

from cli import common
from stack.doctor import examine


def doctor(name: common.Name = "dev") -> None:
    """Look for what would keep SFD from running here, each with the line that mends it. Code 1 if something is missing."""
    missing = 0
    for finding in examine(common.layout(name), Path.cwd()):
        mark = "ok " if finding.fine else "BAD" if finding.needed else "   "
        typer.echo(f"{mark} {finding.what:<11} {finding.detail}")
        if not finding.fine:
            typer.echo(f"    {'':<11} -> {finding.mend}")
            missing += finding.needed
    if missing:
        common.fail(f"{missing} thing{'s' if missing > 1 else ''} must be mended before SFD runs")
    typer.echo("SFD can run here")
