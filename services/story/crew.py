"""Who writes, draws and films: a wish becomes models of the catalogue, before anything is accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kit.errors import InvalidInput
from kit.media.specs import LANGUAGES
from kit.providers import dramas
from kit.providers.catalogue import Catalogue, Kind, Model, Resolved
from services.story.accounts import NOBODY, Account, Accounts
from services.story.config import StorySettings
from sfd.story.v1 import story_pb2

DEFAULT_STYLE = "anime"
LOCAL = "local"
MAX_EPISODES = 50
_MAX_STYLE = 100
WRITERS_AND_PAINTERS: Mapping[Kind, tuple[str, ...]] = {
    "text": ("local", "openai", "gemini"),
    "image": ("local", "openai", "gemini"),
}
"""Who can write and draw a drama, by kind; it is filmed by every vendor with a model that can."""


@dataclass(frozen=True)
class Crew:
    """The models, and the options with every name resolved: what is frozen into the jobs' inputs."""

    writer: Model
    painter: Model
    filmer: Model
    joiner: Model
    """Joining clips is always the house's own work."""
    options: story_pb2.Options
    warnings: tuple[str, ...] = ()
    missing: Mapping[Kind, str] = field(default_factory=dict)
    """The setting that each kind of work lacks here; nothing for what is not missing."""
    notices: Mapping[Kind, str] = field(default_factory=dict)
    """What was taken otherwise than asked, by kind of work."""


class Casting:
    """Chooses crews by the catalogue and by which keys this house, and the account, have. Without `accounts` nobody has keys of its own."""

    def __init__(self, settings: StorySettings, catalogue: Catalogue, accounts: Accounts | None = None) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._accounts = accounts

    async def engage(
        self, options: story_pb2.Options, *, kinds: tuple[Kind, ...] = ("text", "image", "video"), account_id: str = ""
    ) -> Crew:
        """As `hire`, with the keys and prices of an account: of the caller's when no other is named."""
        filmer = options.cast.filmer or ("" if options.cast.filmer_model else self._settings.filmer)
        if self._accounts is None or filmer == LOCAL:
            # Who films here needs no key and has no price.
            return self.hire(options, kinds=kinds)
        return self.hire(options, kinds=kinds, account=await self._accounts.of(account_id))

    def hire(
        self,
        options: story_pb2.Options,
        *,
        kinds: tuple[Kind, ...] = ("text", "image", "video"),
        account: Account = NOBODY,
    ) -> Crew:
        """Returns the crew for a wish, its film maker at the account's own prices.

        Raises `InvalidInput` for unknown vendors, models, languages and numbers out of range, for a model that cannot film dramas, and
        for a vendor among `kinds` whose key is missing, with the name of the variable.
        """
        cast, own = options.cast, self._settings
        found: dict[Kind, Resolved] = {
            "text": self._pick("text", "writer", cast.writer, cast.writer_model, own.writer),
            "image": self._pick("image", "painter", cast.painter, cast.painter_model, own.painter),
            "video": self._pick("video", "filmer", cast.filmer, cast.filmer_model, own.filmer),
        }
        lacking = {kind: own.missing(kind, who.model.vendor) for kind, who in found.items()}
        if found["video"].model.vendor in account.vendors:
            lacking["video"] = ""
        for kind in kinds:
            if lacking[kind]:
                raise key_missing(lacking[kind], found[kind].model.vendor)
        writer, painter, filmer = found["text"].model, found["image"].model, account.own.over(found["video"].model)
        resolved = story_pb2.Options()
        resolved.CopyFrom(_checked(options))
        resolved.cast.CopyFrom(
            story_pb2.Cast(
                writer=writer.vendor,
                writer_model=writer.id,
                painter=painter.vendor,
                painter_model=painter.id,
                filmer=filmer.vendor,
                filmer_model=filmer.id,
            )
        )
        warnings = tuple(found[kind].warning for kind in kinds if found[kind].warning)
        return Crew(
            writer,
            painter,
            filmer,
            self._catalogue.resolve("video", "local").model,
            resolved,
            warnings,
            missing={kind: variable for kind, variable in lacking.items() if variable},
            notices={kind: who.warning for kind, who in found.items() if who.warning},
        )

    def _pick(self, kind: Kind, role: str, vendor: str, model: str, default: str) -> Resolved:
        try:
            chosen = vendor or ("" if model else default)
            if kind == "video":
                return dramas.filmer(self._catalogue, chosen, model)
            if not chosen:
                return _known(kind, self._catalogue.find(kind, model))
            own = self._settings.model_of(chosen) if kind == "text" else ""
            return _known(kind, self._catalogue.resolve(kind, chosen, model or own))
        except InvalidInput as error:
            field = f"options.cast.{role}_model" if error.field == "model" else f"options.cast.{role}"
            raise InvalidInput(error.message, reason=error.reason, field=field) from error


def _known(kind: Kind, found: Resolved) -> Resolved:
    """Returns what was found; raises `InvalidInput` for a vendor of which the house has no writer or painter."""
    if found.model.vendor not in WRITERS_AND_PAINTERS[kind]:
        raise InvalidInput(
            f"{found.model.vendor!r} does no {kind} for dramas; known are: {', '.join(WRITERS_AND_PAINTERS[kind])}.",
            reason="unknown_vendor",
            field="vendor",
        )
    return found


def key_missing(variable: str, vendor: str) -> InvalidInput:
    """Returns the error for a vendor whose key is not there."""
    return InvalidInput(
        f"{variable} is not set, so {vendor} cannot be used.", reason="vendor_key_missing", field="options.cast"
    )


def _checked(options: story_pb2.Options) -> story_pb2.Options:
    if options.language and options.language not in LANGUAGES:
        raise InvalidInput(f"language must be one of {', '.join(LANGUAGES)}.", field="options.language")
    if not 0 <= options.episodes <= MAX_EPISODES:
        raise InvalidInput(f"episodes must be 0 to {MAX_EPISODES}.", field="options.episodes")
    if options.seed < 0:
        raise InvalidInput("seed must not be negative.", field="options.seed")
    if len(options.style) > _MAX_STYLE or "\x00" in options.style:
        raise InvalidInput(f"style must be at most {_MAX_STYLE} characters without NUL.", field="options.style")
    return options
