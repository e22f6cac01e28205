"""Paying once: the only caller of an adapter's `submit`.

The intent (request, price, key) is committed before anything is sent, SUBMITTING just before the socket is opened, the vendor's
operation id before the first poll. Another try is sent only after proof that the vendor took nothing. What cannot be reconciled waits
for a person, with its price; text alone is cheap enough to be sent again, booked as a second call.
"""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog

from kit.errors import Conflict, Exhausted, SfdError
from kit.failpoints import failpoint
from kit.jobs.earlier import LOST, as_failure, earlier
from kit.jobs.handler import GiveBack, Hold, JobCancelled, JobContext, JobFailed, Later, LeaseLost
from kit.jobs.order import NotTaken, Order
from kit.jobs.pace import age, poll_delay
from kit.jobs.room import Place
from kit.jsonio import canonical, dumps, load_object
from kit.providers.base import (
    Accepted,
    Adapter,
    Answer,
    Finished,
    Idempotency,
    NotAccepted,
    NotSeen,
    OutcomeUnknown,
    Pending,
    Refused,
    VendorAway,
)
from kit.telemetry import PAID_CALLS, span
from sfd.jobs.v1 import job_pb2, job_service_pb2

log = structlog.get_logger("paid")

S = job_pb2.SubmissionState
_INLINE = 256 * 1024
_LOOK_AGAIN = 2.0
_MOVED = 0.2
_NEXT_TURN = 10.0
_KEY_LIFE = 23 * 3600.0
"""Seconds for which a vendor is trusted to know a key; the shortest that is documented is a day. An older one would buy anew."""
_AT_VENDOR = frozenset(
    {
        S.SUBMISSION_STATE_SUBMITTING,
        S.SUBMISSION_STATE_SUBMIT_UNKNOWN,
        S.SUBMISSION_STATE_SUBMITTED,
        S.SUBMISSION_STATE_RUNNING,
        S.SUBMISSION_STATE_FETCHING,
    }
)


class PaidCalls:
    """Buys for one lease. `room` bounds how many products are in this process's memory at once; None does not bound it.

    `turn` is a place that the caller leaves: without one at once, a finished product stays at its vendor until the next look.
    """

    def __init__(
        self,
        context: JobContext,
        adapter: Adapter,
        room: asyncio.Semaphore | None = None,
        turn: Place | None = None,
    ) -> None:
        self._context = context
        self._adapter = adapter
        self._place = Place(room)
        self._turn = turn
        self._fetched: dict[str, Answer] = {}

    async def buy(self, order: Order) -> Answer:
        """Returns the vendor's product, bought now or found as already bought.

        Raises `JobFailed` when the vendor refuses, `GiveBack` to wait for the vendor or for a person, `JobCancelled`.
        """
        try:
            return await self._buy(order)
        finally:
            self._place.leave()

    async def buy_file(self, order: Order, path: Path) -> None:
        """Writes the vendor's product to `path`; until then it has its place in the room. Raises as `buy` does."""
        try:
            answer = await self._buy(order)
            await asyncio.to_thread(path.write_bytes, answer.body)
        finally:
            self._fetched.clear()
            self._place.leave()

    async def _buy(self, order: Order) -> Answer:
        purpose = f"{order.purpose}/{self._context.job.attempt}"
        job, known = self._context.job, self._context.lease.submissions
        submission = earlier(known, order.purpose, purpose, charged=job.failure.charged)
        while True:
            await self._check(submission)
            if submission is None:
                submission = await self._intend(order, purpose)
            match submission.state:
                case S.SUBMISSION_STATE_DONE:
                    return await self._bought(submission)
                case S.SUBMISSION_STATE_INTENT:
                    submission = await self._submit(submission, order)
                case S.SUBMISSION_STATE_SUBMITTING:
                    submission = await self._record(submission, S.SUBMISSION_STATE_SUBMIT_UNKNOWN)
                case S.SUBMISSION_STATE_SUBMIT_UNKNOWN:
                    submission = await self._reconcile(submission, order)
                case S.SUBMISSION_STATE_SUBMITTED | S.SUBMISSION_STATE_RUNNING | S.SUBMISSION_STATE_FETCHING:
                    submission = await self._follow(submission, order)
                case S.SUBMISSION_STATE_NEEDS_USER:
                    raise GiveBack(Hold("A paid call of unknown outcome waits for a decision."))
                case S.SUBMISSION_STATE_NOT_ACCEPTED:
                    submission = None
                case _:
                    raise as_failure(submission)

    async def _check(self, submission: job_pb2.Submission | None) -> None:
        """Raises `JobCancelled` or `LeaseLost`; a cancelled call that the vendor may have is looked after first."""
        if self._context.lost.is_set() or not self._context.cancel.is_set():
            self._context.check()
        elif submission is None or submission.state not in _AT_VENDOR:
            if submission is not None and submission.state == S.SUBMISSION_STATE_INTENT:
                stopped = NotAccepted("Cancelled before it was sent.", reason="cancelled")
                await self._record(submission, S.SUBMISSION_STATE_NOT_ACCEPTED, failure=stopped)
            raise JobCancelled

    async def _intend(self, order: Order, purpose: str) -> job_pb2.Submission:
        frozen = canonical(order.request)
        wanted = job_pb2.Submission(
            id=str(uuid.uuid4()),
            job_id=self._context.job.id,
            state=S.SUBMISSION_STATE_INTENT,
            vendor=self._adapter.vendor,
            model=order.model,
            key_id=order.key_id,
            key_slots=order.key_slots,
            request_json=frozen,
            request_sha256=hashlib.sha256(frozen.encode()).hexdigest(),
            price_nano_usd=order.price_nano_usd,
            purpose=purpose,
        )
        failpoint("paid.before_intent")
        try:
            stored = await self._send(wanted, S.SUBMISSION_STATE_UNSPECIFIED)
        except Exhausted as error:
            if error.reason == "key_busy":
                raise GiveBack(Later(2.0, message="The vendor key is busy.")) from error
            raise JobFailed(error.message, reason=error.reason) from error
        except Conflict as error:
            if error.reason == "cancelled":
                raise JobCancelled from error
            raise
        failpoint("paid.after_intent")
        return stored

    async def _submit(self, submission: job_pb2.Submission, order: Order) -> job_pb2.Submission:
        submission = await self._record(submission, S.SUBMISSION_STATE_SUBMITTING)
        failpoint("paid.after_submitting")
        # The vendor's answer is known to this process alone: it is heard and recorded even when the lease is lost meanwhile.
        sending = asyncio.ensure_future(self._send_once(submission, order))
        sending.add_done_callback(lambda sent: sent.cancelled() or sent.exception())
        return await asyncio.shield(sending)

    async def _send_once(self, submission: job_pb2.Submission, order: Order) -> job_pb2.Submission:
        """Sends, and records what came of it."""
        call = order.call(submission.id)
        try:
            with span(f"vendor.{self._adapter.vendor}.submit", model=order.model):
                reply = await self._adapter.submit(call)
        except NotAccepted as error:
            PAID_CALLS.labels(self._adapter.vendor, "not_accepted").inc()
            await self._record(submission, S.SUBMISSION_STATE_NOT_ACCEPTED, failure=error)
            if error.after is not None and error.retryable:
                # The vendor says when: waiting is not a failure of the job.
                raise GiveBack(Later(error.after, message=error.message)) from error
            raise NotTaken(error.message, reason=error.reason, retryable=error.retryable) from error
        except OutcomeUnknown as error:
            PAID_CALLS.labels(self._adapter.vendor, "unknown").inc()
            return await self._record(submission, S.SUBMISSION_STATE_SUBMIT_UNKNOWN, failure=error)
        failpoint("paid.after_answer")
        if isinstance(reply, Accepted):
            submission = await self._record_for_life(
                submission, S.SUBMISSION_STATE_SUBMITTED, operation_id=reply.operation_id
            )
            failpoint("paid.after_submitted")
            return submission
        return await self._keep(submission, reply, order)

    async def _reconcile(self, submission: job_pb2.Submission, order: Order) -> job_pb2.Submission:
        """Turns an unknown outcome into a known one, or into a question for a person."""
        call = order.call(submission.id, submission.told_operation_id)
        try:
            found = await self._adapter.lookup(call, submission.created_at.seconds)
        except VendorAway as error:
            if self._context.cancel.is_set():
                raise JobCancelled from error
            raise GiveBack(Later(5.0, message="The vendor is away; its answer is needed to go on.")) from error
        except NotSeen as error:
            if age(submission) < error.seconds and not self._resendable(submission):
                if self._context.cancel.is_set():
                    raise JobCancelled from error
                raise GiveBack(Later(_LOOK_AGAIN, message="The vendor has not seen the call so far.")) from error
            found = None
        if found is not None:
            return await self._record_for_life(
                submission, S.SUBMISSION_STATE_SUBMITTED, operation_id=found.operation_id
            )
        if self._context.cancel.is_set():
            # Nothing is sent for a cancelled job, not even to learn what became of it; storage asks a person.
            raise JobCancelled
        if self._resendable(submission):
            again = await self._record(submission, S.SUBMISSION_STATE_INTENT)
            return await self._submit(again, order)
        if self._adapter.resend_unknown:
            lost = OutcomeUnknown("No answer came; the call is booked and sent again.", reason=LOST, charged=True)
            await self._record(
                submission, S.SUBMISSION_STATE_FAILED, failure=lost, cost=submission.price_nano_usd, estimated=True
            )
            return await self._intend(order, submission.purpose)
        await self._record(submission, S.SUBMISSION_STATE_NEEDS_USER)
        raise GiveBack(Hold("A paid call of unknown outcome waits for a decision."))

    def _resendable(self, submission: job_pb2.Submission) -> bool:
        """True when the vendor knows the submission's key again, so that sending once more cannot pay twice."""
        return self._adapter.idempotency is not Idempotency.NONE and age(submission) < _KEY_LIFE

    async def _follow(self, submission: job_pb2.Submission, order: Order) -> job_pb2.Submission:
        """Asks once how the vendor's work stands; snoozes while it goes on."""
        try:
            with span(f"vendor.{self._adapter.vendor}.poll"):
                status = await self._adapter.poll(submission.operation_id)
            failpoint("paid.during_poll")
        except VendorAway as error:
            if self._context.cancel.is_set():
                # The order to stop is tried once; a vendor that stays away does not keep a cancelled run open.
                await self._adapter.cancel(submission.operation_id)
                raise JobCancelled from error
            raise GiveBack(Later(poll_delay(submission, None), message="The vendor is away.")) from error
        match status:
            case Pending(progress=progress, after=after):
                if self._context.cancel.is_set():
                    await self._adapter.cancel(submission.operation_id)
                    raise JobCancelled
                if submission.state == S.SUBMISSION_STATE_SUBMITTED:
                    await self._record(submission, S.SUBMISSION_STATE_RUNNING)
                delay = max(order.poll_seconds, poll_delay(submission, after))
                raise GiveBack(Later(delay, progress, "The vendor is at work."))
            case Refused():
                PAID_CALLS.labels(self._adapter.vendor, "failed").inc()
                refusal = JobFailed(
                    status.message, reason=status.reason, retryable=status.retryable, charged=status.charged
                )
                cost = submission.price_nano_usd if status.charged else 0
                await self._record(
                    submission, S.SUBMISSION_STATE_FAILED, failure=refusal, cost=cost, estimated=status.charged
                )
                raise refusal
            case Finished():
                await self._take_turn()
                if submission.state != S.SUBMISSION_STATE_FETCHING:
                    submission = await self._record(submission, S.SUBMISSION_STATE_FETCHING)
                failpoint("paid.during_fetch")
                await self._place.take()
                try:
                    with span(f"vendor.{self._adapter.vendor}.fetch"):
                        answer = await self._adapter.fetch(submission.operation_id)
                except VendorAway as error:
                    raise GiveBack(
                        Later(poll_delay(submission, None), message="The product cannot be fetched yet.")
                    ) from error
                except NotAccepted as error:
                    gone = JobFailed(error.message, reason="product_gone", charged=True)
                    await self._record(
                        submission,
                        S.SUBMISSION_STATE_FAILED,
                        failure=gone,
                        cost=submission.price_nano_usd,
                        estimated=True,
                    )
                    raise gone from error
                units = {**status.units, **answer.units}
                cost_known = answer.cost_nano_usd if answer.cost_nano_usd is not None else status.cost_nano_usd
                fetched = Answer(answer.body, answer.content_type, units, cost_known)
                kept = await self._keep(submission, fetched, order)
                self._fetched[kept.id] = fetched
                return kept

    async def _keep(self, submission: job_pb2.Submission, answer: Answer, order: Order) -> job_pb2.Submission:
        """Stores the product's bytes under the submission's own id, then settles."""
        detail: dict[str, Any] = {"content_type": answer.content_type, "units": dict(answer.units)}
        if len(answer.body) <= _INLINE and answer.content_type.startswith(("text/", "application/json")):
            detail["text"] = answer.body.decode("utf-8", errors="replace")
        else:
            kind = answer.content_type.split("/")[0]
            asset = await self._context.store.put(answer.body, kind, asset_id=submission.id)
            detail["asset_id"] = asset.id
        failpoint("paid.after_fetch")
        told = None if order.own_price else answer.cost_nano_usd
        known, cost = told is not None, submission.price_nano_usd if told is None else told
        PAID_CALLS.labels(self._adapter.vendor, "done").inc()
        return await self._record_for_life(
            submission, S.SUBMISSION_STATE_DONE, cost=cost, estimated=not known, detail=detail
        )

    async def _take_turn(self) -> None:
        if self._turn is not None and not await self._turn.take_now():
            raise GiveBack(Later(_NEXT_TURN, message="The product is done and waits for its turn."))

    async def _bought(self, submission: job_pb2.Submission) -> Answer:
        """Returns a product that is kept: as it was fetched a moment ago, or from where it was kept by an earlier lease."""
        if (fetched := self._fetched.pop(submission.id, None)) is not None:
            return Answer(fetched.body, fetched.content_type, fetched.units, submission.cost_nano_usd)
        detail = load_object(submission.detail_json, "detail_json")
        await self._take_turn()
        await self._place.take()
        if "text" in detail:
            body = str(detail["text"]).encode()
        else:
            body = await self._context.store.get(str(detail["asset_id"]))
        return Answer(body, str(detail["content_type"]), dict(detail.get("units", {})), submission.cost_nano_usd)

    async def _record(
        self,
        submission: job_pb2.Submission,
        to: S.ValueType,
        *,
        operation_id: str = "",
        failure: SfdError | None = None,
        cost: int = 0,
        estimated: bool = False,
        detail: Mapping[str, Any] | None = None,
    ) -> job_pb2.Submission:
        changed = job_pb2.Submission(
            id=submission.id,
            job_id=submission.job_id,
            state=to,
            operation_id=operation_id or submission.operation_id,
            cost_nano_usd=cost,
            estimated=estimated,
            detail_json=dumps(detail) if detail else "",
        )
        if failure is not None:
            changed.failure.CopyFrom(
                job_pb2.Failure(
                    reason=failure.reason,
                    message=failure.message[:1000],
                    retryable=failure.retryable,
                    charged=failure.charged,
                )
            )
        return await self._send(changed, submission.state)

    async def _record_for_life(
        self, submission: job_pb2.Submission, to: S.ValueType, **values: Any
    ) -> job_pb2.Submission:
        """Records what only this process knows, for as long as it lives: losing it would lose money."""
        wait = 0.2
        while True:
            try:
                return await asyncio.shield(self._record(submission, to, **values))
            except SfdError as error:
                if not error.retryable:
                    raise
                log.warning("record_retried", submission=submission.id, reason=error.reason)
                await asyncio.sleep(wait)
                wait = min(2.0, wait * 2)

    async def _send(self, submission: job_pb2.Submission, expected: S.ValueType) -> job_pb2.Submission:
        request = job_service_pb2.RecordSubmissionRequest(
            lease_id=self._context.lease.lease_id, submission=submission, expected=expected
        )
        request.at.GetCurrentTime()
        try:
            return (await self._context.store.jobs.RecordSubmission(request, timeout=10)).submission
        except Conflict as error:
            if error.reason == "stale_lease":
                raise LeaseLost from error
            if error.reason == "submission_moved":
                # A callback or an earlier worker told the truth meanwhile: the next lease brings it.
                raise GiveBack(Later(_MOVED, message="News of the paid call came from elsewhere.")) from error
            raise
