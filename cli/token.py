"""`sfd token`: a short-lived token for calling a service by hand."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated

import typer

from cli import common
from kit.context import Caller, Role
from kit.identity import DEFAULT_ACCOUNT_ID, LIFETIME, Signer
from stack import env_file

MAX_SECONDS = 3600
SECRET = "SFD_INTERNAL_SECRET"  # noqa: S105 - the name of the setting, not a secret
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def token(
    account: Annotated[str, typer.Option(help="UUID of the account to act for.")] = DEFAULT_ACCOUNT_ID,
    role: Annotated[str, typer.Option(help="account, worker or operator.")] = "account",
    seconds: Annotated[int, typer.Option(min=1, max=MAX_SECONDS, help="How long it is good for.")] = LIFETIME,
) -> None:
    """Print a token for gRPC calls: send it as `authorization: Bearer TOKEN`. Needs SFD_INTERNAL_SECRET or a .env with it."""
    if role.upper() not in Role.__members__:
        common.fail(f"--role takes account, worker or operator, not {role!r}")
    if not _UUID.fullmatch(account):
        common.fail(f"--account takes a UUID in lower case, not {account!r}")
    secret = os.environ.get(SECRET) or env_file.read(Path(".env")).get(SECRET, "")
    try:
        signer = Signer(secret)
    except ValueError as error:
        common.fail(f"{error}; `make setup` writes one to .env")
    typer.echo(signer.mint(Caller(account, Role[role.upper()]), seconds))
