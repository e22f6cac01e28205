"""Envoy's own gRPC-JSON transcoder, from the binary that the house deploys with: one worker thread, the stub behind it.

The house's protos carry no HTTP bindings, so methods are mapped by their names: `POST /sfd.jobs.v1.JobService/GetRun` with the request as
JSON. Nothing else is on: no key, no limit, no log.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import yaml

from kit.testing.processes import ROOT

SERVICES = ("sfd.video.v1.GenerationService", "sfd.jobs.v1.JobService")
CREATE = "/sfd.video.v1.GenerationService/GenerateVideo"
STATUS = "/sfd.jobs.v1.JobService/GetRun"


def configuration(port: int, stub: int, descriptors: Path) -> dict[str, Any]:
    """Returns Envoy's configuration."""
    api = "type.googleapis.com/envoy.extensions"
    transcoder = {
        "@type": f"{api}.filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder",
        "proto_descriptor": str(descriptors),
        "services": list(SERVICES),
        "auto_mapping": True,
        "print_options": {"preserve_proto_field_names": True},
    }
    manager = {
        "@type": f"{api}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "bench",
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "stub", "timeout": "10s"}}],
                }
            ]
        },
        "http_filters": [
            {"name": "envoy.filters.http.grpc_json_transcoder", "typed_config": transcoder},
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": f"{api}.filters.http.router.v3.Router"},
            },
        ],
    }
    http2 = {
        "@type": f"{api}.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": {"http2_protocol_options": {}},
    }
    cluster = {
        "name": "stub",
        "type": "STATIC",
        "connect_timeout": "2s",
        "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": http2},
        "load_assignment": {
            "cluster_name": "stub",
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": _address(stub)}}]}],
        },
    }
    filters = [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]
    listener = {"name": "rest", "address": _address(port), "filter_chains": [{"filters": filters}]}
    return {"static_resources": {"listeners": [listener], "clusters": [cluster]}}


def command(folder: Path, port: int, stub: int) -> list[str]:
    """Returns Envoy's command line; its configuration and the descriptors of the protos are written into `folder`."""
    descriptors = folder / "protos.binpb"
    bin_folder = ROOT / ".venv" / "bin"
    subprocess.run([str(bin_folder / "buf"), "build", str(ROOT), "-o", str(descriptors)], check=True)
    file = folder / "envoy.yaml"
    file.write_text(yaml.safe_dump(configuration(port, stub, descriptors)), encoding="utf-8")
    # Two benches on one machine must not share a base id.
    return [
        str(bin_folder / "envoy"),
        *("-c", str(file), "--concurrency", "1", "--use-dynamic-base-id", "--log-level", "warning"),
        "--disable-hot-restart",
    ]


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
