"""The documentation's pages need nothing but the gateway."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.responses import HTMLResponse

from services.gateway import docs


@pytest.mark.parametrize("page", [docs.swagger_page("SFD"), docs.redoc_page("SFD")])
def test_pages_refer_to_files_of_ours_only(page: HTMLResponse) -> None:
    text = bytes(page.body).decode()
    wanted = re.findall(r"(?:src|href)=\"([^\"]+)\"", text)
    assert [url for url in wanted if not url.startswith(("/docs/", "data:"))] == []
    assert re.findall(r"https?://[^\s\"'<]+", text.replace("https://github.com/Redocly/redoc", "")) == []
    for url in wanted:
        if url.startswith("/docs/"):
            found = docs.page_file(url.removeprefix("/docs/"))
            assert found is not None
            assert Path(found.path).stat().st_size > 10_000
    assert "default-src 'self'" in page.headers["content-security-policy"]


def test_no_other_file_is_served() -> None:
    assert docs.page_file("../__init__.py") is None
    assert docs.page_file("consts.py") is None
