"""The adapter of the simulator's five vendors: what a production adapter is, over real HTTP, with a failpoint on the wire."""

from __future__ import annotations

import json
from typing import Any

import httpx2

from kit.failpoints import failpoint
from kit.providers.base import (
    Accepted,
    Answer,
    Call,
    Finished,
    Idempotency,
    NotAccepted,
    NotSeen,
    Pending,
    Refused,
    VendorAway,
)
from kit.providers.http import SUBMISSION_HEADER, broken, verdict

VENDORS = ("replay", "reject", "none_list", "none_webhook", "none_blind")
SECONDS = 3
PRICE = SECONDS * 37_000_001
"""Nano-USD of one film, as the simulator bills it."""
KEY = "kinds-key-of-the-tests"
ANSWER_SECONDS = 2.5
"""How long an answer is waited for."""
PATIENCE = 9.0
"""Seconds for which a call that the list does not show, or of which no callback came, may still turn up."""


class KindsFilmer:
    """One of the five."""

    resend_unknown = False

    def __init__(self, vendor: str, idempotency: Idempotency, base: str, hooks: str) -> None:
        self.vendor = vendor
        self.idempotency = idempotency
        self._base = f"{base}/{vendor}/v1"
        self._hooks = hooks
        self._http = httpx2.AsyncClient(
            timeout=httpx2.Timeout(ANSWER_SECONDS, connect=10.0),
            headers={"authorization": f"Bearer {KEY}"},
            trust_env=False,
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def submit(self, call: Call) -> Accepted | Answer:
        """Sends once; raises `NotAccepted` or `OutcomeUnknown`."""
        body = dict(call.request)
        headers = {SUBMISSION_HEADER: call.submission_id}
        if self.idempotency is not Idempotency.NONE:
            headers["idempotency-key"] = call.submission_id
        if self.vendor == "none_list":
            body["metadata"] = {"reference": call.submission_id}
        if self.vendor == "none_webhook":
            body["callback_url"] = f"{self._hooks}/{self.vendor}/{call.submission_id}"
        try:
            answer = await self._http.post(
                f"{self._base}/jobs", json=body, headers=headers, extensions={"trace": _bytes_sent}
            )
            found = _read(answer)
        except (httpx2.HTTPError, ValueError) as error:
            raise broken(error) from error
        if answer.status_code == 422 and found.get("error", {}).get("first"):
            # The key was used: the vendor says by which job.
            return Accepted(str(found["error"]["first"]))
        if answer.status_code >= 400:
            told = found.get("error", {})
            raise verdict(answer.status_code, answer.headers, str(told.get("message", "")), str(told.get("code", "")))
        return Accepted(str(found["id"]))

    async def poll(self, operation_id: str) -> Pending | Finished | Refused:
        """Asks once; what is not final is asked again. Raises `VendorAway`."""
        found = await self._get(f"{self._base}/jobs/{operation_id}")
        match found["status"]:
            case "completed":
                return Finished({"seconds": found["seconds"]}, int(found["price_nano_usd"]))
            case "failed":
                return Refused("vendor_failed", str(found["error"]["message"]), charged=True)
            case "error" if found["error"].get("final", True):
                return Refused("vendor_failed", str(found["error"]["message"]), charged=True)
            case _:
                return Pending(None, max(0.1, float(found["poll_after_ms"]) / 1000))

    async def fetch(self, operation_id: str) -> Answer:
        """Streams the film; raises `VendorAway`, or `NotAccepted` when it is gone."""
        data = bytearray()
        try:
            async with self._http.stream("GET", f"{self._base}/jobs/{operation_id}/content") as answer:
                if answer.status_code in (404, 410):
                    raise NotAccepted("The vendor no longer has this film.", reason="product_gone")
                if answer.status_code != 200:
                    raise VendorAway(f"The vendor answered {answer.status_code}.")
                whole = int(answer.headers["content-length"])
                async for chunk in answer.aiter_bytes(4096):
                    data += chunk
                    if len(data) >= whole / 2:
                        failpoint("paid.half_fetched")
        except httpx2.HTTPError as error:
            raise VendorAway("The film cannot be read now.") from error
        return Answer(bytes(data), "video/mp4", {"bytes": len(data)})

    async def lookup(self, call: Call, since: float) -> Accepted | None:
        """Asks the list, where there is one; the callback comes by itself."""
        if self.vendor == "none_webhook":
            raise NotSeen("It has not called back so far.", seconds=PATIENCE)
        if self.vendor != "none_list":
            return None
        query = {"created_after": str(since - 1), "reference": call.submission_id}
        found = (await self._get(f"{self._base}/jobs", **query))["data"]
        if not found:
            raise NotSeen("The list does not show it.", seconds=PATIENCE)
        return Accepted(str(found[0]["id"])) if len(found) == 1 else None

    async def cancel(self, operation_id: str) -> None:
        """Says so; the work is billed all the same."""
        try:
            await self._http.delete(f"{self._base}/jobs/{operation_id}")
        except httpx2.HTTPError:
            return

    async def _get(self, url: str, **query: str) -> dict[str, Any]:
        try:
            answer = await self._http.get(url, params=query)
            if answer.status_code != 200:
                # Also a 403 or 404 for our own job: vendors are known to forget for a while whose it is.
                raise VendorAway(f"The vendor answered {answer.status_code}.")
            return _read(answer)
        except (httpx2.HTTPError, ValueError) as error:
            raise VendorAway("The vendor cannot be asked now.") from error


def _read(answer: httpx2.Response) -> dict[str, Any]:
    try:
        found = json.loads(answer.content)
    except ValueError:
        if answer.status_code >= 400:
            return {}
        raise
    if not isinstance(found, dict):
        raise ValueError("the answer is no object")
    return found


async def _bytes_sent(event: str, info: dict[str, Any]) -> None:
    """httpcore tells when the request is on the wire whole and the answer is not read yet."""
    if event == "http11.receive_response_headers.started":
        failpoint("paid.bytes_sent")
