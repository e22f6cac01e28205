"""Vendors' SDKs must not send a paid call again by themselves: only the record decides that."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = {"AsyncOpenAI", "OpenAI", "AsyncAzureOpenAI", "RunwayML", "AsyncRunwayML"}
CLIENTS |= {"LumaAI", "AsyncLumaAI"}
PROVIDERS = sorted(p for p in (ROOT / "services").glob("*/providers/*.py"))


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call with the last part of the called name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Name):
                yield function.id, node
            elif isinstance(function, ast.Attribute):
                yield function.attr, node


def retrying(text: str) -> list[int]:
    """Lines on which an SDK is built in a way that lets it send a call again by itself."""
    bad = []
    for name, call in calls(ast.parse(text)):
        keywords = {word.arg: word.value for word in call.keywords}
        if name in CLIENTS:
            value = keywords.get("max_retries")
            if not (isinstance(value, ast.Constant) and value.value == 0 and value.value is not False):
                bad.append(call.lineno)
        elif name == "HttpRetryOptions":
            value = keywords.get("attempts")
            # In google-genai `attempts` counts the first call; 1 is the smallest that means "once" (0 means the default).
            if not (isinstance(value, ast.Constant) and value.value == 1):
                bad.append(call.lineno)
        elif name == "with_options" and "max_retries" in keywords:
            bad.append(call.lineno)
    return bad


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("AsyncOpenAI(api_key=k)", [1]),
        ("AsyncOpenAI(max_retries=2)", [1]),
        ("openai.AsyncOpenAI(max_retries=0)", []),
        ("AsyncLumaAI(auth_token=k)", [1]),
        ("x = c.with_options(max_retries=3)", [1]),
        ("types.HttpRetryOptions(attempts=5)", [1]),
        ("types.HttpRetryOptions(attempts=1)", []),
    ],
)
def test_the_check_itself(text: str, lines: list[int]) -> None:
    assert retrying(text) == lines


def test_providers_build_clients_that_send_once() -> None:
    built = {name for path in PROVIDERS for name, _ in calls(ast.parse(path.read_text()))} & CLIENTS
    assert built == {"AsyncOpenAI", "AsyncRunwayML", "AsyncLumaAI"}, (
        "the check below must look at every kind of client that is built"
    )
    assert {str(p.relative_to(ROOT)): bad for p in PROVIDERS if (bad := retrying(p.read_text()))} == {}


def test_only_paying_once_calls_submit() -> None:
    """`submit` of an adapter is called from one place."""
    callers = [
        str(path.relative_to(ROOT))
        for folder in ("kit", "services")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for name, call in calls(ast.parse(path.read_text()))
        if name == "submit"
        and isinstance(call.func, ast.Attribute)
        and ast.unparse(call.func.value).endswith("_adapter")
    ]
    assert set(callers) == {"kit/jobs/paid.py"}
