"""What the end of a job does to other aggregates: each registers its effect by kind in the composition root."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from services.storage.db import Pg


@dataclass(frozen=True)
class FinishedJob:
    """What an effect is told: ids, names and the output as it was reported."""

    id: uuid.UUID
    run_id: uuid.UUID
    account: uuid.UUID
    drama_id: str
    kind: str
    step: str
    input: str
    output: str


class Effect(Protocol):
    """One kind's effect."""

    async def prepare(self, job: FinishedJob) -> Any:
        """Looks at what lies outside the database, such as an object in the bucket; raises a domain error to refuse the result."""

    async def apply(self, pg: Pg, job: FinishedJob, prepared: Any) -> None:
        """Writes, in the transaction that ends the job; raises a domain error to refuse the result."""


Effects = Mapping[str, Effect]
