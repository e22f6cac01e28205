"""What the routes of one process share; put together once, at the start."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field

import httpx
from starlette.requests import Request

from kit.context import caller
from kit.egress.rules import Rules
from kit.vault.secrets import Secrets
from services.gateway.backends import Backends
from services.gateway.callbacks.desk import CallbackDesk
from services.gateway.config import GatewaySettings
from services.gateway.crowd import Seats
from services.gateway.feed import Feeds
from services.gateway.wakeups import Wakeups
from sfd.assets.v1.asset_pb2 import Asset
from sfd.jobs.v1.job_pb2 import Job

MAX_UPLOADS = 8
"""How many uploads a process takes at once: each may need 2 GiB of disk for a while."""


@dataclass
class Gateway:
    """Settings, services, wake-ups, feeds of events, a client for bytes, the desk of vendors' callbacks, and a small memory of what never
    changes: ended steps, assets.
    """

    settings: GatewaySettings
    backends: Backends
    wakeups: Wakeups
    feeds: Feeds
    http: httpx.AsyncClient
    streams: Seats
    callbacks: CallbackDesk
    webhook_secrets: Secrets | None = None
    webhook_rules: Rules = field(default_factory=Rules)
    known_assets: OrderedDict[tuple[str, str], Asset] = field(default_factory=OrderedDict)
    uploads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_UPLOADS))
    known_steps: OrderedDict[tuple[str, str], list[Job]] = field(default_factory=OrderedDict)


def gateway(request: Request) -> Gateway:
    """Returns what the process has put together."""
    found: Gateway = request.app.state.gateway
    return found


def account_id() -> str:
    """Returns the account of the request at hand; the gate lets nobody through without one."""
    who = caller()
    if who is None:
        raise RuntimeError("a route that needs an account was reached without one")
    return who.account_id
