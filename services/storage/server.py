"""Storage's composition root: everything that is made here is closed here, in reverse."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import AsyncExitStack

import structlog

from kit.bus import connect
from kit.identity import Signer
from kit.rpc.server import Served, serve
from kit.signals import stop_event
from kit.telemetry import configure_tracing, serve_metrics
from services.storage.accounts.servicer import AccountServicer
from services.storage.assets.confirm import Confirmer
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
from services.storage.jobs.events import Relay
from services.storage.jobs.report import Reports
from services.storage.jobs.runs import Runs
from services.storage.jobs.servicer import JobServicer
from services.storage.jobs.sweep import Sweep
from services.storage.objects import Objects
from sfd.accounts.v1 import account_service_pb2, account_service_pb2_grpc
from sfd.assets.v1 import asset_service_pb2, asset_service_pb2_grpc
from sfd.dramas.v1 import drama_service_pb2, drama_service_pb2_grpc
from sfd.jobs.v1 import job_service_pb2, job_service_pb2_grpc

log = structlog.get_logger("storage")


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
        await objects.ensure_bucket()
        bus = await stack.enter_async_context(connect(settings.nats_url.get_secret_value(), "storage"))
        relay = Relay(database, bus, f"{socket.gethostname()}/{os.getpid()}")
        assets = AssetStore(database, objects, settings)
        dramas = DramaStore(database)
        runs = Runs(database)
        takes, confirm = TakeStore(database, assets.url), Confirmer(database, objects)
        reports = Reports(database, drama_effects(dramas, confirm, takes))
        jobs = JobServicer(database, bus, reports, relay, check_revision)
        chores = Chores(database, objects, dramas)
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
                account_service_pb2.DESCRIPTOR.services_by_name["AccountService"],
                lambda server: account_service_pb2_grpc.add_AccountServiceServicer_to_server(
                    AccountServicer(database), server
                ),
            ),
        ]
        async with asyncio.TaskGroup() as group:
            background = [
                group.create_task(relay.run(), name="relay"),
                group.create_task(Sweep(database, bus).run(), name="sweep"),
                group.create_task(chores.run(), name="chores"),
            ]
            async with serve(settings.address, services, signer, with_reflection=settings.reflection):
                await stop.wait()
                log.info("stopping")
                jobs.close()
            for task in background:
                task.cancel()
