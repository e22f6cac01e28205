"""The contract: every RPC and every route has its rule, everything is explained, and nothing released is broken."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2
from grpc_tools import _proto, protoc

from services.gateway.app import ROUTERS, route_paths
from services.gateway.auth import RULES
from sfd.options.v1 import access_pb2

ROOT = Path(__file__).resolve().parents[2]
PROTOS = ROOT / "protos"
BUF = Path(sys.executable).parent / "buf"
F = descriptor_pb2.FileDescriptorProto
M = descriptor_pb2.DescriptorProto
E = descriptor_pb2.EnumDescriptorProto
S = descriptor_pb2.ServiceDescriptorProto


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[F]:
    """Every proto file of ours as protoc reads it, with its comments."""
    return described(PROTOS, tmp_path_factory.mktemp("set") / "all.binpb")


def described(protos: Path, out: Path) -> list[F]:
    names = sorted(str(path.relative_to(protos)) for path in protos.rglob("*.proto"))
    include = [f"-I{protos}", f"-I{Path(next(iter(_proto.__path__)))}"]
    assert protoc.main(["protoc", *include, "--include_source_info", f"--descriptor_set_out={out}", *names]) == 0
    return list(descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file)


def methods(files: list[F]) -> Iterator[tuple[str, descriptor_pb2.MethodDescriptorProto]]:
    for file in files:
        for service in file.service:
            for method in service.method:
                yield f"{file.package}.{service.name}.{method.name}", method


def uncommented(file: F) -> list[str]:
    """Names of services, RPCs, messages, fields, enums and values without a comment."""
    told = {tuple(place.path) for place in file.source_code_info.location if place.leading_comments.strip()}

    def message(path: tuple[int, ...], name: str, one: M) -> Iterator[tuple[tuple[int, ...], str]]:
        if not one.options.map_entry:
            yield path, name
            for index, member in enumerate(one.field):
                yield (*path, M.FIELD_FIELD_NUMBER, index), f"{name}.{member.name}"
        for index, inner in enumerate(one.nested_type):
            yield from message((*path, M.NESTED_TYPE_FIELD_NUMBER, index), f"{name}.{inner.name}", inner)
        for index, kind in enumerate(one.enum_type):
            yield from enum((*path, M.ENUM_TYPE_FIELD_NUMBER, index), f"{name}.{kind.name}", kind)

    def enum(path: tuple[int, ...], name: str, one: E) -> Iterator[tuple[tuple[int, ...], str]]:
        yield path, name
        for index, value in enumerate(one.value):
            yield (*path, E.VALUE_FIELD_NUMBER, index), f"{name}.{value.name}"

    def everything() -> Iterator[tuple[tuple[int, ...], str]]:
        for index, one in enumerate(file.message_type):
            yield from message((F.MESSAGE_TYPE_FIELD_NUMBER, index), one.name, one)
        for index, kind in enumerate(file.enum_type):
            yield from enum((F.ENUM_TYPE_FIELD_NUMBER, index), kind.name, kind)
        for index, service in enumerate(file.service):
            path = (F.SERVICE_FIELD_NUMBER, index)
            yield path, service.name
            for number, method in enumerate(service.method):
                yield (*path, S.METHOD_FIELD_NUMBER, number), f"{service.name}.{method.name}"

    return [f"{file.package}.{name}" for path, name in everything() if path not in told]


def test_everything_in_the_protos_has_a_comment(files: list[F]) -> None:
    assert [name for file in files for name in uncommented(file)] == []


def test_missing_comments_are_noticed(tmp_path: Path) -> None:
    (tmp_path / "x.proto").write_text(
        'syntax = "proto3";\npackage x;\n// M.\nmessage M {\n  string a = 1;\n  // B.\n  string b = 2;\n}\n'
        "service S {\n  // R.\n  rpc R(M) returns (M);\n  rpc Q(M) returns (M);\n}\n"
    )
    assert uncommented(described(tmp_path, tmp_path / "x.binpb")[0]) == ["x.M.a", "x.S", "x.S.Q"]


def test_every_rpc_has_an_access_rule(files: list[F]) -> None:
    rules = {name: method.options.Extensions[access_pb2.access] for name, method in methods(files)}
    assert len(rules) > 30
    assert [name for name, rule in rules.items() if rule == access_pb2.ACCESS_UNSPECIFIED] == []


def test_every_rpc_has_its_own_request_and_response(files: list[F]) -> None:
    expected = {
        name: (f"{name.rsplit('.', 2)[0]}.{method.name}Request", f"{name.rsplit('.', 2)[0]}.{method.name}Response")
        for name, method in methods(files)
    }
    real = {name: (method.input_type[1:], method.output_type[1:]) for name, method in methods(files)}
    assert real == expected
    used = Counter(kind for pair in real.values() for kind in pair)
    assert [kind for kind, times in used.items() if times > 1] == []


def test_a_package_is_its_folder(files: list[F]) -> None:
    assert [f.name for f in files if Path(f.name).parent.as_posix() != f.package.replace(".", "/")] == []


def test_every_route_has_a_rule_and_every_rule_a_route() -> None:
    paths = {str(getattr(route, "path_format", "")) for router in ROUTERS for route in router.routes}
    assert paths == set(route_paths())
    assert sorted(paths) == sorted(RULES)


def test_only_these_routes_are_open() -> None:
    """A new open route is a decision: it is written here too."""
    opened = {path for path, rule in RULES.items() if rule.value == "open"}
    assert opened == {
        "/",
        "/health",
        "/docs",
        "/docs/{name}",
        "/redoc",
        "/openapi.json",
        "/media/{name}",
        "/v1/hooks/{provider}",
    }


def test_generated_code_is_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/proto.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def breaking(protos: Path) -> subprocess.CompletedProcess[str]:
    """Compares a module of protos with the released ones."""
    return subprocess.run(
        [str(BUF), "breaking", "--against", str(PROTOS / "released.binpb")],
        cwd=protos.parent,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy() -> Iterator[Path]:
    """A copy of the module, below the system's own folder for such things."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(PROTOS, Path(folder) / "protos")
        shutil.copy(ROOT / "buf.yaml", folder)
        yield Path(folder) / "protos"


def test_what_is_released_is_not_broken(copy: Path) -> None:
    done = breaking(copy)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("sfd/jobs/v1/job.proto", "string public_id = 2;", "string visible_id = 2;"),
        ("sfd/jobs/v1/job.proto", "JOB_STATE_RUNNING = 2;", "JOB_STATE_WORKING = 2;"),
        ("sfd/dramas/v1/drama_service.proto", "string request_id = 2;", "bytes request_id = 2;"),
        ("sfd/jobs/v1/job_service.proto", "rpc GetRun(", "rpc FetchRun("),
    ],
)
def test_a_breaking_change_is_found(copy: Path, file: str, old: str, new: str) -> None:
    text = (copy / file).read_text()
    assert old in text
    (copy / file).write_text(text.replace(old, new, 1))
    done = breaking(copy)
    assert done.returncode != 0
    assert Path(file).name in done.stdout


def test_every_route_is_in_the_documentation() -> None:
    """docs/api.md has a row for each; names of parameters may differ."""

    def shape(path: str) -> str:
        return re.sub(r"\{[^}]*\}", "{}", path).split("?")[0]

    rows = [line.split("|")[1] for line in (ROOT / "docs/api.md").read_text().splitlines() if line.startswith("| `")]
    told = {shape(path) for row in rows for path in re.findall(r"(/[\w/{}.?&-]*)", row.replace("`", " "))}
    also = {"/docs", "/docs/{}", "/redoc", "/openapi.json", "/dramas/{}/critic"}
    assert sorted({shape(path) for path in RULES} - told - also) == []
    assert sorted(told - {shape(path) for path in RULES}) == []
