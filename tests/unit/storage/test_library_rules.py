"""Labels, file names and keys of the asset library."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.identity import DEFAULT_ACCOUNT_ID
from kit.library_json import SERVER_KEYS, library_json
from services.storage.assets import library_rules as rules
from services.storage.assets.confirm import Confirmer
from services.storage.assets.library_listing import tag_and_type
from services.storage.assets.library_store import LibraryStore
from services.storage.assets.store import AssetStore
from services.storage.config import StorageSettings
from services.storage.db import Database
from services.storage.objects import Objects
from sfd.assets.v1.library_pb2 import LibraryAsset

HOME = uuid.UUID(DEFAULT_ACCOUNT_ID)
OTHER = uuid.UUID(int=7)
ASSET = uuid.UUID("6fd0c5ff-5a51-4f0a-8a3e-0d6f3d1f8a11")


@pytest.mark.parametrize(
    ("given_", "label"),
    [
        ("My Project", "my_project"),
        ("drama_a1B2", "drama_a1b2"),
        ("../../etc/passwd", "etc_passwd"),
        ("__a--b__", "a--b"),
        ("a.b:c", "a_b_c"),
        ("a\r\nb\0c", "a_b_c"),
        ("10000", "10000"),
    ],
)
def test_identifiers(given_: str, label: str) -> None:
    assert rules.identifier(given_) == label


def test_nothing_left_still_tells_two_names_apart() -> None:
    one, two = rules.identifier("물의 노래"), rules.identifier("불의 노래")
    assert one != two
    assert one.startswith("id_")
    assert rules.identifier("물의 노래") == one


@given(st.text(max_size=400))
def test_an_identifier_is_always_one(text: str) -> None:
    label = rules.identifier(text)
    assert re.fullmatch(r"[a-z0-9-]([a-z0-9_-]{0,126}[a-z0-9-])?", label)
    assert "__" not in label
    assert rules.identifier(label) == label


@pytest.mark.parametrize(
    ("given_", "name"),
    [
        ("Mina Portrait.PNG", "mina_portrait.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a b.jpg", "a_b.jpg"),
        ("a\r\nSet-Cookie: x.png", "a_set-cookie_x.png"),
        ("evil\0.png", "evil_.png"),
        (".htaccess", "htaccess"),
        ("..", "none"),
        ("", "none"),
        ("물.png", "png"),
        ("x" * 300 + ".jpeg", "x" * 123 + ".jpeg"),
    ],
)
def test_file_names(given_: str, name: str) -> None:
    assert rules.file_name(given_, "none") == name


@given(st.text(max_size=400))
def test_a_file_name_is_always_one(text: str) -> None:
    name = rules.file_name(text, "none")
    assert re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,127}", name)
    assert rules.file_name(name, "none") == name


def test_keys_are_those_of_the_contract_at_home_and_apart_elsewhere() -> None:
    assert rules.object_key(HOME, "10000", "p", "image", ASSET, "png") == f"10000/p/images/{ASSET}.png"
    assert rules.metadata_key(HOME, "10000", "p", "video", ASSET) == f"10000/p/videos/{ASSET}.json"
    assert rules.project_key(HOME, "10000", "p") == "10000/p/meta/project.json"
    assert rules.project_key(OTHER, "10000", "p") == f"accounts/{OTHER}/10000/p/meta/project.json"
    text = rules.object_key(HOME, "10000", "p", "text", ASSET, "json")
    assert text != rules.metadata_key(HOME, "10000", "p", "text", ASSET)


def test_custom_keys_never_replace_the_servers() -> None:
    forged = ",".join(f'"{name}": "forged"' for name in sorted(SERVER_KEYS))
    shown = library_json(LibraryAsset(asset_id="x", metadata_json=f'{{"mood": "blue", {forged}}}'))
    assert shown["mood"] == "blue"
    assert "forged" not in shown.values()


@pytest.mark.parametrize(
    ("owner", "what", "asset_type", "expected"),
    [
        ("character", "portrait", "image", ("character", "character_portrait")),
        ("character", "audition", "video", ("character", "character_audition")),
        ("scene", "storyboard", "image", ("storyboard", "scene_storyboard")),
        ("scene", "clip", "video", ("clip", "scene_video_clip")),
        ("episode", "film", "video", ("clip", "episode_film")),
        ("drama", "cover", "image", ("storyboard", "drama_cover")),
        ("character", "look-3", "video", ("character", "character_video")),
        ("elsewhere", "new", "video", ("clip", "video")),
    ],
)
def test_tags(owner: str, what: str, asset_type: str, expected: tuple[str, str]) -> None:
    assert tag_and_type(owner, what, asset_type) == expected


def test_with_a_public_bucket_the_url_is_the_contracts() -> None:
    settings = StorageSettings.model_validate(
        {
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
            "SFD_INTERNAL_SECRET": "x" * 32,
            "R2_ENDPOINT_URL": "http://127.0.0.1:1",
            "R2_ACCESS_KEY_ID": "x",
            "R2_SECRET_ACCESS_KEY": "x",
            "R2_PUBLIC_URL": "https://cdn.example.com/",
        }
    )
    database, objects = Database(settings.database_url.get_secret_value()), Objects(settings)
    store = LibraryStore(
        database, objects, Confirmer(database, objects), AssetStore(database, objects, settings).url, lambda: None
    )
    now = datetime(2026, 11, 26, 2, 40, 11, 5, tzinfo=UTC)
    labels = {"user_id": "10000", "project_name": "p", "asset_type": "image", "tag": "clip", "filename": "a.png"}
    row = {
        **labels,
        "id": ASSET,
        "account_id": HOME,
        "stored_id": OTHER,
        "metadata": "{}",
        "created_at": now,
        "updated_at": now,
        "bytes": 7,
        "content_type": "image/png",
        "sha256": "0",
        "capability": "c",
        "object_key": "objects/secret",
        "r2_key": f"10000/p/images/{ASSET}.png",
    }
    shown = library_json(store.message(row))
    assert shown["public_url"] == f"https://cdn.example.com/10000/p/images/{ASSET}.png"
    assert shown["created_at"] == "2026-11-26T02:40:11.000005Z"
