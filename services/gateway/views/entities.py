"""Changes to what is below a drama, from a client's body to the house's form."""

from __future__ import annotations

from typing import TypeAlias

from services.gateway.body import Body
from services.gateway.views.drama import KIND_OF, metadata_text
from sfd.dramas.v1 import drama_pb2 as pb

Entity: TypeAlias = pb.Character | pb.Episode | pb.Scene | pb.EntityAsset


def apply(entity: Entity, body: Body) -> list[str]:
    """Puts the fields that were sent into `entity` and returns their names in the house's form; a null leaves its field unset."""
    sent = [name for name in type(body).model_fields if name in body.model_fields_set]
    for name in sent:
        value = getattr(body, name)
        if value is None:
            continue
        if name == "metadata":
            entity.metadata_json = metadata_text(value) or ""
        elif name == "kind" and isinstance(entity, pb.EntityAsset):
            entity.kind = KIND_OF[value]
        elif name == "depends_on" and isinstance(entity, pb.EntityAsset):
            entity.depends_on.extend(value)
        else:
            setattr(entity, name, value)
    return ["metadata_json" if name == "metadata" else name for name in sent]
