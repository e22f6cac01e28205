"""The schema-driven writer: every answer satisfies the schema that was asked for."""

from __future__ import annotations

import re

import pytest

from simulator.content.prompt import Prompt
from simulator.content.schema import SchemaWriter
from simulator.jsons import Json, as_dict, as_list

PROMPT = Prompt("Answer in JSON.", "A lighthouse keeper named Elin hides a violin.")


def written(schema: Json, prompt: Prompt = PROMPT) -> object:
    return SchemaWriter(schema, prompt).write()


@pytest.mark.parametrize(
    "limits", [{"minimum": 3, "maximum": 5}, {"exclusiveMinimum": 0, "maximum": 1}, {"multipleOf": 4, "minimum": 6}]
)
@pytest.mark.parametrize("kind", ["integer", "number"])
def test_numbers_keep_their_limits(limits: Json, kind: str) -> None:
    value = written({"type": kind, **limits})
    assert isinstance(value, int | float)
    assert value >= float(str(limits.get("minimum", value)))
    assert value <= float(str(limits.get("maximum", value)))
    assert "exclusiveMinimum" not in limits or value > 0
    assert "multipleOf" not in limits or value % 4 == 0


def test_lists_and_texts_keep_their_limits() -> None:
    schema: Json = {
        "type": "array",
        "minItems": 5,
        "maxItems": 6,
        "items": {"type": "string", "minLength": 90, "maxLength": 120},
    }
    texts = as_list(written(schema))
    assert 5 <= len(texts) <= 6
    assert all(90 <= len(str(t)) <= 120 for t in texts)


def test_references_branches_and_recursion_end() -> None:
    node: Json = {
        "type": "object",
        "properties": {"label": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}}},
        "required": ["label", "children"],
    }
    value = as_dict(written({"$ref": "#/$defs/Node", "$defs": {"Node": node}}, Prompt("", "1 child")))
    assert set(value) == {"label", "children"}
    assert written({"anyOf": [{"type": "null"}, {"enum": ["x"]}]}) == "x"
    assert written({"type": ["string", "null"], "const": "y"}) == "y"


def test_googles_dialect() -> None:
    schema: Json = {
        "type": "OBJECT",
        "properties": {
            "tags": {"type": "ARRAY", "minItems": "4", "items": {"type": "STRING"}},
            "url": {"type": "STRING", "nullable": True},
        },
    }
    value = as_dict(written(schema))
    assert len(as_list(value["tags"])) >= 4
    assert value["url"] is None


@pytest.mark.parametrize("pattern", [r"^[a-z0-9_]+$", r"^\d{2}:\d{2}$", r"^#[0-9a-f]{6}$"])
def test_simple_patterns(pattern: str) -> None:
    assert re.search(pattern, str(written({"type": "string", "pattern": pattern})))


@pytest.mark.parametrize(
    ("idea", "script"), [("一位守塔人藏起被盗的小提琴", "[一-鿿]"), ("등대지기가 훔친 바이올린을 숨긴다", "[가-힣]")]
)
def test_the_answer_speaks_the_prompts_language(idea: str, script: str) -> None:
    schema: Json = {"type": "object", "properties": {"title": {"type": "string"}, "description": {"type": "string"}}}
    value = as_dict(written(schema, Prompt("Write in the user's language.", idea)))
    assert all(re.search(script, str(v)) for v in value.values())


def test_an_improvement_keeps_the_ids() -> None:
    person: Json = {"type": "object", "properties": {"id": {"type": "string"}, "description": {"type": "string"}}}
    listed: Json = {"type": "array", "items": person}
    schema: Json = {"type": "object", "properties": {"characters": listed, "episodes": listed}}
    old = '{"drama": {"characters": [{"id": "c9", "description": "Shy."}], "episodes": [{"id": "e7", "description": "Fog."}]}}'
    value = as_dict(written(schema, Prompt("Improve it.", f"More rain. {old}")))
    (c,), (e,) = map(as_list, (value["characters"], value["episodes"]))
    assert (as_dict(c)["id"], as_dict(e)["id"]) == ("c9", "e7")
    assert str(as_dict(e)["description"]).startswith("Fog. ")


def test_the_same_prompt_gives_the_same_answer_and_another_prompt_another() -> None:
    schema: Json = {"type": "object", "properties": {"description": {"type": "string"}}}
    assert written(schema) == written(schema)
    assert written(schema) != written(schema, Prompt("", "Two bakers race across a frozen river."))


@pytest.mark.parametrize(
    ("words", "wanted"),
    [("with 5 episodes", 5), ("three episodes, 1-2 main characters", 3), ("2 or 3 episodes", 2), ("a tale", None)],
)
def test_counts_are_read_from_the_words(words: str, wanted: int | None) -> None:
    assert Prompt("", words).count("episode") == wanted
    assert Prompt("", "1-2 main characters").count("character") is None
