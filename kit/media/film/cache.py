"""Speech and layers kept on disk by the hash of all that makes them, so that a repeated clip draws and speaks nothing twice.

Files are written under another name and renamed: a reader never sees half a file, and two writers of one key write the same bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter, ValidationError

from kit.media.illustration.layers import ActorLayer, Face, SceneLayers
from kit.media.specs import SceneSpec
from kit.speech.shapes import PhoneTime, Speech, Voice, WordTime

VERSION = 1
"""Raise it when voices or painters change what they make of the same input."""


def _key(*parts: object) -> str:
    return hashlib.sha256(json.dumps([VERSION, *parts], sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:40]


class Cache:
    """A folder of speech and layers. Several processes may share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def _load(self, name: str) -> zipfile.ZipFile | None:
        try:
            return zipfile.ZipFile(io.BytesIO((self._folder / name).read_bytes()))
        except (FileNotFoundError, zipfile.BadZipFile):
            return None

    def _save(self, name: str, facts: object, files: dict[str, bytes]) -> None:
        handle, temporary = tempfile.mkstemp(dir=self._folder, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_STORED) as archive:
                archive.writestr("facts.json", json.dumps(facts, ensure_ascii=False))
                for entry, data in files.items():
                    archive.writestr(entry, data)
            Path(temporary).replace(self._folder / name)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                Path(temporary).unlink()
            raise

    def speech(
        self, make: Callable[[str, Voice, str, str], Speech], text: str, voice: Voice, language: str, emotion: str
    ) -> Speech:
        """The speech of a line, made by `make` unless it is here."""
        name = f"speech-{_key(text, asdict(voice), language, emotion)}.zip"
        archive = self._load(name)
        if archive is not None:
            with archive:
                facts = json.loads(archive.read("facts.json"))
                pcm = np.frombuffer(archive.read("pcm.f32"), np.float32)
            words = tuple(WordTime(*w) for w in facts["words"])
            return Speech(pcm, words, tuple(PhoneTime(*p) for p in facts["phones"]))
        made = make(text, voice, language, emotion)
        times = {
            "words": [[w.text, w.start, w.end] for w in made.words],
            "phones": [[p.phone, p.start, p.end] for p in made.phones],
        }
        self._save(name, times, {"pcm.f32": made.pcm.tobytes()})
        return made

    def layers(self, make: Callable[[SceneSpec], SceneLayers], scene: SceneSpec) -> SceneLayers:
        """The layers of a scene, painted by `make` unless they are here."""
        name = f"layers-{_key(asdict(scene))}.zip"
        archive = self._load(name)
        if archive is not None:
            with archive, contextlib.suppress(ValidationError, KeyError):  # written by another version: painted again
                return _unpack_layers(archive)
        made = make(scene)
        self._save(name, *_pack_layers(made))
        return made


def _plain(thing: ActorLayer | SceneLayers) -> dict[str, object]:
    """The fields that JSON can hold: no bytes, no pictures by face."""
    values = {f.name: getattr(thing, f.name) for f in fields(thing) if f.name not in ("actors", "patches")}
    return {
        k: asdict(v) if is_dataclass(v) and not isinstance(v, type) else v
        for k, v in values.items()
        if not isinstance(v, bytes)
    }


def _pack_layers(made: SceneLayers) -> tuple[object, dict[str, bytes]]:
    files = {"background": made.background} | ({"foreground": made.foreground} if made.foreground is not None else {})
    actors = []
    for number, actor in enumerate(made.actors):
        files[f"{number}/body"] = actor.body
        files |= {f"{number}/{index}": png for index, png in enumerate(actor.patches.values())}
        actors.append({"faces": [list(face) for face in actor.patches], "plain": _plain(actor)})
    return {"actors": actors, "plain": _plain(made)}, files


def _unpack_layers(archive: zipfile.ZipFile) -> SceneLayers:
    facts = json.loads(archive.read("facts.json"))
    actor_type = TypeAdapter(ActorLayer)
    actors = []
    for number, actor in enumerate(facts["actors"]):
        patches = {Face(*face): archive.read(f"{number}/{index}") for index, face in enumerate(actor["faces"])}
        body = archive.read(f"{number}/body")
        actors.append(actor_type.validate_python(actor["plain"] | {"body": body, "patches": patches}))
    pictures = {name: archive.read(name) for name in ("background", "foreground") if name in archive.namelist()}
    return TypeAdapter(SceneLayers).validate_python(facts["plain"] | pictures | {"actors": tuple(actors)})
