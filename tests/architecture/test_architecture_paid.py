"""Vendors' SDKs must not send a paid call again by themselves: only the record decides that."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = {
    *("AsyncOpenAI", "OpenAI", "AsyncAzureOpenAI", "AzureOpenAI"),
    *("RunwayML", "AsyncRunwayML"),
    *("LumaAI", "AsyncLumaAI"),
}
"""Clients that send a POST up to three times unless they are told not to; none of them sends an idempotency key."""
FAL_SENDS = {"submit", "submit_async", "subscribe", "subscribe_async", "run", "run_async", "stream", "stream_async"}
"""fal-client sends each of these up to ten times; only its `MAX_ATTEMPTS` says how often."""
SDKS = {"openai", "google", "runwayml", "lumaai", "replicate", "fal_client"}
"""Vendors' SDKs whose ways of sending again `retrying` knows."""
OURS = {"kit", "services", "sfd"}
PLAIN = {"httpx", "httpx2", "structlog", "pydantic", "PIL", "jwt"}
PROVIDERS = sorted(p for p in (ROOT / "services").glob("*/providers/*.py"))


def imported(tree: ast.AST) -> set[str]:
    """The first names of all modules that are imported."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").split(".")[0])
    return found


def sends_once(tree: ast.AST) -> bool:
    """Whether a file sets fal-client's number of attempts to one."""
    return any(
        isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and node.value.value == 1
        and any(isinstance(t, ast.Attribute) and t.attr == "MAX_ATTEMPTS" for t in node.targets)
        for node in ast.walk(tree)
    )


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
    tree = ast.parse(text)
    fal = "fal_client" in imported(tree) and not sends_once(tree)
    for name, call in calls(tree):
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
        elif name in ("with_options", "copy") and "max_retries" in keywords:
            bad.append(call.lineno)
        elif name == "RetryTransport" or (fal and name in FAL_SENDS):
            # Replicate's transport leaves POST alone unless it is built by hand.
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
        ("AsyncRunwayML(api_key=k)", [1]),
        ("lumaai.AsyncLumaAI(auth_token=k, max_retries=n)", [1]),
        ("lumaai.AsyncLumaAI(auth_token=k, max_retries=0)", []),
        ("replicate.Client(api_token=k)", []),
        ("RetryTransport(t, retryable_methods=['POST'])", [1]),
        ("import fal_client\nfal_client.AsyncClient(key=k).submit(a, b)", [2]),
        ("from fal_client import AsyncClient\nself._fal.subscribe(a)", [2]),
        ("import fal_client\nfal_client.client.MAX_ATTEMPTS = 1\nself._fal.submit(a, b)", []),
        ("import fal_client\nfal_client.client.MAX_ATTEMPTS = 2\nself._fal.submit(a, b)", [3]),
    ],
)
def test_the_check_itself(text: str, lines: list[int]) -> None:
    assert retrying(text) == lines


def test_every_sdk_that_providers_use_is_known_here() -> None:
    used = set().union(*(imported(ast.parse(path.read_text())) for path in PROVIDERS))
    strangers = used - SDKS - OURS - PLAIN - sys.stdlib_module_names
    assert strangers == set(), "say in `retrying` how it sends again, and how that is switched off"
    assert "openai" in used


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
