"""`sfd token`: good for what it says, and only with the house's secret."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import jwt
import pytest

from kit.context import Caller, Role
from kit.errors import Unauthenticated
from kit.identity import DEFAULT_ACCOUNT_ID, Signer

ROOT = Path(__file__).resolve().parents[3]
SECRET = "a-secret-of-the-house-" + "x" * 20


def sfd(folder: Path, *words: str, secret: str = "") -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name != "SFD_INTERNAL_SECRET"}
    env |= {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'gen'}"} | ({"SFD_INTERNAL_SECRET": secret} if secret else {})
    return subprocess.run(
        [sys.executable, "-m", "cli.main", "token", *words],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_token_from_the_file_is_believed_by_services(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"SFD_INTERNAL_SECRET={SECRET}\n")
    done = sfd(tmp_path)
    assert done.returncode == 0, done.stderr
    token = done.stdout.strip()
    assert Signer(SECRET).verify(token) == Caller(DEFAULT_ACCOUNT_ID, Role.ACCOUNT)
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 300
    with pytest.raises(Unauthenticated):
        Signer("another-" + SECRET).verify(token)


def test_role_account_and_time_are_as_asked(tmp_path: Path) -> None:
    account = "11111111-1111-7111-8111-111111111111"
    done = sfd(tmp_path, "--role", "worker", "--account", account, "--seconds", "60", secret=SECRET)
    assert Signer(SECRET).verify(done.stdout.strip()) == Caller(account, Role.WORKER)
    claims = jwt.decode(done.stdout.strip(), options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 60


@pytest.mark.parametrize(
    ("words", "secret", "why"),
    [
        ((), "", "SFD_INTERNAL_SECRET"),
        ((), "short", "32 characters"),
        (("--role", "king"), SECRET, "--role"),
        (("--account", "me"), SECRET, "--account"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, words: tuple[str, ...], secret: str, why: str) -> None:
    done = sfd(tmp_path, *words, secret=secret)
    assert done.returncode == 1
    assert (done.stdout, why in done.stderr) == ("", True)


def test_nobody_gets_a_token_for_a_day(tmp_path: Path) -> None:
    assert sfd(tmp_path, "--seconds", "86400", secret=SECRET).returncode == 2
