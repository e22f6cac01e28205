"""The composition root of the story service."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kit.errors import SfdError
from kit.jobs.handler import JobFailed
from kit.providers.base import Adapter
from kit.providers.catalogue import load
from kit.rpc.server import Served
from kit.service import House, Parts
from services.story.accounts import Accounts
from services.story.authors import Authors
from services.story.config import StorySettings
from services.story.crew import Casting
from services.story.handlers import Stories
from services.story.productions import Producer
from services.story.servicer import StoryServicer
from services.story.usecases import Desk
from sfd.story.v1 import story_pb2, story_service_pb2, story_service_pb2_grpc


async def build(settings: StorySettings, house: House) -> Parts:
    """Returns the servicer and the handlers; raises RuntimeError for a catalogue that is not sound."""
    try:
        catalogue = load(settings.catalogue)
    except SfdError as error:
        raise RuntimeError(error.message) from error
    casting = Casting(settings, catalogue, Accounts(house.storage))
    try:
        casting.hire(story_pb2.Options(), kinds=())
    except SfdError as error:
        raise RuntimeError(f"SFD_WRITER, SFD_PAINTER or SFD_FILMER: {error.message}") from error
    attempts = settings.max_retries + 1
    stories = Stories(casting, Authors(_vendors(settings, house)), attempts=attempts)
    stubs = house.store.dramas, house.store.jobs, casting
    servicer = StoryServicer(Desk(*stubs, attempts=attempts), Producer(*stubs, attempts=attempts))
    served = Served(
        story_service_pb2.DESCRIPTOR.services_by_name["StoryService"],
        lambda server: story_service_pb2_grpc.add_StoryServiceServicer_to_server(servicer, server),
    )
    return Parts(served=(served,), handlers=stories.handlers(), slots=settings.story_slots)


def _vendors(settings: StorySettings, house: House) -> Mapping[str, Callable[[], Adapter]]:
    """How each vendor's writer is opened: at its first job, because the SDKs take a second to import."""

    def key(vendor: str) -> None:
        variable = settings.missing("text", vendor)
        if variable:
            raise JobFailed(f"{variable} is not set, so {vendor} cannot write.", reason="vendor_key_missing")

    def openai() -> Adapter:
        key("openai")
        from services.story.providers.openai import OpenAIWriter

        writer = OpenAIWriter(
            settings.openai_api_key.get_secret_value(),
            settings.openai_api_base,
            api=settings.openai_text_api,
            seconds=settings.text_seconds,
        )
        house.stack.push_async_callback(writer.close)
        return writer

    def gemini() -> Adapter:
        key("gemini")
        from services.story.providers.gemini import GeminiWriter

        writer = GeminiWriter(
            settings.gemini_api_key.get_secret_value(), settings.gemini_api_base, seconds=settings.text_seconds
        )
        house.stack.push_async_callback(writer.close)
        return writer

    return {"openai": openai, "gemini": gemini}
