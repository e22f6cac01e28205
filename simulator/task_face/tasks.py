"""Submit, read, list, cancel and the free read of the task hosts, under /tasks/{host}."""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import Route

from simulator.door import HTML, Answer, Ask, VendorError, World
from simulator.faults import Fault
from simulator.filming import At, FilmDesk, media_route, media_url
from simulator.jobs import VideoJob, job_fields, now
from simulator.jsons import Json, compact
from simulator.task_face.shapes import MODEL, SHAPES, BadBody, Shape

ROOT = "/tasks"
_CODES = {400: "InvalidParameter", 401: "InvalidApiKey", 403: "Arrearage", 404: "NotFound", 429: "Throttling"}


class TaskErrors:
    """A host's refusals in its own shape."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape

    def of(self, status: int, text: str, code: str = "") -> VendorError:
        """Return a refusal."""
        return VendorError(Answer.of(self._shape.error(status, code or _CODES.get(status, "Error"), text), status))

    def key(self, request: Request) -> str:
        """Return the key under the host's scheme."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        return key.strip() if scheme == self._shape.scheme else ""

    def refuse_key(self, key: str) -> VendorError | None:
        """401 for a missing or bad key, which is quoted as some hosts do; 403 for an account without balance."""
        if not key or "bad" in key:
            return self.of(401, f"Invalid API-key provided: {key}")
        return self.of(403, "Access denied, please make sure your account balance is good.") if "quota" in key else None

    def of_status(self, status: int, fault: Fault) -> Answer:
        """Return a bare status; 502 as a proxy's HTML."""
        if status in (502, 504):
            return Answer(HTML, status, {"content-type": "text/html"}, free=True)
        headers = {} if fault.retry_after is None else {"retry-after": f"{fault.retry_after:g}"}
        shown = self._shape.error(
            status, fault.code or _CODES.get(status, "Error"), fault.message or "It did not work."
        )
        return Answer.of(shown, status, headers)

    def bad_body(self, message: str) -> VendorError:
        """400."""
        return self.of(400, message)


class _Desk(FilmDesk):
    def __init__(self, world: World, shape: Shape) -> None:
        self.shape = shape
        self.refusals = TaskErrors(shape)
        super().__init__(world, shape.name, self.refusals, lambda identity: self.refusals.of(404, "task not exist"))

    def shown(self, ask: Ask, job: VideoJob) -> Json:
        """Return a task in the host's words."""
        state = job.status(now())
        return self.shape.view(job, state, media_url(ask, job, "tasks") if state == "completed" else "")


class SubmitDesk(_Desk):
    """The paid call."""

    op = "submit"

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check the body."""
        try:
            wanted = self.shape.read(ask.fields, ask.headers)
        except BadBody as problem:
            raise self.refusals.of(400, str(problem)) from problem
        if wanted.model != MODEL:
            raise self.refusals.of(400, f"Model not exist: {wanted.model}")
        return wanted.model, wanted.prompt

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Accept a task."""
        if fault and fault.type == "refusal" and fault.variant == "200":
            # A business error that rides on 200: nothing was taken.
            return Answer.of(self.shape.error(200, "DataInspectionFailed", "Input data may be inappropriate content."))
        wanted = self.shape.read(ask.fields, ask.headers)
        job = self.begin(
            ask,
            fault,
            model=wanted.model,
            prompt=wanted.prompt,
            seconds=wanted.seconds,
            size=wanted.size,
            reference=wanted.ours,
        )
        return Answer(
            compact(self.shape.created(job)),
            headers={"content-type": "application/json"},
            units={"seconds": wanted.seconds, "size": wanted.size, "pictures": len(wanted.pictures)},
            price=wanted.seconds * self.shape.price,
            operation=job.id,
            job=job_fields(job),
        )


class ReadDesk(_Desk):
    """The task as it is now."""

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return it; a host may say with the status too that it is not done."""
        job = self.job(ask)
        return Answer.of(self.shown(ask, job), 200 if now() >= job.ready else self.shape.pending_status)


class ListDesk(_Desk):
    """The key's tasks, newest first."""

    op = "list"

    def look(self, ask: Ask) -> tuple[str, str]:
        """Nothing to check."""
        return "", ""

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return them."""
        return Answer.of({"data": [self.shown(ask, job) for job in reversed(self.world.jobs.of(self.owner(ask)))]})


class CancelDesk(_Desk):
    """Ends a task that is not done."""

    op = "delete"

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Say so, or 400."""
        job = self.job(ask)
        if now() >= job.ready:
            raise self.refusals.of(400, "the task cannot be canceled now", "UnsupportedOperation")
        job.ready, job.error_code, job.error_message = now(), "cancelled", "The task was canceled."
        return Answer.of({"request_id": f"request-{job.id[:8]}"})


class CheckDesk(_Desk):
    """A read that costs nothing."""

    kind, op = "models", "models"

    def look(self, ask: Ask) -> tuple[str, str]:
        """Nothing to check."""
        return "", ""

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return an empty list."""
        return Answer.of({"data": []})


def routes(world: World, at: At) -> list[Route]:
    """Return the routes of all task hosts, and their host of files."""
    found = [media_route(world, at, "tasks")]
    for shape in SHAPES:
        root = f"{ROOT}/{shape.name}"
        submit = at(SubmitDesk(world, shape))
        found += [Route(f"{root}{path}", submit, methods=["POST"]) for path in shape.creates]
        if shape.lists:
            found.append(Route(f"{root}{shape.lists}", at(ListDesk(world, shape))))
        if shape.cancels[1]:
            found.append(Route(f"{root}{shape.cancels[1]}", at(CancelDesk(world, shape)), methods=[shape.cancels[0]]))
        if shape.checks:
            found.append(Route(f"{root}{shape.checks}", at(CheckDesk(world, shape))))
        found.append(Route(f"{root}{shape.reads}", at(ReadDesk(world, shape))))
    return found
