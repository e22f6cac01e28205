"""Walks the drama API's checklist against any deployment and says for each box what was seen.

    python test_api.py http://127.0.0.1:8000 [KEY] [--quick] [--model gpt-5] [--seconds 900]

Needs nothing but Python. `--quick` leaves out what writes and draws, which takes time and with a vendor's key costs money.
Whatever it makes, it removes again. The exit code is 0 when every box holds, 1 when one does not.
"""

from __future__ import annotations

import argparse
import json
import secrets
import struct
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

PREMISE = "A night-shift baker finds a ring in the dough and her own name inside it. 1 episode."
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Failed(Exception):
    """A box does not hold; the text says what was seen."""


class Skipped(Exception):
    """A box was left out; the text says why."""


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    content: bytes

    def json(self) -> Any:
        """Returns the JSON body; raises Failed for anything else."""
        try:
            return json.loads(self.content)
        except ValueError:
            raise Failed(f"{self.status} without JSON: {self.content[:100]!r}") from None


@dataclass
class Api:
    """One deployment, asked with a key or without."""

    url: str
    key: str
    model: str
    seconds: float
    quick: bool
    made: list[str] = field(default_factory=list)
    written: dict[str, Any] = field(default_factory=dict)

    def send(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """Returns the answer whatever its status; raises Failed when nobody answers."""
        told = {"X-API-Key": self.key} if self.key else {}
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if data is not None:
            told["Content-Type"] = "application/json"
        target = path if path.startswith(("http://", "https://")) else self.url + path
        # Only http and https get here: main() refuses another scheme.
        request = urllib.request.Request(  # noqa: S310
            target, data, {**told, **(headers or {})}, method=method
        )
        local = urllib.parse.urlsplit(target).hostname in ("127.0.0.1", "localhost", "::1")
        try:
            with (_DIRECT.open if local else urllib.request.urlopen)(request, timeout=90) as answer:
                return Answer(answer.status, _lower(answer.headers.items()), answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, _lower(error.headers.items()), error.read())
        except OSError as error:
            raise Failed(f"{target} does not answer: {error}") from None

    def want(
        self, status: int, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """Returns the answer; raises Failed when it has another status."""
        answer = self.send(method, path, body, headers)
        if answer.status != status:
            raise Failed(
                f"{method} {path}: {answer.status} instead of {status}: {answer.content[:200].decode(errors='replace')}"
            )
        return answer

    def ended(self, drama: str, job: str) -> dict[str, Any]:
        """Returns the job's record once it has ended; raises Failed when it failed or took too long."""
        until = time.monotonic() + self.seconds
        while time.monotonic() < until:
            record: dict[str, Any] = self.want(
                200, "GET", f"/dramas/{drama}/jobs/{job}", headers={"Prefer": "wait=20"}
            ).json()
            if record["status"] == "completed":
                return record
            if record["status"] == "failed":
                raise Failed(f"job {job} failed: {record['error']}")
            time.sleep(1)
        raise Failed(f"job {job} is {record['status']} after {self.seconds:.0f} s")

    def drama(self) -> str:
        """Returns the id of a drama that was stored as it is."""
        if not self.made:
            create_as_is(self)
        return self.made[0]

    def costly(self) -> None:
        """Leaves a box out in a quick walk."""
        if self.quick:
            raise Skipped("left out by --quick")


def example(drama_id: str) -> dict[str, Any]:
    """Returns the drama that the walk stores."""
    board = {
        "id": "ep01_s01_storyboard",
        "kind": "image",
        "depends_on": ["char_mina"],
        "prompt": "Mina on the wet deck",
    }
    clip = {"id": "ep01_s01_clip", "kind": "video", "depends_on": [board["id"]], "prompt": "She turns", "duration": 10}
    mina = {"id": "char_mina", "name": "Mina", "description": "A steward", "gender": "female", "main": True}
    scene = {"id": "ep01_s01", "description": "She counts the passengers", "assets": [board, clip]}
    episode = {"id": "ep01", "title": "Boarding", "description": "One too many", "scenes": [scene]}
    return {
        "id": drama_id,
        "title": "Night Ferry",
        "description": "A ferry only the living can leave",
        "premise": "A steward counts one passenger too many",
        "characters": [{**mina, "voice_description": "low, dry, unhurried"}],
        "episodes": [episode],
    }


def health(api: Api) -> str:
    """Health check endpoint."""
    told = api.want(200, "GET", "/health", headers={"X-API-Key": ""}).json()
    return f"status {told['status']}, version {told.get('version')}"


def create_from_premise(api: Api) -> str:
    """Create drama from premise (async)."""
    refused = api.want(400, "POST", "/dramas", {}).json()
    if not isinstance(refused.get("detail"), str):
        raise Failed("400 without a text as its detail")
    api.costly()
    wish = {"premise": PREMISE, **({"model": api.model} if api.model else {})}
    answer = api.want(202, "POST", "/dramas", wish)
    told = answer.json()
    api.made.append(told["dramaId"])
    api.written.update(told)
    if told["status"] != "pending" or not told["jobId"].startswith("job_"):
        raise Failed(f"unexpected answer {told}")
    warning = answer.headers.get("x-sfd-warning")
    return f"202, drama {told['dramaId']}, job {told['jobId']}" + (f" ({warning})" if warning else "")


def create_as_is(api: Api) -> str:
    """Create drama from JSON (sync)."""
    drama_id = f"checklist_{secrets.token_hex(6)}"
    api.want(422, "POST", "/dramas", {"drama": {"id": drama_id}})
    told = api.want(201, "POST", "/dramas", {"drama": example(drama_id)}).json()
    api.made.insert(0, drama_id)
    if told["episodes"][0]["scenes"][0]["assets"][1]["duration"] != 10:
        raise Failed("the drama did not come back as it was sent")
    return f"201, drama {drama_id}"


def track_job(api: Api) -> str:
    """Job status tracking."""
    api.want(404, "GET", f"/dramas/{api.drama()}/jobs/job_nothing")
    if api.quick or not api.written:
        told = api.want(200, "GET", f"/dramas/{api.drama()}/jobs").json()
        return f"list of {len(told['jobs'])} jobs, 404 for an unknown one; no job was made (--quick)"
    drama, job = api.written["dramaId"], api.written["jobId"]
    record = api.ended(drama, job)
    listed = api.want(200, "GET", f"/dramas/{drama}/jobs").json()["jobs"]
    if job not in [one["jobId"] for one in listed] or not record["createdAt"] <= record["completedAt"]:
        raise Failed(f"the record does not fit: {record}")
    return f"{record['type']} completed after {(record['completedAt'] - record['createdAt']) / 1000:.1f} s"


def get_drama(api: Api) -> str:
    """Get drama by ID."""
    drama = api.want(200, "GET", f"/dramas/{api.drama()}").json()
    missing = api.want(404, "GET", "/dramas/nothing_of_the_kind").json()
    if missing["detail"] != {"error": "Drama not found", "message": "Drama nothing_of_the_kind not found"}:
        raise Failed(f"404 with another detail: {missing['detail']}")
    return f"{drama['title']}: {len(drama['characters'])} characters, {len(drama['episodes'])} episodes"


def list_dramas(api: Api) -> str:
    """List dramas with pagination."""
    api.drama()
    second = f"checklist_{secrets.token_hex(6)}"
    api.want(201, "POST", "/dramas", {"drama": example(second)})
    api.made.append(second)
    wanted, cursor, pages = set(api.made[:1]) | {second}, "", 0
    while pages < 10_000:
        page = api.want(200, "GET", f"/dramas?limit=1{cursor and '&cursor=' + urllib.parse.quote(cursor)}").json()
        pages += 1
        wanted -= {one["id"] for one in page["dramas"]}
        if page["cursor"] is None or not wanted:
            break
        cursor = page["cursor"]
    if wanted:
        raise Failed(f"not in the list: {', '.join(wanted)}")
    api.want(422, "GET", "/dramas?limit=0")
    return f"both dramas found within {pages} pages of one"


def update_drama(api: Api) -> str:
    """Update drama."""
    path = f"/dramas/{api.drama()}"
    told = api.want(200, "PATCH", path, {"title": "The Last Ferry", "metadata": {"mood": "hopeful"}}).json()
    if (told["title"], told["description"]) != ("The Last Ferry", example("x")["description"]):
        raise Failed("a field that was not sent changed, or one that was did not")
    if api.want(200, "PATCH", path, {"metadata": None}).json()["metadata"] is not None:
        raise Failed("a null did not clear its field")
    return "the title changed, the rest did not; a null clears"


def delete_drama(api: Api) -> str:
    """Delete drama."""
    drama_id = f"checklist_{secrets.token_hex(6)}"
    api.want(201, "POST", "/dramas", {"drama": example(drama_id)})
    if api.want(200, "DELETE", f"/dramas/{drama_id}").json() != {"success": True}:
        raise Failed("another answer than success")
    api.want(404, "GET", f"/dramas/{drama_id}")
    return "200, then 404"


def improve(api: Api) -> str:
    """Improve drama with feedback."""
    api.want(422, "POST", f"/dramas/{api.drama()}/improve", {"feedback": " "})
    api.costly()
    told = api.want(202, "POST", f"/dramas/{api.drama()}/improve", {"feedback": "Make the ending kinder."}).json()
    api.made.append(told["improvedId"])
    if not told["improvedId"].startswith(f"{api.drama()}_improved_"):
        raise Failed(f"another id than expected: {told['improvedId']}")
    api.ended(told["improvedId"], told["jobId"])
    improved = api.want(200, "GET", f"/dramas/{told['improvedId']}").json()
    return f"{told['improvedId']}: {improved['title']}"


def crud(
    kind: str, plural: str, parent: str, one: str, change: dict[str, Any], new: dict[str, Any]
) -> Callable[[Api], str]:
    """Returns the walk through one kind of entity: list, get, change, 404; create and delete where the deployment has them."""

    def walk(api: Api) -> str:
        base = f"/dramas/{api.drama()}{parent}/{plural}"
        listed = api.want(200, "GET", base).json()[plural]
        if one not in [entity["id"] for entity in listed]:
            raise Failed(f"{one} is not in the list")
        before = api.want(200, "GET", f"{base}/{one}").json()
        after = api.want(200, "PATCH", f"{base}/{one}", change).json()
        if {**before, **change} != after or api.want(200, "GET", f"{base}/{one}").json() != after:
            raise Failed("the change is not what was sent and nothing else")
        missing = api.want(404, "GET", f"{base}/nothing").json()
        if missing["detail"] != {"error": f"{kind} not found", "message": f"{kind} nothing not found"}:
            raise Failed(f"404 with another detail: {missing['detail']}")
        seen = "created with the drama, listed, read, changed, 404"
        if api.send("POST", base, new).status == 405:
            return seen
        made = f"{base}/{new['id']}"
        api.want(200, "GET", made)
        api.want(200, "DELETE", made)
        api.want(404, "GET", made)
        return f"{seen}; created and deleted by itself"

    return walk


characters = crud(
    "Character",
    "characters",
    "",
    "char_mina",
    {"description": "A steward in a blue coat"},
    {"id": "char_new", "name": "N", "description": "d", "gender": "other", "voice_description": "calm"},
)
episodes = crud(
    "Episode",
    "episodes",
    "",
    "ep01",
    {"title": "All aboard"},
    {"id": "ep_new", "title": "N", "description": "d"},
)
scenes = crud(
    "Scene",
    "scenes",
    "/episodes/ep01",
    "ep01_s01",
    {"description": "She counts again"},
    {"id": "s_new", "description": "d"},
)
assets = crud(
    "Asset",
    "assets",
    "/episodes/ep01/scenes/ep01_s01",
    "ep01_s01_clip",
    {"prompt": "She turns around slowly"},
    {"id": "a_new", "kind": "image", "prompt": "p"},
)


def authentication(api: Api) -> str:
    """API key authentication."""
    bare = api.send("GET", "/dramas?limit=1", headers={"X-API-Key": ""} if api.key else {})
    if not api.key:
        if bare.status != 200:
            raise Failed(f"{bare.status} without a key; give one as the second argument")
        return "open: this deployment has no key"
    nobody = Api(api.url, "", "", api.seconds, quick=True)
    if nobody.send("GET", "/dramas?limit=1").status != 401:
        raise Failed("a request without a key is let in")
    api.want(401, "GET", "/dramas?limit=1", headers={"X-API-Key": "wrong-key"})
    api.want(200, "GET", "/dramas?limit=1")
    nobody.want(200, "GET", "/dramas?limit=1", headers={"Authorization": f"Bearer {api.key}"})
    nobody.want(200, "GET", "/health")
    return "401 without and with a wrong key; X-API-Key and Bearer let in; /health is open"


def storage(api: Api) -> str:
    """R2 storage integration."""
    if api.quick or not api.written:
        return _library(api)
    drama = api.want(200, "GET", f"/dramas/{api.written['dramaId']}").json()
    urls = [one for one in [drama["url"], *(character["url"] for character in drama["characters"])] if one]
    if not urls:
        raise Failed("no picture has a URL")
    sizes = []
    for url in urls:
        answer = Api(api.url, "", "", api.seconds, quick=True).want(200, "GET", url)
        if not answer.headers.get("content-type", "").startswith("image/") or len(answer.content) < 1000:
            raise Failed(f"{url} is no picture")
        sizes.append(len(answer.content))
    return f"{len(urls)} pictures, {sum(sizes) // 1024} KiB, without a key"


def _library(api: Api) -> str:
    """Uploads a picture, reads it back, and removes it."""
    picture, mark = _picture(), secrets.token_hex(8)
    fields = {"user_id": "10000", "project_name": "checklist", "asset_type": "image", "tag": "character"}
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in fields.items()
    ]
    head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="dot.png"\r\nContent-Type: image/png\r\n\r\n'
    body = b"".join(parts) + head.encode() + picture + f"\r\n--{mark}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={mark}"}
    told = api.want(200, "POST", "/asset-library/upload", body, kind).json()
    place = f"/asset-library/{told['asset_id']}"
    query = "?user_id=10000&project_name=checklist&asset_type=image"
    if api.want(200, "GET", place + query).content != picture:
        raise Failed("the bytes that came back are not those that were sent")
    api.want(200, "DELETE", place + query)
    api.want(404, "GET", place + query)
    return f"{len(picture)} bytes stored, read back and removed"


def generation(api: Api) -> str:
    """GPT-5 generation (or the writer that this deployment has)."""
    api.costly()
    if not api.written:
        raise Failed("no drama was written")
    drama = api.want(200, "GET", f"/dramas/{api.written['dramaId']}").json()
    people, parts = drama["characters"], drama["episodes"]
    voices = [one for one in people if len(one["voice_description"]) > 10]
    if not drama["title"] or not parts or not people or len(voices) != len(people):
        raise Failed(f"not a whole drama: {len(people)} characters, {len(parts)} episodes, {len(voices)} voices")
    return f"“{drama['title']}”: {len(people)} characters with voices, {len(parts)} episodes"


def documentation(api: Api) -> str:
    """OpenAPI schema at /openapi.json, Swagger UI at /docs."""
    document = api.want(200, "GET", "/openapi.json").json()
    for page in ("/docs", "/redoc"):
        if b"openapi.json" not in api.want(200, "GET", page).content:
            raise Failed(f"{page} does not show the document")
    return f"OpenAPI {document['openapi']}, {len(document['paths'])} paths"


BOXES: tuple[tuple[str, Callable[[Api], str]], ...] = (
    ("Health check endpoint", health),
    ("Create drama from JSON (sync)", create_as_is),
    ("Create drama from premise (async)", create_from_premise),
    ("Job status tracking", track_job),
    ("Get drama by ID", get_drama),
    ("List dramas with pagination", list_dramas),
    ("Update drama", update_drama),
    ("Delete drama", delete_drama),
    ("Improve drama with feedback", improve),
    ("Character CRUD", characters),
    ("Episode CRUD", episodes),
    ("Scene CRUD", scenes),
    ("Asset CRUD", assets),
    ("API key authentication", authentication),
    ("R2 storage integration", storage),
    ("GPT-5 generation", generation),
    ("OpenAPI schema and Swagger UI", documentation),
)
"""The checklist's boxes; what is generated is begun early and looked at late."""


def walk(api: Api) -> dict[str, str]:
    """Looks at every box, prints a line for each, and returns their marks: ok, FAIL or skip."""
    marks: dict[str, str] = {}
    for name, box in BOXES:
        try:
            mark, seen = "ok", box(api)
        except Skipped as reason:
            mark, seen = "skip", str(reason)
        except Failed as reason:
            mark, seen = "FAIL", str(reason)
        except (KeyError, TypeError, IndexError, AttributeError) as error:
            mark, seen = "FAIL", f"the answer has another form: {error!r}"
        marks[name] = mark
        print(f"[{mark}]".ljust(7) + f"{name}: {seen}", flush=True)
    for drama_id in api.made:
        try:
            api.send("DELETE", f"/dramas/{drama_id}")
        except Failed:
            break
    return marks


def _lower(items: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in items}


def _picture() -> bytes:
    """Returns a PNG of one grey dot."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")


def main() -> int:
    """Returns 0 when every box holds, 1 otherwise."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("url", nargs="?", default="http://127.0.0.1:8000", help="where the gateway is")
    parser.add_argument("key", nargs="?", default="", help="a service key, if it has some")
    parser.add_argument("--quick", action="store_true", help="leave out what writes and draws")
    parser.add_argument("--model", default="", help="who writes, such as gpt-5; the deployment's own choice without it")
    parser.add_argument("--seconds", type=float, default=900.0, help="how long to wait for one job")
    told = parser.parse_args()
    if not told.url.startswith(("http://", "https://")):
        parser.error("the URL begins with http:// or https://")
    marks = walk(Api(told.url.rstrip("/"), told.key, told.model, told.seconds, told.quick))
    count = list(marks.values()).count
    print(f"{count('ok')} ok, {count('FAIL')} failed, {count('skip')} skipped")
    return 1 if "FAIL" in marks.values() else 0


if __name__ == "__main__":
    sys.exit(main())
