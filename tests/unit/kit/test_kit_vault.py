"""Envelope encryption: nothing opens anywhere but where it was sealed, and nothing tells a secret."""

from __future__ import annotations

import base64
import hashlib
import os
import traceback
import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from kit.vault.envelope import CannotOpen, DataKey, Place, bind, new_data_key, open_sealed, seal
from kit.vault.legacy import import_fernet
from kit.vault.master import LocalMasterKeys, derive, load_master_keys, parse_key_file, unwrap, wrap

ALICE, BOB = str(uuid.uuid4()), str(uuid.uuid4())
SECRET = b"whsec_the-one-that-nobody-may-see"
texts = st.text(max_size=40)


@given(st.binary(max_size=2000), texts, texts, texts)
def test_what_is_sealed_opens_at_its_place_and_at_no_other(
    secret: bytes, account: str, purpose: str, thing: str
) -> None:
    key, place = new_data_key(account), Place(account, purpose, thing)
    sealed = seal(key, place, secret)
    assert open_sealed(key, place, sealed) == secret
    assert seal(key, place, secret) != sealed
    for other in (
        replace(place, purpose=purpose + "x"),
        replace(place, thing=thing + "x"),
        Place(account, thing + "y", purpose),
    ):
        with pytest.raises(CannotOpen):
            open_sealed(key, other, sealed)


@given(st.lists(texts), st.lists(texts))
def test_no_two_places_are_bound_alike(one: list[str], other: list[str]) -> None:
    assert (bind(*one) == bind(*other)) == (one == other)


def test_a_row_moved_to_another_account_does_not_open() -> None:
    key = new_data_key(ALICE)
    sealed = seal(key, Place(ALICE, "webhook", "wh_1"), SECRET)
    for thief in (new_data_key(BOB), DataKey(key.id, BOB, key.key), DataKey(key.id, BOB, os.urandom(32))):
        with pytest.raises(CannotOpen):
            open_sealed(thief, Place(BOB, "webhook", "wh_1"), sealed)
    with pytest.raises(ValueError, match="another account"):
        seal(key, Place(BOB, "webhook", "wh_1"), SECRET)


def test_every_changed_bit_is_noticed() -> None:
    key, place = new_data_key(ALICE), Place(ALICE, "webhook", "wh_1")
    sealed = seal(key, place, SECRET)
    for at in range(len(sealed)):
        changed = bytearray(sealed)
        changed[at] ^= 1
        with pytest.raises(CannotOpen):
            open_sealed(key, place, bytes(changed))
    for cut in range(len(sealed)):
        with pytest.raises(CannotOpen):
            open_sealed(key, place, sealed[:cut])


async def test_master_keys_rotate_and_old_versions_still_open() -> None:
    old, new = os.urandom(32), os.urandom(32)
    key = new_data_key(ALICE)
    stored = await wrap(LocalMasterKeys({1: old}), key)
    both = LocalMasterKeys({1: old, 2: new})
    assert await unwrap(both, stored) == key
    again = await wrap(both, key)
    assert (stored.version, again.version) == (1, 2)
    for wrong in (
        unwrap(LocalMasterKeys({2: new}), stored),
        unwrap(LocalMasterKeys({1: new}), stored),
        unwrap(both, replace(stored, version=2)),
        unwrap(both, replace(stored, account_id=BOB)),
        unwrap(both, replace(stored, id=uuid.uuid4())),
        unwrap(both, replace(stored, wrapped=stored.wrapped[:-1])),
        unwrap(both, replace(stored, wrapped=b"")),
    ):
        with pytest.raises(CannotOpen):
            await wrong


async def test_settings_become_master_keys(tmp_path: Path) -> None:
    assert await load_master_keys("", None) is None
    file = tmp_path / "keys"
    file.write_text("# the second\n2 correct horse battery staple\n\n")
    key = new_data_key(ALICE)
    first = await load_master_keys("any string", None)
    both = await load_master_keys("any string", file)
    assert first is not None
    assert both is not None
    assert await unwrap(both, await wrap(first, key)) == key
    assert (await wrap(both, key)).version == 2
    assert derive("2") != derive("1")
    assert parse_key_file("1 a\n 2  b c \n") == {1: "a", 2: "b c"}


@pytest.mark.parametrize("text", ["secret", "0 secret", "x secret", "1 ", "1 secret\n1 secret", "99999999999 secret"])
def test_a_bad_key_file_is_told_without_its_secret(text: str) -> None:
    with pytest.raises(ValueError, match="line") as told:
        parse_key_file(text)
    assert "secret" not in str(told.value).replace("a secret", "")


async def test_nothing_shows_a_secret() -> None:
    key, place, master = new_data_key(ALICE), Place(ALICE, "webhook", "wh_1"), LocalMasterKeys({1: b"m" * 32})
    shown = [repr(key), str(key), repr(master), repr(await wrap(master, key))]
    try:
        open_sealed(key, place, seal(key, place, SECRET)[:-1])
    except CannotOpen as error:
        shown += traceback.format_exception(error)
    for text in shown:
        assert not any(part in text for part in (SECRET.decode(), repr(key.key)[2:-1], "mmmm"))


def test_rows_of_fernet_are_taken_over() -> None:
    fernet = Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"legacy").digest()))
    key, place = new_data_key(ALICE), Place(ALICE, "vendor/openai", "k1")
    assert open_sealed(key, place, import_fernet("legacy", fernet.encrypt(SECRET), key, place)) == SECRET
    with pytest.raises(CannotOpen):
        import_fernet("another", fernet.encrypt(SECRET), key, place)
