"""How the imaging service is put together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from importlib.resources import files

from kit.fetch import Fetcher
from kit.jobs.handler import JobFailed
from kit.rpc.server import Served
from kit.service import House, Parts
from services.imaging import data, fitting
from services.imaging.config import ImagingSettings
from services.imaging.handlers import Pictures
from services.imaging.servicer import ImagingServicer
from services.imaging.studio import Painter, Studio
from sfd.imaging.v1 import imaging_service_pb2, imaging_service_pb2_grpc


async def build(settings: ImagingSettings, house: House) -> Parts:
    """Returns the servicer and the handlers over what every service shares."""
    trusted = (settings.r2_public_url, f"{settings.public_url.rstrip('/')}/media" if settings.public_url else "")
    fetcher = Fetcher(house.http, trusted)
    studio = Studio(house.cpu, vendors(settings, house), guide(settings, house, fetcher))
    servicer = ImagingServicer(house.storage, settings)
    served = Served(
        imaging_service_pb2.DESCRIPTOR.services_by_name["ImagingService"],
        lambda server: imaging_service_pb2_grpc.add_ImagingServiceServicer_to_server(servicer, server),
    )
    return Parts([served], Pictures(studio, fetcher).handlers(), settings.imaging_slots)


def vendors(settings: ImagingSettings, house: House) -> Mapping[str, Callable[[], Painter]]:
    """Returns how each vendor's painter is opened. An SDK is imported when the first job asks for it; it costs tens of MiB."""

    def openai() -> Painter:
        key = _key(settings.openai_api_key.get_secret_value(), "OPENAI_API_KEY")
        from services.imaging.providers.openai import OpenAIPainter

        adapter = OpenAIPainter(base_url=settings.openai_api_base, api_key=key, seconds=settings.image_seconds)
        house.stack.push_async_callback(adapter.close)
        # Its sizes have no 9:16. An operator who names a leading picture wants it in every request.
        return Painter(adapter, ratio=False, led=bool(settings.reference_image_url))

    def gemini() -> Painter:
        key = _key(settings.images_key.get_secret_value(), "GEMINI_API_KEY")
        from services.imaging.providers.gemini import GeminiPainter

        adapter = GeminiPainter(base_url=settings.images_base, api_key=key, seconds=settings.image_seconds)
        house.stack.push_async_callback(adapter.close)
        return Painter(adapter, ratio=True)

    return {"openai": openai, "gemini": gemini}


def guide(settings: ImagingSettings, house: House, fetcher: Fetcher) -> Callable[[], Awaitable[bytes]]:
    """Returns how the empty 9:16 picture is read: the operator's own, fetched once, or the packaged one."""
    lock, kept = asyncio.Lock(), list[bytes]()

    async def read() -> bytes:
        async with lock:
            if not kept:
                if settings.reference_image_url:
                    raw = await fetcher.picture(settings.reference_image_url, operator=True)
                    kept.append(await house.cpu.run(fitting.guide, raw))
                else:
                    kept.append(files(data).joinpath("guide_9x16.png").read_bytes())
            return kept[0]

    return read


def _key(value: str, name: str) -> str:
    if not value:
        raise JobFailed(f"This painter needs {name}.", reason="vendor_not_set_up")
    return value
