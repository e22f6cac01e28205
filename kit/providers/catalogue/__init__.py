"""What is known of the vendors' models: names, prices, limits, how they end. Facts are the files in `rows/`, one a vendor.

Prices change often, so an operator's own file (`SFD_CATALOGUE`, the same shape) adds rows, and changes single fields of known ones. A row
whose price or part of it is taken from the nearest documented model is `estimated`. All money is int64 nano-USD: 1 USD per million
tokens is 1000 nano-USD per token.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from kit.errors import InvalidInput
from kit.jsonio import load_object
from kit.providers.catalogue.model import Film, Kind, Mode, Model, PriceCase

ROWS = Path(__file__).with_name("rows")


__all__ = [
    "Catalogue",
    "Film",
    "Kind",
    "Mode",
    "Model",
    "OldName",
    "PriceCase",
    "Resolved",
    "Retired",
    "house",
    "load",
    "price",
    "resolve",
    "rows_json",
    "rows_of_json",
    "typical_seconds",
]


@dataclass(frozen=True)
class Retired:
    """A name that no vendor answers to any more, and the model that takes its place."""

    kind: Kind
    vendor: str
    id: str
    successor: str


@dataclass(frozen=True)
class OldName:
    """A name that people still send, of a model that is gone: `vendor` had it, one of `successors` (`vendor/model`) takes its place.

    They are in order: the first whose vendor can be used counts.
    """

    kind: Kind
    vendor: str
    id: str
    successors: tuple[str, ...]


@dataclass(frozen=True)
class Resolved:
    """The model to use; `warning` says for a person what was taken otherwise than asked, or is empty."""

    model: Model
    warning: str = ""


@dataclass(frozen=True)
class _Rows:
    models: tuple[Model, ...]
    retired: tuple[Retired, ...] = ()
    names: tuple[OldName, ...] = ()


class Catalogue:
    """All rows, looked up by kind, vendor and name."""

    def __init__(self, models: Iterable[Model], retired: Iterable[Retired], names: Iterable[OldName] = ()) -> None:
        self.models = tuple(models)
        self._models = {(m.kind, m.vendor, m.id): m for m in self.models}
        self._retired = {(r.kind, r.vendor, r.id): r.successor for r in retired}
        self._old = {(n.kind, n.id): n for n in names}
        self.added: tuple[Model, ...] = ()
        """What `extended` has put to its end."""

    def vendors(self, kind: Kind) -> tuple[str, ...]:
        """Returns the vendors that do `kind`, in the order of the rows."""
        return tuple(dict.fromkeys(m.vendor for m in self.models if m.kind == kind))

    def resolve(self, kind: Kind, vendor: str, name: str = "") -> Resolved:
        """Returns the living model that `name` stands for; an empty name means the vendor's default.

        Raises `InvalidInput` for an unknown vendor or name, with the known ones in the message.
        """
        known = [m for m in self.models if m.kind == kind and m.vendor == vendor]
        if not known:
            names = ", ".join(self.vendors(kind))
            raise InvalidInput(
                f"{vendor!r} does no {kind}; known are: {names}.", reason="unknown_vendor", field="vendor"
            )
        if not name or vendor == "local":
            return Resolved(next((m for m in known if m.default), known[0]))
        wanted = name.removeprefix(f"{vendor}/")
        model, hops = self._models.get((kind, vendor, wanted)), 0
        while model is None and hops < 4 and wanted in self._names(kind, vendor):
            wanted, hops = self._retired[kind, vendor, wanted], hops + 1
            model = self._models.get((kind, vendor, wanted))
        if model is None:
            names = ", ".join(m.id for m in known)
            raise InvalidInput(
                f"{vendor} has no {kind} model {name!r}; known are: {names}.", reason="unknown_model", field="model"
            )
        return Resolved(model, f"{name} is retired; {model.id} is used instead." if hops else "")

    def extended(self, models: Iterable[Model]) -> Catalogue:
        """Returns the same catalogue with more models at its end."""
        added = tuple(models)
        made = Catalogue((*self.models, *added), (), self._old.values())
        made._retired, made.added = self._retired, (*self.added, *added)
        return made

    def with_key_slots(self, kind: Kind, slots: Mapping[str, int]) -> Catalogue:
        """Returns the same catalogue with other numbers of calls at once for vendors' keys: what a key may do depends on its contract."""

        def told(models: Iterable[Model]) -> tuple[Model, ...]:
            return tuple(
                replace(model, key_slots=slots[model.vendor]) if model.kind == kind and model.vendor in slots else model
                for model in models
            )

        made = Catalogue(told(self.models), (), self._old.values())
        made._retired, made.added = self._retired, told(self.added)
        return made

    @property
    def old_names(self) -> tuple[OldName, ...]:
        """The names of old that are still taken."""
        return tuple(self._old.values())

    def old_name(self, kind: Kind, name: str) -> OldName | None:
        """Returns what takes the place of a name of old; None for any other name."""
        return self._old.get((kind, name))

    def find(self, kind: Kind, name: str) -> Resolved:
        """Returns the model that `name` stands for at whichever vendor has it; raises `InvalidInput` when none has."""
        for vendor in self.vendors(kind):
            if name == vendor:
                return self.resolve(kind, vendor)
            wanted = name.removeprefix(f"{vendor}/")
            if (kind, vendor, wanted) in self._models or (kind, vendor, wanted) in self._retired:
                return self.resolve(kind, vendor, wanted)
        names = ", ".join(m.id for m in self.models if m.kind == kind)
        raise InvalidInput(
            f"There is no {kind} model {name!r}; known are: {names}.", reason="unknown_model", field="model"
        )

    def _names(self, kind: Kind, vendor: str) -> set[str]:
        return {name for k, v, name in self._retired if (k, v) == (kind, vendor)}


def price(model: Model, **units: int) -> int:
    """Returns the nano-USD of so many units, such as `seconds=10`; a unit without a price is a bug, except for a free model."""
    if not model.prices:
        return 0
    return sum(model.prices[unit] * count for unit, count in units.items())


def typical_seconds(model: Model, **units: int) -> float:
    """Returns how long so many units usually take, such as `images=1`; a unit that nobody has measured takes no time."""
    return sum(model.typical_seconds.get(unit, 0.0) * count for unit, count in units.items())


def load(path: str = "") -> Catalogue:
    """Returns the house's rows with those of the file at `path` over them; raises `InvalidInput` for a file that is not sound."""
    base: dict[str, Any] = {"models": [], "retired": [], "names": []}
    for file in sorted(ROWS.glob("*.json"), key=lambda file: (file.stem != "local", file.stem)):
        for part, rows in load_object(file.read_text(encoding="utf-8"), file.name).items():
            base[part] += rows
    if path:
        try:
            own = load_object(Path(path).read_text(encoding="utf-8"), "SFD_CATALOGUE")
        except OSError as error:
            raise InvalidInput(f"The catalogue {path} cannot be read.", field="SFD_CATALOGUE") from error
        base = _merged(base, own)
    try:
        rows = TypeAdapter(_Rows).validate_python(base)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise InvalidInput(f"The catalogue is not sound at {where}.", field="SFD_CATALOGUE") from error
    return Catalogue(rows.models, rows.retired, rows.names)


@cache
def house(path: str | None = None) -> Catalogue:
    """Returns the catalogue of this process, read once; without `path` the file is the one that `SFD_CATALOGUE` names."""
    return load(os.environ.get("SFD_CATALOGUE", "") if path is None else path)


def resolve(kind: Kind, vendor: str, name: str = "") -> Resolved:
    """As `Catalogue.resolve`, of this process's catalogue."""
    return house().resolve(kind, vendor, name)


def rows_json(models: Iterable[Model]) -> str:
    """Returns rows as a JSON array, for another process of the house."""
    return TypeAdapter(tuple[Model, ...]).dump_json(tuple(models)).decode()


def rows_of_json(text: str) -> tuple[Model, ...]:
    """Returns the rows of such an array; none for an empty text. Raises `InvalidInput`."""
    try:
        return TypeAdapter(tuple[Model, ...]).validate_json(text) if text else ()
    except ValidationError as error:
        raise InvalidInput("The rows are not sound.", field="rows_json") from error


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for part in ("models", "retired", "names"):
        rows = {(r["kind"], r["vendor"], r["id"]): dict(r) for r in base.get(part, [])}
        for row in own.get(part, []):
            try:
                key = (row["kind"], row["vendor"], row["id"])
            except (KeyError, TypeError) as error:
                raise InvalidInput("A catalogue row needs kind, vendor and id.", field="SFD_CATALOGUE") from error
            rows[key] = {**rows.get(key, {}), **row}
        merged[part] = list(rows.values())
    return merged
