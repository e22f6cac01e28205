"""Storage's composition root: everything that is made here is closed here, in reverse."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import AsyncExitStack

import structlog

from kit.bus import connect
from kit.identity import Signer
from kit.memory import settle
from kit.rpc.server import Served, serve
from kit.signals import stop_event
from kit.telemetry import configure_tracing, serve_metrics
from services.storage.accounts.servicer import AccountServicer
from services.storage.assets.confirm import Confirmer
from services.storage.assets.library_chores import LibraryChores
from services.storage.assets.library_servicer import LibraryServicer
from services.storage.assets.library_store import LibraryStore
from services.storage.assets.servicer import AssetServicer
from services.storage.assets.store import AssetStore
from services.storage.chores import Chores
from services.storage.config import StorageSettings
from services.storage.db import Database
from services.storage.dramas.effects import drama_effects
from services.storage.dramas.entities import Entities
from services.storage.dramas.entity_servicers import entity_services
from services.storage.dramas.servicer import DramaServicer
from services.storage.dramas.store import DramaStore, check_revision
from services.storage.dramas.takes import TakeStore
from services.storage.jobs.events import Follower, Relay
from services.storage.jobs.report import Reports
from services.storage.jobs.runs import Runs
from services.storage.jobs.servicer import JobServicer
from services.storage.jobs.sweep import Sweep
from services.storage.objects import Objects
from services.storage.usage.servicer import UsageServicer
from services.storage.vault.keys import KeyServicer
from services.storage.vault.rotation import RotationServicer
from services.storage.vault.servicer import VaultServicer
from services.storage.webhooks.deliveries import Deliveries
from services.storage.webhooks.servicer import QUEUE, WebhookServicer
from services.storage.webhooks.sql import ON_PLACED
from sfd.accounts.v1 import account_service_pb2, account_service_pb2_grpc
from sfd.assets.v1 import (
    asset_service_pb2,
    asset_service_pb2_grpc,
    library_service_pb2,
    library_service_pb2_grpc,
)
from sfd.dramas.v1 import drama_service_pb2, drama_service_pb2_grpc
from sfd.jobs.v1 import job_service_pb2, job_service_pb2_grpc
from sfd.usage.v1 import usage_service_pb2, usage_service_pb2_grpc
from sfd.vault.v1 import (
    key_service_pb2,
    key_service_pb2_grpc,
    rotation_service_pb2,
    rotation_service_pb2_grpc,
    vault_service_pb2,
    vault_service_pb2_grpc,
)
from sfd.webhooks.v1 import webhook_service_pb2, webhook_service_pb2_grpc

log = structlog.get_logger("storage")
BUCKET_SECONDS = 2.0


async def run(settings: StorageSettings) -> None:
    """Serves until SIGTERM or SIGINT."""
    stop = stop_event()
    configure_tracing("storage", settings.trace_file)
    signer = Signer(settings.internal_secret.get_secret_value())
    async with AsyncExitStack() as stack:
        serve_metrics(settings.metrics_port)
        database = Database(settings.database_url.get_secret_value(), size=settings.pool_size)
        stack.push_async_callback(database.close)
        objects = Objects(settings)
        # A start waits for the bucket no longer than for the bus: a restart while it is away must not take the queue away too.
        bucket = asyncio.create_task(objects.await_bucket(), name="bucket")
        stack.callback(bucket.cancel)
        await asyncio.wait([bucket], timeout=BUCKET_SECONDS)
        bus = await stack.enter_async_context(connect(settings.nats_url.get_secret_value(), "storage"))
        relay = Relay(database, bus, f"{socket.gethostname()}/{os.getpid()}", Follower(ON_PLACED, QUEUE))
        assets = AssetStore(database, objects, settings)
        dramas = DramaStore(database)
        runs = Runs(database)
        takes, confirm = TakeStore(database, assets.url, assets.urls), Confirmer(database, objects)
        reports = Reports(database, drama_effects(dramas, confirm, takes))
        jobs = JobServicer(database, bus, reports, relay, check_revision, heartbeat_seconds=settings.heartbeat_seconds)
        chores = Chores(database, objects, dramas)
        library = LibraryStore(database, objects, Confirmer(database, objects), assets.url, chores.wake)
        services = [
            Served(
                job_service_pb2.DESCRIPTOR.services_by_name["JobService"],
                lambda server: job_service_pb2_grpc.add_JobServiceServicer_to_server(jobs, server),
            ),
            Served(
                drama_service_pb2.DESCRIPTOR.services_by_name["DramaService"],
                lambda server: drama_service_pb2_grpc.add_DramaServiceServicer_to_server(
                    DramaServicer(database, dramas, takes, confirm, runs, jobs.tell, chores.wake), server
                ),
            ),
            *entity_services(Entities(database, dramas, takes, chores.wake)),
            Served(
                asset_service_pb2.DESCRIPTOR.services_by_name["AssetService"],
                lambda server: asset_service_pb2_grpc.add_AssetServiceServicer_to_server(AssetServicer(assets), server),
            ),
            Served(
                library_service_pb2.DESCRIPTOR.services_by_name["LibraryService"],
                lambda server: library_service_pb2_grpc.add_LibraryServiceServicer_to_server(
                    LibraryServicer(library), server
                ),
            ),
            Served(
                account_service_pb2.DESCRIPTOR.services_by_name["AccountService"],
                lambda server: account_service_pb2_grpc.add_AccountServiceServicer_to_server(
                    AccountServicer(database), server
                ),
            ),
            Served(
                vault_service_pb2.DESCRIPTOR.services_by_name["VaultService"],
                lambda server: vault_service_pb2_grpc.add_VaultServiceServicer_to_server(
                    VaultServicer(database), server
                ),
            ),
            *keys_and_usage(database),
            Served(
                webhook_service_pb2.DESCRIPTOR.services_by_name["WebhookService"],
                lambda server: webhook_service_pb2_grpc.add_WebhookServiceServicer_to_server(
                    WebhookServicer(database, bus.wake), server
                ),
            ),
        ]
        async with asyncio.TaskGroup() as group:
            background = [
                group.create_task(relay.run(), name="relay"),
                group.create_task(Sweep(database, bus).run(), name="sweep"),
                group.create_task(chores.run(), name="chores"),
                group.create_task(LibraryChores(database, objects, library).run(), name="library"),
                group.create_task(Deliveries(database).forget_for_ever(), name="webhooks-sweep"),
            ]
            async with serve(settings.address, services, signer, with_reflection=settings.reflection):
                settle()
                await stop.wait()
                log.info("stopping")
                jobs.close()
            for task in background:
                task.cancel()


def keys_and_usage(database: Database) -> list[Served]:
    """Returns the services of users' keys and of what they cost."""
    return [
        Served(
            key_service_pb2.DESCRIPTOR.services_by_name["KeyService"],
            lambda server: key_service_pb2_grpc.add_KeyServiceServicer_to_server(KeyServicer(database), server),
        ),
        Served(
            rotation_service_pb2.DESCRIPTOR.services_by_name["RotationService"],
            lambda server: rotation_service_pb2_grpc.add_RotationServiceServicer_to_server(
                RotationServicer(database), server
            ),
        ),
        Served(
            usage_service_pb2.DESCRIPTOR.services_by_name["UsageService"],
            lambda server: usage_service_pb2_grpc.add_UsageServiceServicer_to_server(UsageServicer(database), server),
        ),
    ]
