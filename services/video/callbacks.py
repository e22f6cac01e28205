"""Who calls back, and where: what a paid call needs to know of callbacks, by vendor, model and key."""

from __future__ import annotations

from dataclasses import dataclass, field

from kit import callbacks
from kit.providers.catalogue import Catalogue
from services.video.keyring import OPERATOR_KEY

OPENAI = "openai"


@dataclass(frozen=True)
class Callbacks:
    """Where vendors call back. `base` is the gateway's public URL, empty for nowhere.

    `poll_seconds` is the least time between two polls of a vendor that will call back. `openai_pushes`: OpenAI's webhooks lead to this
    house; they are set up at the vendor for all films of the operator's key, and no call names them.
    """

    catalogue: Catalogue
    base: str = ""
    secret: str = field(default="", repr=False)
    poll_seconds: float = 0.0
    openai_pushes: bool = False

    def url(self, vendor: str, model: str, key_id: str, submission_id: str) -> str:
        """Returns the URL at which the vendor may call back for a submission; empty when it cannot or must not."""
        if not self.base or not self._calls_back(vendor, model):
            return ""
        key = callbacks.OPERATOR if key_id == OPERATOR_KEY else callbacks.USER
        return callbacks.url(self.base, self.secret, vendor, submission_id, key)

    def pace(self, vendor: str, model: str, key_id: str) -> float:
        """Returns the least time between two polls of the vendor: 0 when nobody will call back."""
        pushes = vendor == OPENAI and key_id == OPERATOR_KEY and self.openai_pushes
        calls = bool(self.base) and self._calls_back(vendor, model)
        return self.poll_seconds if pushes or calls else 0.0

    def _calls_back(self, vendor: str, model: str) -> bool:
        found = (m for m in self.catalogue.models if (m.kind, m.vendor, m.id) == ("video", vendor, model))
        known = next(found, None)
        return known is not None and known.film is not None and known.film.callbacks


NOWHERE = Callbacks(Catalogue((), ()))
