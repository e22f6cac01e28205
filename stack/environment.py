"""The environment of the services: one table from what the stack knows to the names they read."""

from __future__ import annotations

import os
from collections.abc import Mapping

from stack import allocation, env_file
from stack.layout import PROJECT, Layout
from stack.nats import Nats
from stack.options import Options
from stack.postgres import Postgres
from stack.s3 import DEFAULT_BUCKET, PORT_NAMES, S3

# A server that `.env` or `--env` names is used instead of an embedded one. The caller's environment does not count here:
# a DATABASE_URL that was exported for another project must never be migrated.
EXTERNAL = {"postgres": "DATABASE_URL", "nats": "NATS_URL", "s3": "R2_ENDPOINT_URL"}


def own_settings(options: Options) -> dict[str, str]:
    """What was set for this installation: `.env`, and above it the options."""
    return {**env_file.read(options.directory / ".env"), **options.env}


def external(options: Options) -> dict[str, str]:
    """The settings of servers that are not to be started because the installation names its own."""
    own = own_settings(options)
    return {server: own[setting] for server, setting in EXTERNAL.items() if own.get(setting)}


def embedded_servers(options: Options, layout: Layout, ports: Mapping[str, int]) -> tuple[Postgres, Nats, S3]:
    """The three embedded servers of a stack, on its ports."""
    inner = {name: ports["s3" if name == "s3" else f"s3:{name}"] for name in PORT_NAMES}
    return (
        Postgres(layout.root / "pg", ports["postgres"]),
        Nats(layout.root / "nats", ports["nats"], ports["nats.monitor"]),
        S3(layout.root / "s3", inner, bucket=own_settings(options).get("R2_BUCKET") or DEFAULT_BUCKET),
    )


def running_env(options: Options, layout: Layout) -> dict[str, str]:
    """The environment of a service of the running stack, for a tool of the operator."""
    ports = allocation.read_ports(layout)
    return service_env(options, layout, ports, *embedded_servers(options, layout, ports))


def embedded_settings(postgres: Postgres, nats: Nats, s3: S3, theirs: Mapping[str, str]) -> dict[str, str]:
    """Addresses and credentials of the embedded servers, and the addresses of those that are external."""
    settings = {EXTERNAL[server]: value for server, value in theirs.items()}
    if "postgres" not in theirs:
        settings["DATABASE_URL"] = postgres.dsn
    if "nats" not in theirs:
        settings["NATS_URL"] = nats.url
    if "s3" not in theirs:
        access = s3.access
        settings["R2_ENDPOINT_URL"] = access.endpoint
        settings["R2_ACCESS_KEY_ID"] = access.access_key
        settings["R2_SECRET_ACCESS_KEY"] = access.secret_key
        settings["R2_BUCKET"] = access.bucket
    return settings


def service_env(
    options: Options, layout: Layout, ports: Mapping[str, int], postgres: Postgres, nats: Nats, s3: S3
) -> dict[str, str]:
    """The whole environment of a service. What the stack decides (ports, its own servers) wins over the operator's `.env`
    and the caller's environment, and `options.env` wins over everything."""
    search = [str(PROJECT), str(PROJECT / "gen"), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    usual = {
        "ENVIRONMENT": "development",
        "SFD_TRACE_FILE": "",
        "SFD_PUBLIC_URL": f"http://127.0.0.1:{ports['gateway']}",
        "PYTHONUNBUFFERED": "1",
        # glibc would keep up to 8 heaps per core alive; 2 are enough and keep the services small.
        "MALLOC_ARENA_MAX": "2",
    }
    decided = {
        "PORT": str(ports["gateway"]),
        "SFD_MEDIA_PORT": str(ports["media"]),
        "SFD_CAPTIONS_PORT": str(ports["captions"]),
        "SFD_HOME": str(layout.home),
        "SFD_WORK_DIR": str(layout.root / "work"),
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(part for part in search if part)),
        **{f"SFD_{name.upper()}_ADDR": f"127.0.0.1:{ports[name]}" for name in ("storage", "story", "imaging", "video")},
        **embedded_settings(postgres, nats, s3, external(options)),
    }
    return {**usual, **env_file.read(options.directory / ".env"), **os.environ, **decided, **options.env}
