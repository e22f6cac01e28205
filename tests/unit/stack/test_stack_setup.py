"""Set-up and the Makefile, without a network: what they skip, refuse and pass on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stack.layout import PROJECT

CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("SFD_", "MAKE"))}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of what set-up needs, in a folder with a blank and a quote in its name."""
    root = tmp_path / "it's here"
    for name in ("setup.sh", "Makefile", "requirements.lock", "scripts/setup_stamp.py", "stack/env_file.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, root / name)
    (root / "stack/__init__.py").touch()
    return root


def run(command: list[str], cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, env={**CLEAN, "PYTHON": sys.executable, **env}, capture_output=True, text=True, check=False
    )


def installed(root: Path) -> None:
    """Make the folder look as after a finished set-up."""
    (root / ".venv/bin").mkdir(parents=True)
    (root / ".venv/bin/python").symlink_to(sys.executable)
    version = next(line for line in (root / "setup.sh").read_text().splitlines() if line.startswith("UV_VERSION="))
    stamp = run([sys.executable, "scripts/setup_stamp.py", version.partition("=")[2]], root).stdout
    (root / ".venv/sfd-setup.stamp").write_text(stamp)


def test_a_second_set_up_is_quick_silent_and_makes_missing_secrets(folder: Path, tmp_path: Path) -> None:
    installed(folder)
    started = time.monotonic()
    first = run([str(folder / "setup.sh")], tmp_path)
    assert time.monotonic() - started < 2
    assert first.returncode == 0, first.stderr
    secrets = [line.partition("=")[2] for line in (folder / ".env").read_text().splitlines() if "=" in line]
    assert len(secrets) == 4
    assert not any(secret in first.stdout + first.stderr for secret in secrets)
    again = run([str(folder / "setup.sh")], tmp_path)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


@pytest.mark.parametrize("changed", ["requirements.lock", "setup.sh"])
def test_a_changed_lock_or_script_is_installed(folder: Path, changed: str) -> None:
    installed(folder)
    with (folder / changed).open("a") as file:
        file.write("# changed\n")
    # No space, so that it stops before it reaches for the network.
    fake = folder / "bin"
    fake.mkdir()
    (fake / "df").write_text("#!/bin/sh\nprintf 'head\\nfs 9 9 12 9%% /\\n'\n")
    (fake / "df").chmod(0o755)
    done = run([str(folder / "setup.sh")], folder, PATH=f"{fake}:{CLEAN['PATH']}")
    assert done.returncode == 1
    assert "12 MB free here, 4096 MB are needed" in done.stderr


def test_an_old_python_is_refused_with_the_line_that_mends_it(folder: Path) -> None:
    old = folder / "python2"
    old.write_text("#!/bin/sh\n[ \"$1\" = --version ] && echo 'Python 3.9.2'\nexit 1\n")
    old.chmod(0o755)
    done = run([str(folder / "setup.sh")], folder, PYTHON=str(old))
    assert done.returncode == 1
    assert "Python 3.9.2" in done.stderr
    assert "apt install python3" in done.stderr


@pytest.mark.parametrize(
    "premise",
    ['it\'s "5$" $HOME $(shell touch pwned) `touch pwned` $$ # ; touch pwned', "金魚\n두 번째 줄\n", "%s \\n \\"],
)
def test_make_demo_hands_the_premise_over_untouched(folder: Path, premise: str) -> None:
    (folder / "setup.sh").write_text("#!/bin/sh\n")
    (folder / ".venv/bin").mkdir(parents=True)
    sfd = folder / ".venv/bin/sfd"
    sfd.write_text(f"#!{sys.executable}\nimport os, sys\nsys.stdout.write(os.environ['SFD_DEMO_PREMISE'])\n")
    sfd.chmod(0o755)
    done = run(["make", "demo", f"PREMISE={premise}"], folder)
    assert (done.stdout, done.stderr) == (premise, "")
    assert run(["make", "demo"], folder, PREMISE=premise).stdout == premise
    assert not (folder / "pwned").exists()
