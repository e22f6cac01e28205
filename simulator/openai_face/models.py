"""GET /models and /models/{id}."""

from __future__ import annotations

from simulator.catalogue import Model
from simulator.door import Answer, Ask, World
from simulator.faults import Fault
from simulator.jsons import Json
from simulator.openai_face.errors import OpenAIErrors, error


class ModelsDesk:
    """Lists the living models, or shows one, with their shutdown dates."""

    vendor, kind, op = "openai", "models", "models"
    errors = OpenAIErrors()

    def __init__(self, world: World) -> None:
        self._world = world

    def look(self, ask: Ask) -> tuple[str, str]:
        """Nothing to check."""
        return ask.params.get("id", ""), ""

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return the list or the one model."""
        name = ask.params.get("id")
        if name is None:
            return Answer.of({"object": "list", "data": [_view(m) for m in self._world.catalogue.of("openai")]})
        model = self._world.catalogue.get("openai", name)
        if model is None:
            raise error(404, f"The model '{name}' does not exist", "model_not_found", "model")
        return Answer.of(_view(model))


def _view(model: Model) -> Json:
    return {
        "id": model.id,
        "object": "model",
        "created": 1767225600,
        "owned_by": "system",
        "shutdown_date": model.shutdown_date,
    }
