"""The typefaces that come with the packages of the extra `local`: where their files lie, and which of them can write a text.

All of them are under the SIL Open Font License.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

CJK = "Noto Sans CJK"
"""The one family here that can write Chinese, Japanese and Korean (a static collection: libass picks the thin cut of a variable one)."""

_FILES = {
    "Anton": ("fontpkg_anton", "files/Anton-Regular.ttf"),
    "Bebas Neue": ("fontpkg_bebas_neue", "files/BebasNeue-Regular.ttf"),
    "Montserrat": ("fontpkg_montserrat", "files/Montserrat[wght].ttf"),
    "Playfair Display": ("fontpkg_playfair_display", "files/PlayfairDisplay[wght].ttf"),
    CJK: ("noto_cjk_sans_otc", "NotoSansCJK-Regular.ttc"),
}
FAMILIES = tuple(_FILES)
ROLES = {
    # role: (family for Latin text, weight of a variable font)
    "title": ("Playfair Display", 800),
    "poster": ("Anton", 400),
    "name": ("Bebas Neue", 400),
    "caption": ("Montserrat", 600),
    "body": ("Montserrat", 500),
}
_FACES = {"ja": 0, "ko": 1, "zh": 2}  # places in the collection: JP, KR, SC


def font_path(family: str) -> Path:
    """Return the file of a family of `FAMILIES`. Raises KeyError for another name, FileNotFoundError when its package is not installed."""
    package, inside = _FILES[family]
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError(f"the font package of {family!r} is not installed (pip install 'sfd[local]')")
    path = Path(next(iter(found.submodule_search_locations))) / inside
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing")
    return path


def fonts_dir(cache: Path) -> Path:
    """Return a directory under `cache` that holds the font files and nothing else (libass loads every file it finds). Safe to be called by
    several processes at once."""
    folder = cache / "fonts"
    folder.mkdir(parents=True, exist_ok=True)
    for family in FAMILIES:
        source = font_path(family)
        target = folder / f"{family.replace(' ', '')}{source.suffix}"
        if target.is_file() and target.stat().st_size == source.stat().st_size:
            continue
        fresh = cache / f".{target.name}.{os.getpid()}-{id(target):x}"
        shutil.copyfile(source, fresh)
        fresh.replace(target)
    return folder


def script_of(text: str) -> str:
    """Return `ko`, `ja`, `zh` or `latin`: the writing that a typeface for this text has to know."""
    if any("\uac00" <= sign <= "\ud7a3" or "\u1100" <= sign <= "\u11ff" for sign in text):
        return "ko"
    if any("\u3040" <= sign <= "\u30ff" for sign in text):
        return "ja"
    if any(
        "\u2e80" <= sign <= "\u9fff" or "\uff00" <= sign <= "\uffef" or "\u3000" <= sign <= "\u303f" for sign in text
    ):
        return "zh"
    return "latin"


def font_for(text: str, role: str = "body", size: int = 48) -> FreeTypeFont:
    """Return a typeface of `size` pixels that can write `text`: the role's own (see `ROLES`) for Latin letters, Noto Sans CJK otherwise."""
    from PIL import ImageFont

    script = script_of(text)
    if script != "latin":
        return ImageFont.truetype(str(font_path(CJK)), size, index=_FACES[script])
    family, weight = ROLES.get(role, ROLES["body"])
    font = ImageFont.truetype(str(font_path(family)), size)
    if family in ("Montserrat", "Playfair Display"):
        font.set_variation_by_axes([weight])
    return font
