"""Rows of other systems, as `sfd keys import` reads them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cli.key_work import read_rows

ROWS = [{"provider": "openai", "encrypted_key": "gAAAA", "status": "active"}]


def test_rows_come_from_sqlite_an_array_and_lines(tmp_path: Path) -> None:
    database = tmp_path / "db.sqlite"
    with closing(sqlite3.connect(database)) as db:
        db.execute("CREATE TABLE api_keys (id INTEGER, provider TEXT, encrypted_key TEXT, status TEXT)")
        db.execute("INSERT INTO api_keys VALUES (1, 'openai', 'gAAAA', 'active')")
        db.commit()
    (tmp_path / "array.json").write_text(json.dumps(ROWS))
    (tmp_path / "lines.jsonl").write_text("\n".join(json.dumps(row) for row in ROWS) + "\n\n")
    for name in ("db.sqlite", "array.json", "lines.jsonl"):
        assert read_rows(tmp_path / name) == ROWS, name


@pytest.mark.parametrize("text", ["{", "[1]", "5", "[[]]"])
def test_what_holds_no_rows_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "rows"
    file.write_text(text)
    with pytest.raises(ValueError, match=r"no rows|Expecting"):
        read_rows(file)


def test_another_database_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "x")) as db:
        db.execute("CREATE TABLE other (id INTEGER)")
        db.commit()
    with pytest.raises(ValueError, match="api_keys"):
        read_rows(tmp_path / "x")
