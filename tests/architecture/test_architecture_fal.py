"""fal's SDK sends a paid call up to ten times by itself: nothing of ours may use more of it than its reads."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READS = {"AsyncRequestHandle", "Completed"}


def used(text: str) -> set[str]:
    """What a source text uses of the SDK, by name; `*` for a part of it that is imported."""
    tree, found = ast.parse(text), set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "fal_client":
            found.add(node.attr)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "fal_client":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {
                "*" for a in node.names if a.name.startswith("fal_client.") or (a.name == "fal_client" and a.asname)
            }
    return found


def test_the_check_itself() -> None:
    assert used("import fal_client\nfal_client.submit('x')\nfal_client.AsyncClient()") == {"submit", "AsyncClient"}
    assert used("from fal_client import subscribe") == {"subscribe"}
    assert used("import fal_client.client as c") == {"*"}


def test_only_reads_of_fals_sdk_are_used() -> None:
    users = {}
    for folder in ("kit", "services", "cli", "stack", "simulator"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if names := used(path.read_text(encoding="utf-8")):
                users[str(path.relative_to(ROOT))] = names
    assert users == {"services/video/providers/fal.py": READS}
