"""Every setting is in `.env.example` and in docs/operations.md, with the default that the code has, and nothing else is."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest
from pydantic import SecretStr
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from stack.env_file import GENERATED

ROOT = Path(__file__).resolve().parents[2]
REQUIRED = "required"
EMPTY = "empty"
MODULES = (
    "kit.config",
    *(f"services.{path.parent.name}.config" for path in sorted((ROOT / "services").glob("*/config.py"))),
)
# Of the system, not of ours.
FOREIGN = {"PATH", "HOME", "PYTHONPATH", "HTTPS_PROXY", "TERM", "COLUMNS", "NO_COLOR", "LANG", "CI"}


def shown(default: object) -> str:
    """How a default is written in the two files."""
    if default is PydanticUndefined:
        return REQUIRED
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, float):
        return f"{default:g}"
    return str(default) or EMPTY


def of_classes() -> dict[str, str]:
    """Name and default of every field of every settings class; two classes that share one must agree."""
    found: dict[str, str] = {}
    for module in MODULES:
        for kind in vars(importlib.import_module(module)).values():
            if isinstance(kind, type) and issubclass(kind, BaseSettings) and kind is not BaseSettings:
                for name, field in kind.model_fields.items():
                    assert field.alias, f"{module}.{kind.__name__}.{name} has no name in the environment"
                    default = shown(field.default)
                    assert found.setdefault(field.alias, default) == default, f"{field.alias} has two defaults"
    return found


def read_directly() -> set[str]:
    """Names that shipped code takes from the environment without a settings class, as constants or command line options."""
    found: set[str] = set()
    for folder in ("kit", "services", "cli", "stack", "simulator"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                found |= names_in(node)
    return found - FOREIGN


def names_in(node: ast.AST) -> set[str]:
    """Names of environment variables in one expression."""
    key: ast.expr | None = None
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func)
        if called in ("os.environ.get", "os.getenv", "environ.get") and node.args:
            key = node.args[0]
        for word in node.keywords:
            if word.arg == "envvar":
                key = word.value
    elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
        key = node.slice
    return {key.value} if isinstance(key, ast.Constant) and isinstance(key.value, str) else set()


def in_compose() -> set[str]:
    """Names that docker-compose.yml takes from `.env`."""
    text = "\n".join(
        line for line in (ROOT / "docker-compose.yml").read_text().splitlines() if not line.lstrip().startswith("#")
    )
    return set(re.findall(r"\$\{([A-Z][A-Z0-9_]*)", text))


SETTINGS = of_classes()
KNOWN = SETTINGS.keys() | read_directly() | set(GENERATED) | in_compose()


def documented() -> dict[str, str]:
    """Name and default of the rows of the tables in docs/operations.md."""
    rows = re.findall(r"^\| `([A-Z][A-Z0-9_]*)` \| ([^|]*) \|", (ROOT / "docs/operations.md").read_text(), re.MULTILINE)
    assert len(rows) == len({name for name, _ in rows}), "a setting is explained twice"
    return {name: default.strip().strip("`") for name, default in rows}


def exampled() -> dict[str, str]:
    """Name and value of the assignments in `.env.example`, all of them commented out."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == [], "the example must change nothing"
    return {
        name: value
        for line in lines
        if (match := re.fullmatch(r"#([A-Z][A-Z0-9_]*)=(.*)", line))
        for name, value in [match.groups()]
    }


def test_names_are_found() -> None:
    text = (
        "os.environ.get('A', ''); os.environ['B']; os.getenv('C'); typer.Option('-x', envvar='D'); os.environ.get(name)"
    )
    assert {name for node in ast.walk(ast.parse(text)) for name in names_in(node)} == {"A", "B", "C", "D"}
    assert {"DATABASE_URL", "SFD_NAME", "SFD_FAILPOINTS", "ENCRYPTION_KEY"} <= KNOWN


def test_operations_explains_every_setting_and_no_other() -> None:
    assert sorted(documented()) == sorted(KNOWN)


def test_the_example_lists_every_setting_and_no_other() -> None:
    assert sorted(exampled()) == sorted(KNOWN)


@pytest.mark.parametrize(("name", "default"), sorted(SETTINGS.items()))
def test_defaults_are_told_as_they_are(name: str, default: str) -> None:
    assert documented()[name] == default
    assert exampled()[name] == ("" if default in (REQUIRED, EMPTY) else default)


def test_settings_of_ours_begin_with_our_name_or_are_the_contracts() -> None:
    """Other names are those that users of such systems know; a new one is written here."""
    contracts = {
        *(
            "ENVIRONMENT",
            "HOST",
            "PORT",
            "API_KEYS",
            "CORS_ORIGINS",
            "MAX_RETRIES",
            "DATABASE_URL",
            "NATS_URL",
            "FFMPEG",
        ),
        *("R2_ACCOUNT_ID", "R2_ENDPOINT_URL", "R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY", "R2_BUCKET", "R2_PUBLIC_URL"),
        *("OPENAI_API_KEY", "OPENAI_API_BASE", "GPT_MODEL", "GEMINI_API_KEY", "GEMINI_API_BASE", "GEMINI_DRAMA_MODEL"),
        *("NANO_BANANA_API_KEY", "NANO_BANANA_API_BASE", "SORA_API_KEY", "SORA_API_BASE", "REFERENCE_IMAGE_URL"),
        *("RUNWAYML_API_SECRET", "RUNWAY_API_BASE", "LUMAAI_API_KEY", "LUMA_API_BASE", "FAL_KEY", "FAL_API_BASE"),
        *("REPLICATE_API_TOKEN", "REPLICATE_API_BASE", "VEO_API_BASE", "KLING_API_KEY", "KLING_API_BASE"),
        *("MINIMAX_API_KEY", "MINIMAX_API_BASE", "ARK_API_KEY", "ARK_API_BASE"),
        *("OPENAI_WEBHOOK_SECRET", "REPLICATE_WEBHOOK_SECRET", "FAL_JWKS_URL"),
        *("ENCRYPTION_KEY", "SECRET_KEY", "JWT_SECRET_KEY"),
    }
    assert sorted(name for name in KNOWN if not name.startswith("SFD_") and name not in contracts) == []


def test_every_test_that_a_promise_names_is_there() -> None:
    """docs/operations.md says where each promise is proved."""
    named = re.findall(r"`(tests/\S+?)::(\w+)`", (ROOT / "docs/operations.md").read_text())
    assert len(named) > 10
    assert [f"{file}::{name}" for file, name in named if f"def {name}(" not in (ROOT / file).read_text()] == []
