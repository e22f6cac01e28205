"""The simulator's routes: the vendors' faces and the switchboard under `/_sim`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.door import Desk, Webhook, World, enter
from simulator.fal_face import queue as fal
from simulator.faults import BadFaultError, Rule
from simulator.gemini_face.errors import error as gemini_error
from simulator.gemini_face.generate import GeminiModelsDesk, GenerateDesk
from simulator.jsons import as_dict, as_int, as_str
from simulator.kinds_face import films as kinds
from simulator.kinds_face.callbacks import Callbacks
from simulator.kinds_face.kinds import KINDS
from simulator.kling_face import newer as kling
from simulator.luma_face import generations as luma
from simulator.minimax_face import v2 as minimax
from simulator.notes import loopback
from simulator.openai_face.errors import error as openai_error
from simulator.openai_face.images import ImagesDesk
from simulator.openai_face.models import ModelsDesk
from simulator.openai_face.text import ChatDesk, ResponsesDesk
from simulator.openai_face.videos import ContentDesk, CreateDesk, DeleteDesk, ListDesk, ReadDesk
from simulator.replicate_face import predictions as replicate
from simulator.runway_face import tasks as runway
from simulator.seedance_face import tasks as seedance
from simulator.task_face import tasks as task_hosts
from simulator.veo_face import films as veo
from simulator.wire import WireResponse

Endpoint = Callable[[Request], Awaitable[Response]]


def make_app(world: World) -> Starlette:
    """Return the ASGI application over `world`."""

    def at(desk: Desk) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            return await enter(world, desk, request)

        return endpoint

    def gemini(root: str) -> list[Route]:
        return [
            Route(root, at(GeminiModelsDesk(world))),
            Route(f"{root}/{{model}}:generateContent", _generate(world), methods=["POST"]),
            Route(f"{root}/{{model}}", at(GeminiModelsDesk(world))),
        ]

    def five() -> list[Route]:
        found, callbacks = [], Callbacks()
        for kind in KINDS.values():
            root = f"/kinds/{kind.vendor}/v1/jobs"
            found += [
                Route(root, at(kinds.SubmitDesk(world, kind, callbacks)), methods=["POST"]),
                Route(root, at(kinds.ListDesk(world, kind))),
                Route(f"{root}/{{id}}", at(kinds.ReadDesk(world, kind))),
                Route(f"{root}/{{id}}", at(kinds.CancelDesk(world, kind)), methods=["DELETE"]),
                Route(f"{root}/{{id}}/content", at(kinds.ContentDesk(world, kind))),
            ]
        return found

    v1 = "/openai/v1"
    routes = [
        Route(f"{v1}/models", at(ModelsDesk(world))),
        Route(f"{v1}/models/{{id}}", at(ModelsDesk(world))),
        Route(f"{v1}/chat/completions", at(ChatDesk(world)), methods=["POST"]),
        Route(f"{v1}/responses", at(ResponsesDesk(world)), methods=["POST"]),
        Route(f"{v1}/images/generations", at(ImagesDesk(world, edit=False)), methods=["POST"]),
        Route(f"{v1}/images/edits", at(ImagesDesk(world, edit=True)), methods=["POST"]),
        Route(f"{v1}/videos", at(CreateDesk(world)), methods=["POST"]),
        Route(f"{v1}/videos", at(ListDesk(world))),
        Route(f"{v1}/videos/{{id}}", at(ReadDesk(world))),
        Route(f"{v1}/videos/{{id}}", at(DeleteDesk(world)), methods=["DELETE"]),
        Route(f"{v1}/videos/{{id}}/content", at(ContentDesk(world))),
        Route(f"{v1}/videos/{{id}}/remix", at(CreateDesk(world, remix=True)), methods=["POST"]),
        *veo.routes(world, at),
        *fal.routes(world, at),
        *task_hosts.routes(world, at),
        *kling.routes(world, at),
        *minimax.routes(world, at),
        *seedance.routes(world, at),
        *(route for version in ("v1", "v1beta") for route in gemini(f"/gemini/{version}/models")),
        *five(),
        *luma.routes(world, at),
        *replicate.routes(world, at),
        *runway.routes(world, at),
        *_switchboard(world),
        Route("/{rest:path}", _unknown, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
    ]
    return Starlette(routes=routes)


def _generate(world: World) -> Endpoint:
    """Pictures and texts share a path: the model decides under which kind a call is counted and matched."""
    desks = {kind: GenerateDesk(world, kind) for kind in ("text", "image")}

    async def endpoint(request: Request) -> Response:
        model = world.catalogue.get("gemini", str(request.path_params["model"]))
        return await enter(world, desks["image" if model and model.kind == "image" else "text"], request)

    return endpoint


async def _unknown(request: Request) -> Response:
    path = request.url.path
    if path.startswith("/gemini"):
        answer = gemini_error(404, f"The requested URL {path} was not found on this server.").answer
    else:
        answer = openai_error(404, f"Invalid URL ({request.method} {path})").answer
    return WireResponse(answer.status, answer.body, answer.headers)


def _switchboard(world: World) -> list[Route]:
    async def ledger(request: Request) -> Response:
        return JSONResponse({"entries": world.ledger.entries[as_int(request.query_params.get("after"), 0) :]})

    async def set_fault(request: Request) -> Response:
        try:
            rule = Rule.of(as_dict(await request.json()))
        except (BadFaultError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 400)
        world.faults.rules.append(rule)
        return JSONResponse({"rules": len(world.faults.rules)}, 201)

    async def show_faults(request: Request) -> Response:
        rules = world.faults.rules
        return JSONResponse(
            {"rules": [{"match": r.match, "type": r.fault.type, "seen": r.seen, "done": r.done} for r in rules]}
        )

    async def clear_faults(request: Request) -> Response:
        world.faults.rules.clear()
        return Response(status_code=204)

    async def set_webhook(request: Request) -> Response:
        try:
            given = as_dict(await request.json())
        except ValueError:
            given = {}
        url, secret = as_str(given.get("url")), as_str(given.get("secret"))
        if not loopback(url) or not secret.startswith("whsec_"):
            return JSONResponse({"error": "`url` must be on this machine, `secret` begins with whsec_"}, 400)
        world.webhook = Webhook(url, secret)
        return Response(status_code=204)

    async def clear_webhook(request: Request) -> Response:
        world.webhook = None
        return Response(status_code=204)

    async def stats(request: Request) -> Response:
        accepted = Counter(f"{as_str(e.get('vendor'))}.{as_str(e.get('kind'))}" for e in world.ledger.entries)
        price = sum(as_int(e.get("price_nano_usd"), 0) for e in world.ledger.entries)
        running = {k: n for k, n in world.in_flight.items() if n}
        body = {"requests": world.requests, "accepted": accepted, "price_nano_usd": price, "in_flight": running}
        return JSONResponse(body | {"peak_in_flight": world.peak, "callbacks": world.callbacks})

    async def reset(request: Request) -> Response:
        world.faults.rules.clear()
        world.jobs.clear()
        world.ledger.clear()
        for counter in (world.requests, world.peak, world.callbacks):
            counter.clear()
        return Response(status_code=204)

    return [
        Route("/_sim/ledger", ledger),
        Route("/_sim/faults", set_fault, methods=["POST"]),
        Route("/_sim/faults", clear_faults, methods=["DELETE"]),
        Route("/_sim/faults", show_faults),
        Route("/_sim/webhook", set_webhook, methods=["PUT"]),
        Route("/_sim/webhook", clear_webhook, methods=["DELETE"]),
        Route("/_sim/stats", stats),
        Route("/_sim/reset", reset, methods=["POST"]),
    ]
