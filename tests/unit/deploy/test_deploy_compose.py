"""The compose file and the image: what runs has a health check and limits, and knows only settings that exist."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from kit.config import Settings
from services.gateway.config import GatewaySettings
from services.imaging.config import ImagingSettings
from services.storage.config import StorageSettings
from services.story.config import StorySettings
from services.video.config import VideoSettings

ROOT = Path(__file__).resolve().parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS: dict[str, type[Settings]] = {
    "migrate": StorageSettings,
    "storage": StorageSettings,
    "story": StorySettings,
    "imaging": ImagingSettings,
    "video": VideoSettings,
    "gateway": GatewaySettings,
}
ONCE = {"volumes", "migrate"}
# What names another vendor's key is harmless to a service that has no such setting, and one list for all is clearer.
VENDORS = set(COMPOSE["x-vendors"])
SECRETS = re.compile(r"\$\{([A-Z0-9_]*(?:SECRET|PASSWORD|API_KEYS|ACCESS_KEY)[A-Z0-9_]*)([^}]*)\}")


def _aliases(kind: type[Settings]) -> set[str]:
    return {field.alias or name for name, field in kind.model_fields.items()}


def test_everything_that_lasts_has_a_health_check_limits_and_a_way_back() -> None:
    for name, service in SERVICES.items():
        limits = service["deploy"]["resources"]["limits"]
        assert limits["memory"], name
        assert limits["pids"], name
        assert service["logging"]["options"]["max-size"], name
        if name in ONCE:
            assert service["restart"] == "no", name
        else:
            check = service["healthcheck"]
            assert check["test"][0] in ("CMD", "CMD-SHELL"), name
            assert check["timeout"], name
            assert service["restart"] == "unless-stopped", name


def test_what_ends_is_waited_for_as_such() -> None:
    waits = {
        (target, wish["condition"])
        for service in SERVICES.values()
        for target, wish in service.get("depends_on", {}).items()
    }
    for target, condition in waits:
        assert target in SERVICES
        assert (condition == "service_completed_successfully") == (target in ONCE), target
    assert SERVICES["storage"]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_a_setting_of_the_service(name: str) -> None:
    everywhere = set().union(*(_aliases(kind) for kind in OURS.values()))
    unknown = set(SERVICES[name]["environment"]) - _aliases(OURS[name]) - VENDORS - {"R2_PUBLIC_URL", "SFD_PUBLIC_URL"}
    assert not unknown
    assert set(SERVICES[name]["environment"]) <= everywhere


def test_each_service_listens_where_the_others_and_its_health_check_look() -> None:
    env = COMPOSE["x-env"]
    for name in ("storage", "story", "imaging", "video"):
        variable = f"SFD_{name.upper()}_ADDR"
        host, port = env[variable].split(":")
        assert host == name
        assert SERVICES[name]["environment"][variable] == f"0.0.0.0:{port}"
        assert SERVICES[name]["healthcheck"]["test"][-1] == f"127.0.0.1:{port}"


def test_secrets_have_no_defaults_and_must_be_set() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    found = SECRETS.findall(text)
    assert {name for name, _ in found} >= {"SFD_INTERNAL_SECRET", "API_KEYS", "R2_SECRET_ACCESS_KEY"}
    for name, rest in found:
        assert rest.startswith(":?"), name


def test_only_the_edge_is_published_and_only_to_this_machine_by_default() -> None:
    for name, service in SERVICES.items():
        if name == "envoy":
            assert all(port.startswith("${SFD_COMPOSE_BIND:-127.0.0.1}:") for port in service["ports"])
        else:
            assert "ports" not in service, name
            assert "container_name" not in service, name
        assert service["cap_drop"] == ["ALL"], name


def test_the_unguarded_parts_are_on_inner_networks() -> None:
    networks = COMPOSE["networks"]
    for name in ("postgres", "nats", "seaweedfs", "gateway"):
        assert all(networks[network]["internal"] for network in SERVICES[name]["networks"]), name


def _lock_tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("deploy_lock", ROOT / "deploy/docker/lock.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PROJECT = """[project]
dependencies = ["web-app>=1", "Data_Base[asyncio]>=2"]
[project.optional-dependencies]
local = ["painter==1"]
dev = ["tester"]
"""
LOCK = """data-base==2.0 \\
    --hash=sha256:aa
    # via sfd (pyproject.toml)
driver==1.0 \\
    --hash=sha256:bb
    # via data-base
painter==1 \\
    --hash=sha256:cc
    # via sfd (pyproject.toml)
shared==3 ; sys_platform == "linux" \\
    --hash=sha256:dd
    # via
    #   driver
    #   tester
tester==9 \\
    --hash=sha256:ee
    # via sfd (pyproject.toml)
web-app==1.5 \\
    --hash=sha256:ff
    # via sfd (pyproject.toml)
"""


def test_an_image_installs_only_its_share_of_the_lock() -> None:
    tool = _lock_tool()
    slim, full = tool.subset(PROJECT, LOCK, []), tool.subset(PROJECT, LOCK, ["local"])
    assert re.findall(r"(?m)^([a-z-]+)==", slim) == ["data-base", "driver", "shared", "web-app"]
    assert re.findall(r"(?m)^([a-z-]+)==", full) == ["data-base", "driver", "painter", "shared", "web-app"]
    assert slim.count("--hash=") == 4
    assert 'shared==3 ; sys_platform == "linux" \\\n    --hash=sha256:dd\n' in slim
    with pytest.raises(KeyError):
        tool.subset(PROJECT, LOCK, ["nowhere"])


def test_the_dockerfile_needs_no_frontend_and_does_not_run_as_root() -> None:
    lines = (ROOT / "deploy/docker/Dockerfile").read_text().splitlines()
    assert not any(line.replace(" ", "").startswith("#syntax=") for line in lines)
    assert [line.split()[-1] for line in lines if line.startswith("FROM") and line.split()[-1] in ("slim", "full")] == [
        "slim",
        "full",
    ]
    assert "USER 10001:10001" in lines


def test_no_secret_reaches_the_builder() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    allowed = [line[1:] for line in lines if line.startswith("!")]
    assert "*" in lines
    assert not any(path.startswith((".env", ".sfd", ".git")) for path in allowed)
    assert lines.index("**/.env") > max(index for index, line in enumerate(lines) if line.startswith("!"))
