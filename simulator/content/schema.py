"""Answers that satisfy a JSON schema (JSON Schema 2020-12 as both vendors accept it, or Google's upper-case dialect)."""

from __future__ import annotations

import math
import re

from simulator.content.prompt import Prompt
from simulator.content.teller import Frame, Teller
from simulator.jsons import Json, as_dict, as_int, as_list, as_number, as_str

_DEPTH = 14
_FORMATS = {
    "date": "2026-11-21",
    "date-time": "2026-11-21T09:00:00Z",
    "time": "09:00:00Z",
    "uri": "https://example.invalid/page",
    "email": "someone@example.invalid",
    "uuid": "6f1c3a52-8f0e-4a57-9c1b-2f5f4c1f7a10",
    "hostname": "example.invalid",
    "ipv4": "192.0.2.1",
    "duration": "PT8S",
}
_SAMPLES = (
    "a",
    "word",
    "1",
    "01",
    "ab_01",
    "2026-11-21",
    "09:00",
    "#336699",
    "A1B2C3",
    "en",
    "en-US",
    "720x1280",
    "9:16",
)
_NUMBERS = {"duration": 10.0, "seconds": 8.0, "score": 7.0, "rating": 7.0, "age": 29.0, "year": 2026.0}


class SchemaWriter:
    """Writes one value that satisfies `schema`, its contents driven by `prompt`.

    The common keywords are honoured: type (also lists and Google's `nullable`), properties, items, prefixItems, enum, const,
    $ref into the same document, anyOf/oneOf/allOf, the limits of numbers, strings and lists, format and simple patterns.
    """

    def __init__(self, schema: Json, prompt: Prompt) -> None:
        self._root = schema
        self._prompt = prompt
        self._teller = Teller(prompt)

    def write(self) -> object:
        """Return the value as plain JSON types."""
        schema = self._resolve(self._root)
        base = self._existing(schema)
        if base is not None:
            self._teller.adopt(as_list(base.get("characters")))
        return self._value(schema, Frame("", base=base), 0)

    def _existing(self, schema: Json) -> Json | None:
        """Return the whole drama that the prompt carries, if the answer must be one too (an improvement keeps its ids)."""
        wanted = {"characters", "episodes"}
        if not wanted <= set(as_dict(schema.get("properties"))):
            return None
        todo: list[Json] = list(self._prompt.data)
        while todo:
            found = todo.pop(0)
            if all(isinstance(found.get(k), list) and found[k] for k in wanted):
                return found
            todo += [as_dict(v) for v in found.values() if isinstance(v, dict)]
        return None

    def _resolve(self, schema: Json) -> Json:
        """Return the schema with references followed, `allOf` merged and one branch of `anyOf`/`oneOf` not yet taken."""
        for _ in range(20):
            target = as_str(schema.get("$ref"))
            if not target:
                break
            node: object = self._root
            for step in target.removeprefix("#").strip("/").split("/") if target != "#" else []:
                node = as_dict(node).get(step.replace("~1", "/").replace("~0", "~"))
            schema = {**as_dict(node), **{k: v for k, v in schema.items() if k != "$ref"}}
        for part in as_list(schema.get("allOf")):
            more = self._resolve(as_dict(part))
            properties = {**as_dict(more.get("properties")), **as_dict(schema.get("properties"))}
            schema = {**more, **{k: v for k, v in schema.items() if k != "allOf"}}
            if properties:
                schema["properties"] = properties
        return schema

    def _types(self, schema: Json) -> tuple[list[str], bool]:
        """Return the lower-case types that a schema allows without null, and whether null is allowed."""
        kind = schema.get("type")
        names = [as_str(k).lower() for k in (kind if isinstance(kind, list) else [kind]) if as_str(k)]
        nullable = "null" in names or schema.get("nullable") is True
        names = [n for n in names if n not in ("null", "type_unspecified")]
        if not names and not nullable:
            names = ["object"] if "properties" in schema else ["array"] if "items" in schema else []
        return names, nullable

    def _value(self, schema: Json, frame: Frame, depth: int) -> object:
        schema = self._resolve(schema)
        branches = [self._resolve(as_dict(b)) for b in as_list(schema.get("anyOf")) or as_list(schema.get("oneOf"))]
        names, nullable = self._types(schema)
        if branches:
            solid = [b for b in branches if self._types(b)[0] or "enum" in b or "const" in b or "anyOf" in b]
            nullable = nullable or len(solid) < len(branches)
            if nullable and (not solid or self._leave_empty(frame, depth)):
                return None
            return self._value(
                {**{k: v for k, v in schema.items() if k not in ("anyOf", "oneOf")}, **solid[0]}, frame, depth
            )
        if "const" in schema:
            return schema["const"]
        if nullable and (not names or self._leave_empty(frame, depth)) and "enum" not in schema:
            return None
        if options := [o for o in as_list(schema.get("enum")) if o is not None]:
            return self._choose(options, frame)
        kind = names[0] if names else "string"
        if kind == "object":
            return self._object(schema, frame, depth)
        if kind == "array":
            return self._array(schema, frame, depth)
        if kind == "boolean":
            if isinstance(frame.base, bool):
                return frame.base
            at = frame.parent.index if frame.parent else 0
            return at < 1 + self._prompt.digest[3] % 2 if frame.name in ("main", "is_main") else at % 2 == 0
        return self._number(schema, frame, kind) if kind in ("integer", "number") else self._string(schema, frame)

    def _leave_empty(self, frame: Frame, depth: int) -> bool:
        holder = frame.parent.value if frame.parent else {}
        picture = frame.name in ("duration", "seconds") and holder.get("kind") == "image"
        return (
            picture or depth > _DEPTH or frame.name == "metadata" or frame.name == "url" or frame.name.endswith("_url")
        )

    def _choose(self, options: list[object], frame: Frame) -> object:
        if frame.base in options:
            return frame.base
        at = frame.parent.index if frame.parent else frame.index
        if frame.name == "gender" and frame.parent and frame.parent.name in ("characters", "cast"):
            wanted = self._teller.person(at).gender
            return wanted if wanted in options else options[at % len(options)]
        if frame.name == "language" and self._prompt.language in options:
            return self._prompt.language
        return options[at % len(options)]

    def _object(self, schema: Json, frame: Frame, depth: int) -> Json:
        properties = as_dict(schema.get("properties"))
        required = set(map(as_str, as_list(schema.get("required"))))
        base = as_dict(frame.base)
        early = [n for n in ("kind", "id") if n in properties]
        for name in early + [n for n in properties if n not in early]:
            if depth > _DEPTH and name not in required:
                continue
            inner = Frame(name, parent=frame, base=base.get(name))
            frame.value[name] = self._value(as_dict(properties[name]), inner, depth + 1)
        return {n: frame.value[n] for n in properties if n in frame.value}

    def _array(self, schema: Json, frame: Frame, depth: int) -> list[object]:
        first = [as_dict(p) for p in as_list(schema.get("prefixItems"))]
        item = self._resolve(as_dict(schema.get("items")))
        base = as_list(frame.base)
        of_objects = self._types(item)[0] == ["object"]
        count = len(base) or len(first) or self._teller.length(frame, schema, of_objects)
        if "character_id" in as_dict(item.get("properties")) and frame.name not in ("dialogue", "lines"):
            count = len(self._teller.cast()) or count  # one entry for each person, as a list of voices has
        count = min(count, as_int(schema.get("maxItems"), 100)) if depth <= _DEPTH else 0
        count = max(count, as_int(schema.get("minItems"), 0))
        references = (
            [] if of_objects or "enum" in item else self._teller.references(frame) if frame.name == "depends_on" else []
        )
        made: list[object] = []
        for at in range(count):
            inner = Frame(
                frame.name, parent=frame.parent, index=at, siblings=made, base=base[at] if at < len(base) else None
            )
            if at < len(references) and inner.base is None:
                made.append(references[at])
            else:
                made.append(
                    self._value(
                        first[at] if at < len(first) else item, inner if of_objects else _leaf(inner), depth + 1
                    )
                )
        return list(dict.fromkeys(made)) if schema.get("uniqueItems") and not of_objects else made

    def _number(self, schema: Json, frame: Frame, kind: str) -> float | int:
        known = isinstance(frame.base, int | float) and not isinstance(frame.base, bool)
        at = frame.parent.index if frame.parent else 0
        value = as_number(frame.base, 0) if known else _NUMBERS.get(frame.name, float(at + 1))
        low = as_number(schema.get("minimum"), as_number(schema.get("exclusiveMinimum"), -math.inf))
        high = as_number(schema.get("maximum"), as_number(schema.get("exclusiveMaximum"), math.inf))
        step = as_number(schema.get("multipleOf"), 1.0 if kind == "integer" else 0.0)
        value = min(max(value, low), high)
        if value in (schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")):
            shift = step or (min(high - low, 2.0) / 2)
            value += shift if value == low else -shift
        if step:
            value = (math.ceil if value <= low else math.floor)(value / step) * step
        return int(value) if kind == "integer" else value

    def _string(self, schema: Json, frame: Frame) -> str:
        form, pattern = as_str(schema.get("format")), as_str(schema.get("pattern"))
        if form in _FORMATS:
            return _FORMATS[form]
        old = as_str(frame.base)
        text = self._teller.revise(frame, old) if old else self._teller.string(frame)
        if pattern and not re.search(pattern, text):
            text = next((s for s in _SAMPLES if re.search(pattern, s)), text)
        while len(text) < as_int(schema.get("minLength"), 0):
            text = f"{text} {self._teller.sentence(self._prompt.lexicon.plots, len(text))}"
        return text[: as_int(schema.get("maxLength"), len(text))]


def _leaf(frame: Frame) -> Frame:
    """Give a plain list item a parent that carries its index, as the properties of an object have."""
    holder = Frame(frame.name, parent=frame.parent, index=frame.index)
    return Frame(
        frame.name.removesuffix("s") if frame.name != "depends_on" else frame.name, parent=holder, base=frame.base
    )
