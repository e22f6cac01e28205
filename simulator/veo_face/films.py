"""POST models/{m}:predictLongRunning, GET models/{m}/operations/{id}, GET files/{id}:download, GET models/{m}."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from starlette.routing import Route

from simulator.content import pictures
from simulator.door import Answer, Ask, World
from simulator.faults import Fault
from simulator.filming import At, FilmDesk, media_route, media_url
from simulator.gemini_face.errors import GeminiErrors, error
from simulator.jobs import job_fields, now
from simulator.jsons import Json, as_dict, as_int, as_list, as_str, compact

VENDOR = "gemini"
_ROOT = "/gemini/v1beta"
_PIXELS = {"720p": (720, 1280), "1080p": (1080, 1920), "4k": (2160, 3840)}
_INSTANCE = frozenset({"prompt", "image", "lastFrame", "video", "referenceImages"})
_PARAMETERS = frozenset(
    {"aspectRatio", "resolution", "durationSeconds", "negativePrompt", "personGeneration", "sampleCount", "seed"}
)
_FILTERED = (
    "Sorry, we can't create videos with real people's names or likenesses. Please remove the reference and try again."
)
_BLOCKED = "The prompt could not be submitted. It contains words that violate Google's Responsible AI practices."


@dataclass(frozen=True)
class VeoModel:
    """A model: nano-USD per second by resolution, and whether it takes references."""

    prices: dict[str, int]
    references: bool = True


MODELS = {
    "veo-3.1-generate-preview": VeoModel({"720p": 400_000_000, "1080p": 400_000_000, "4k": 600_000_000}),
    "veo-3.1-fast-generate-preview": VeoModel({"720p": 100_000_000, "1080p": 120_000_000, "4k": 300_000_000}),
    "veo-3.1-lite-generate-preview": VeoModel({"720p": 50_000_000, "1080p": 80_000_000}, references=False),
}


class _Desk(FilmDesk):
    def __init__(self, world: World) -> None:
        super().__init__(world, VENDOR, GeminiErrors(), lambda identity: error(404, f"{identity} was not found."))

    def owner(self, ask: Ask) -> str:
        return f"{ask.owner}@veo"


class SubmitDesk(_Desk):
    """predictLongRunning: one instance, its parameters; answers with the operation's name."""

    op = "submit"

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check everything that Google checks before it accepts; return (model, prompt)."""
        model = MODELS.get(ask.params["model"])
        if model is None:
            raise error(404, f"models/{ask.params['model']} is not found for API version v1beta.")
        instances = [as_dict(i) for i in as_list(ask.fields.get("instances"))]
        if len(instances) != 1 or not as_str(instances[0].get("prompt")):
            raise error(400, "`instances` must hold one instance with a `prompt`.")
        (instance,), parameters = instances, as_dict(ask.fields.get("parameters"))
        for name in [*(set(instance) - _INSTANCE), *(set(parameters) - _PARAMETERS)]:
            raise error(400, f"`{name}` isn't supported by this model.")
        seconds, resolution = self._seconds(parameters), as_str(parameters.get("resolution", "720p"))
        if seconds not in (4, 6, 8):
            raise error(400, f"The number value for `durationSeconds` is out of bound: {seconds}. Use 4, 6 or 8.")
        if resolution not in model.prices:
            raise error(400, f"`resolution` {resolution} isn't supported by this model.")
        if as_str(parameters.get("aspectRatio", "16:9")) not in ("16:9", "9:16"):
            raise error(400, "`aspectRatio` must be 16:9 or 9:16.")
        references = [as_dict(r) for r in as_list(instance.get("referenceImages"))]
        if references and not model.references:
            raise error(400, "`referenceImages` isn't supported by this model.")
        if len(references) > 3 or any(r.get("referenceType") != "asset" for r in references):
            raise error(400, "`referenceImages` takes at most 3 images of type asset.")
        if seconds != 8 and (references or resolution != "720p"):
            raise error(400, "`durationSeconds` must be 8 for this resolution or with reference images.")
        if "lastFrame" in instance and "image" not in instance:
            raise error(400, "`lastFrame` needs `image`.")
        given = [instance[n] for n in ("image", "lastFrame") if n in instance] + [r.get("image") for r in references]
        for picture in given:
            self._check(as_dict(picture))
        return ask.params["model"], as_str(instance.get("prompt"))

    @staticmethod
    def _seconds(parameters: Json) -> int:
        return as_int(parameters.get("durationSeconds"), 8)

    @staticmethod
    def _check(picture: Json) -> None:
        try:
            data = base64.b64decode(as_str(picture.get("bytesBase64Encoded")), validate=True)
        except ValueError as problem:
            raise error(400, "Base64 decoding failed for an input image.") from problem
        if pictures.size_of(data) is None or not as_str(picture.get("mimeType")).startswith("image/"):
            raise error(400, "Unable to process input image.")

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Accept an operation. A film that will be held back is not billed."""
        name, parameters = ask.params["model"], as_dict(ask.fields.get("parameters"))
        seconds, resolution = self._seconds(parameters), as_str(parameters.get("resolution", "720p"))
        short, long = _PIXELS[resolution]
        size = f"{short}x{long}" if parameters.get("aspectRatio") == "9:16" else f"{long}x{short}"
        instance = as_dict(as_list(ask.fields.get("instances"))[0])
        job = self.begin(
            ask,
            fault,
            model=name,
            prompt=as_str(instance.get("prompt")),
            seconds=seconds,
            size=size,
            reference=fault.variant if fault and fault.type == "refusal" else "",
        )
        return Answer(
            compact({"name": f"models/{name}/operations/{job.id}"}),
            headers={"content-type": "application/json; charset=UTF-8"},
            units={
                "seconds": seconds,
                "size": size,
                "pictures": sum(n in instance for n in ("image", "lastFrame")),
                "references": len(as_list(instance.get("referenceImages"))),
            },
            price=0 if job.error_code else seconds * MODELS[name].prices[resolution],
            operation=job.id,
            job=job_fields(job),
        )


class OperationDesk(_Desk):
    """The operation: `done` and a response, or an error; nothing of progress."""

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return the operation. `refusal` is a film held back; with variant `ERROR`, a prompt that is refused late."""
        job = self.job(ask)
        view: Json = {"name": f"models/{job.model}/operations/{job.id}"}
        if now() < job.ready:
            return Answer.of(view)
        view["done"] = True
        if job.error_code == "refusal" and job.reference != "ERROR":
            held: Json = {"raiMediaFilteredCount": 1, "raiMediaFilteredReasons": [job.error_message or _FILTERED]}
            return Answer.of(view | {"response": _response(held)})
        if job.error_code:
            code, text = (3, _BLOCKED) if job.error_code == "refusal" else (13, "Internal error. Please try again.")
            return Answer.of(view | {"error": {"code": code, "message": job.error_message or text}})
        uri = f"http://{ask.headers['host']}{_ROOT}/files/{job.id}:download?alt=media"
        return Answer.of(view | {"response": _response({"generatedSamples": [{"video": {"uri": uri}}]})})


def _response(body: Json) -> Json:
    kind = "type.googleapis.com/google.ai.generativelanguage.v1beta.PredictLongRunningResponse"
    return {"@type": kind, "generateVideoResponse": body}


class DownloadDesk(_Desk):
    """files/{id}:download needs the key and leads to a host of files that must not get it."""

    op = "content"

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return a redirect."""
        job = self.job(ask)
        if fault and fault.type == "expired_content":
            raise error(fault.status, "The file has expired.")
        return Answer(b"", 302, {"location": media_url(ask, job, "veo")}, free=True)


class CardDesk(_Desk):
    """GET models/{model}."""

    kind, op = "models", "models"

    def __init__(self, world: World, model: str) -> None:
        super().__init__(world)
        self._model = model

    def look(self, ask: Ask) -> tuple[str, str]:
        """Nothing to check."""
        return self._model, ""

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return the model's card."""
        methods = ["predictLongRunning"]
        name = f"models/{self._model}"
        return Answer.of(
            {"name": name, "version": "3.1", "displayName": self._model, "supportedGenerationMethods": methods}
        )


def routes(world: World, at: At) -> list[Route]:
    """Return Veo's routes; they go before Gemini's, whose models are others."""
    return [
        media_route(world, at, "veo"),
        *(Route(f"{_ROOT}/models/{model}", at(CardDesk(world, model))) for model in MODELS),
        Route(f"{_ROOT}/models/{{model}}:predictLongRunning", at(SubmitDesk(world)), methods=["POST"]),
        Route(f"{_ROOT}/models/{{model}}/operations/{{id}}", at(OperationDesk(world))),
        Route(f"{_ROOT}/files/{{id}}:download", at(DownloadDesk(world))),
    ]
