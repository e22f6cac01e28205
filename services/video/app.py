"""How the video service is put together."""

from __future__ import annotations

import asyncio
from pathlib import Path

from kit.egress.client import Egress
from kit.fetch import Fetcher, picture_rules
from kit.rpc.server import Served
from kit.service import House, Parts
from kit.vault.master import load_master_keys
from services.video.config import VideoSettings
from services.video.generation_servicer import GenerationServicer
from services.video.generations import Generations
from services.video.handlers import Films
from services.video.key_servicer import KeyServicer
from services.video.keyring import Keys
from services.video.keys import KeyRing
from services.video.prices import Prices
from services.video.registry import callbacks_of, catalogue_of, film_vendors, operator_keys
from services.video.servicer import VideoServicer
from services.video.studio import Studio
from services.video.vendors import Filmers
from services.video.workdir import sweep
from sfd.video.v1 import (
    generation_service_pb2,
    generation_service_pb2_grpc,
    key_service_pb2,
    key_service_pb2_grpc,
    video_service_pb2,
    video_service_pb2_grpc,
)


async def build(settings: VideoSettings, house: House) -> Parts:
    """Returns the servicer and the handlers over what every service shares."""
    root = settings.work_dir.absolute() / "video"
    await asyncio.to_thread(sweep, root)
    trusted = (settings.r2_public_url, f"{settings.public_url.rstrip('/')}/media" if settings.public_url else "")
    egress = await house.stack.enter_async_context(Egress(picture_rules(settings.allowed)))
    fetcher = Fetcher(house.http, egress, trusted)
    ring = await key_ring(settings, house)
    known = await asyncio.to_thread(film_vendors, settings)
    keys, prices = Keys(await asyncio.to_thread(operator_keys, settings), ring), Prices(house.storage)
    servicer = VideoServicer(house.storage, keys, prices, settings)
    filmers = Filmers(known, keys, settings.submit_seconds)
    house.stack.push_async_callback(filmers.close)
    calls = callbacks_of(settings)
    studio = Studio(house.cpu, filmers, prices.of, root, calls)
    # A quarter of the slots is left to films that are still to be asked for.
    finishing = max(1, settings.video_slots * 3 // 4)
    generations = Generations(filmers, house.cpu, fetcher, root, calls, settings.downloads, finishing)
    generating = GenerationServicer(house.storage, keys, prices, catalogue_of(settings), settings.max_retries + 1)
    served = Served(
        video_service_pb2.DESCRIPTOR.services_by_name["VideoService"],
        lambda server: video_service_pb2_grpc.add_VideoServiceServicer_to_server(servicer, server),
    )
    secret = settings.internal_secret.get_secret_value()
    key_servicer = KeyServicer(house.storage, ring, known, settings.key_check_seconds, secret)
    generated = Served(
        generation_service_pb2.DESCRIPTOR.services_by_name["GenerationService"],
        lambda server: generation_service_pb2_grpc.add_GenerationServiceServicer_to_server(generating, server),
    )
    keyed = Served(
        key_service_pb2.DESCRIPTOR.services_by_name["KeyService"],
        lambda server: key_service_pb2_grpc.add_KeyServiceServicer_to_server(key_servicer, server),
    )
    handlers = [*Films(studio, fetcher).handlers(), *generations.handlers()]
    return Parts([served, generated, keyed], handlers, settings.video_slots)


async def key_ring(settings: VideoSettings, house: House) -> KeyRing:
    """Returns users' keys; raises ValueError or OSError for a master key file that cannot be used."""
    file = Path(settings.master_key_file) if settings.master_key_file else None
    return KeyRing(house.storage, await load_master_keys(settings.encryption_key.get_secret_value(), file))
