"""The boundaries between the parts, read from the source itself; import-linter keeps the same ones with whole chains."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVICES = sorted(p.name for p in (ROOT / "services").iterdir() if (p / "__main__.py").is_file())
SHIPPED = ("kit", "services", "cli", "stack", "simulator")


def imports_of(text: str, package: str = "") -> set[str]:
    """Every module that a source text imports, at its top or inside a function, with absolute names."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")
                base = ".".join([*parts[: len(parts) - node.level + 1], *([base] if base else [])])
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return found


def sources(*folders: str) -> Iterator[tuple[Path, set[str]]]:
    """Each file of ours below the folders, relative to the root, with what it imports."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            relative = path.relative_to(ROOT)
            package = ".".join(relative.parent.parts)
            yield relative, imports_of(path.read_text(encoding="utf-8"), package)


def uses(imported: set[str], *modules: str) -> list[str]:
    """Those of `imported` that are one of the modules or lie below one."""
    return sorted(name for name in imported if any(name == one or name.startswith(f"{one}.") for one in modules))


def offenders(allowed: str, *modules: str) -> list[str]:
    """Shipped files that import one of the modules although their path does not match the allowed pattern."""
    return [
        f"{path}: {bad}"
        for path, found in sources(*SHIPPED)
        if (bad := uses(found, *modules)) and not path.match(allowed)
    ]


def test_imports_are_found_wherever_they_hide() -> None:
    text = "import a.b\nfrom c import d\nfrom . import e\nfrom ..f import g\ndef h():\n    from services.x import y\n"
    assert imports_of(text, "p.q") >= {"a.b", "c.d", "p.q.e", "p.f.g", "services.x.y"}


def test_there_are_services_to_look_at() -> None:
    assert set(SERVICES) >= {"gateway", "story", "imaging", "video", "storage"}


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_imports_another(service: str) -> None:
    others = [f"services.{other}" for other in SERVICES if other != service]
    assert [(str(p), bad) for p, found in sources(f"services/{service}") if (bad := uses(found, *others))] == []


@pytest.mark.parametrize("folder", ["kit", "cli", "stack", "simulator"])
def test_what_services_stand_on_imports_no_service(folder: str) -> None:
    assert [(str(p), bad) for p, found in sources(folder) if (bad := uses(found, "services"))] == []


def test_kit_imports_nothing_above_it() -> None:
    assert [
        (str(p), bad) for p, found in sources("kit") if (bad := uses(found, "services", "cli", "stack", "simulator"))
    ] == []


def test_only_storage_speaks_sql() -> None:
    bad = [
        f"{path}: {names}"
        for path, found in sources(*SHIPPED)
        if (names := uses(found, "sqlalchemy", "asyncpg", "alembic")) and path.parts[:2] != ("services", "storage")
    ]
    assert bad == []


def test_only_providers_import_vendors_sdks() -> None:
    assert offenders("services/*/providers/*.py", "openai", "google.genai", "runwayml") == []
    assert offenders("services/*/providers/*.py", "lumaai", "replicate") == []


def test_only_the_gateway_speaks_rest() -> None:
    bad = [
        f"{path}: {names}"
        for path, found in sources("kit", "services", "cli", "stack")
        if (names := uses(found, "fastapi", "starlette")) and path.parts[:2] != ("services", "gateway")
    ]
    assert bad == []


def test_only_the_gateway_speaks_graphql() -> None:
    assert offenders("services/gateway/**/*.py", "strawberry", "graphql") == []


def test_generated_code_is_imported_and_never_a_folder_of_ours() -> None:
    assert not (ROOT / "sfd").exists(), "a folder sfd would hide the generated code"
    assert list((ROOT / "gen/sfd").rglob("__init__.py")) == []


def test_services_start_without_heavy_modules() -> None:
    """Models, pictures and vendors' SDKs are loaded when they are needed: a service is up in a second and stays small."""
    heavy = (
        *("numpy", "PIL", "onnxruntime", "av", "scipy", "openai", "google.genai", "jieba"),
        *("runwayml", "lumaai", "replicate", "fal_client"),
    )
    code = (
        f"import sys, importlib; sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'gen')!r}]\n"
        f"for service in {SERVICES!r}:\n"
        f"    importlib.import_module(f'services.{{service}}.__main__')\n"
        f"    print(service, [m for m in {heavy!r} if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.stdout.splitlines(), done.stderr) == ([f"{service} []" for service in SERVICES], "")
