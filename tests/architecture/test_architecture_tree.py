"""The tree itself: files stay readable, and nothing in them names a private place or a registry."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAX_LINES = 400
LONG_FOR_A_REASON = {
    "openapi.yaml": "written from the routes",
    "docs/openapi-released.yaml": "written from the routes at a release",
    "test_api.py": "one file that can be copied to any machine and needs nothing but Python",
    "protos/sfd/jobs/v1/job_service.proto": "one service with its messages; half of it is comments",
    "services/storage/migrations/versions/m0001_first_schema.py": "a migration is one piece and never edited again",
}
CODE = {".py", ".sh", ".proto", ".mako", ".yaml", ".yml", ".toml"}
BINARY = {".bin", ".binpb", ".png", ".jpg", ".mp4", ".woff2"}

# Put together here so that this file does not find itself.
PRIVATE = ("/" + "work/", "/var/" + "tmp/", "/home" + "/")
REGISTRIES = (
    "pypi" + ".org",
    "files.python" + "hosted",
    "registry.npm" + "js",
    "pypi.tuna" + ".",
    "mirrors" + ".aliyun",
)
WORD = re.compile(r"\bhelp" + r"ers?\b", re.IGNORECASE)


def tracked() -> list[str]:
    """Every file that git knows, relative to the root."""
    # The option lets one user look at another one's clone, as continuous integration does.
    done = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


FILES = tracked()


def texts() -> list[tuple[str, str]]:
    return [(name, (ROOT / name).read_text(encoding="utf-8")) for name in FILES if Path(name).suffix not in BINARY]


def test_git_lists_the_tree() -> None:
    assert {"README.md", "Makefile", "pyproject.toml", "kit/config.py"} <= set(FILES)


def test_files_stay_readable() -> None:
    lines = {
        name: len((ROOT / name).read_text(encoding="utf-8").splitlines())
        for name in FILES
        if Path(name).suffix in CODE and not name.startswith("gen/")
    }
    long = {name: count for name, count in lines.items() if count > MAX_LINES}
    assert sorted(long) == sorted(LONG_FOR_A_REASON), "split it, or say above why it is one piece"


@pytest.mark.parametrize("needle", [*PRIVATE, *REGISTRIES])
def test_nothing_names_a_private_place_or_a_registry(needle: str) -> None:
    assert [name for name, text in texts() if needle in text] == []


def test_code_speaks_of_what_things_do() -> None:
    """A module or function that can only be called by that word has no purpose of its own; processes may have some."""
    found = [name for name, text in texts() if WORD.search(text) and "stack/" not in name]
    assert found == []


def test_the_lock_names_no_place() -> None:
    """Versions and hashes decide what is installed, whichever index has it."""
    lock = (ROOT / "requirements.lock").read_text()
    assert "--hash=sha256:" in lock
    assert re.findall(r"^(?:-i|--index|--extra|--find|--trusted).*|https?://\S+", lock, re.MULTILINE) == []


def test_no_other_lock_is_tracked() -> None:
    assert [name for name in FILES if Path(name).name in ("uv.lock", ".env", "poetry.lock")] == []


def test_generated_code_is_not_shown_in_diffs() -> None:
    assert "gen/** linguist-generated -diff" in (ROOT / ".gitattributes").read_text().splitlines()


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    for name, text in texts():
        if name.endswith(".md"):
            links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text)
            broken += [f"{name}: {link}" for link in links if not ((ROOT / name).parent / link).exists()]
    assert broken == []


def test_pictures_of_pages_are_small() -> None:
    assert [n for n in FILES if n.startswith("docs/") and (ROOT / n).stat().st_size > 150 * 1024] == []
