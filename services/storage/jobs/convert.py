"""Rows of runs, jobs, submissions and events as messages."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from services.storage.jobs.rules import STATES, SUBMISSION_STATES, failure_of
from sfd.jobs.v1 import job_pb2


def stamp(value: datetime | None) -> Timestamp | None:
    """Returns the protobuf form of a moment, or None."""
    if value is None:
        return None
    result = Timestamp()
    result.FromDatetime(value)
    return result


def run_message(row: Any) -> job_pb2.Run:
    """Returns the message of a row of `runs` that also has `running`."""
    return job_pb2.Run(
        id=str(row["id"]),
        public_id=row["public_id"],
        account_id=str(row["account_id"]),
        kind=row["kind"],
        drama_id=row["drama_id"],
        state=STATES[row["state"]],
        total=row["total"],
        succeeded=row["succeeded"],
        failed=row["failed"],
        cancelled=row["cancelled"],
        running=row["running"],
        result_json=row["result"],
        failure=failure_of(row["failure"]),
        metadata_json=row["metadata"],
        cancel_requested=row["cancel_requested"],
        cost_nano_usd=row["cost_nano_usd"],
        held_nano_usd=row["held_nano_usd"],
        ceiling_nano_usd=row["ceiling_nano_usd"],
        created_at=stamp(row["created_at"]),
        started_at=stamp(row["started_at"]),
        finished_at=stamp(row["finished_at"]),
        progress=row["progress"] or 0.0,
    )


def job_message(row: Any, *, with_input: bool = True) -> job_pb2.Job:
    """Returns the message of a row of `jobs`; `depends_on` when the row has it."""
    keys = row.keys()
    return job_pb2.Job(
        id=str(row["id"]),
        public_id=row["public_id"],
        run_id=str(row["run_id"]),
        account_id=str(row["account_id"]),
        step=row["step"],
        kind=row["kind"],
        queue=row["queue"],
        payload_type=row["payload_type"],
        input_json=row["input"] if with_input else "",
        output_json=row["output"],
        state=STATES[row["state"]],
        waits_on=row["waits_on"],
        attempt=row["attempt"],
        max_attempts=row["max_attempts"],
        lease_losses=row["lease_losses"],
        progress=row["progress"],
        progress_message=row["progress_message"],
        failure=failure_of(row["failure"]),
        metadata_json=row["metadata"],
        reused=row["reused"],
        optional=row["optional"],
        held=row["held"],
        cancel_requested=row["cancel_requested"],
        cost_nano_usd=row["cost_nano_usd"],
        run_after=stamp(row["run_after"]),
        created_at=stamp(row["created_at"]),
        started_at=stamp(row["started_at"]),
        finished_at=stamp(row["finished_at"]),
        depends_on=row["depends_on"] or () if "depends_on" in keys else (),
    )


def lease_message(row: Any) -> job_pb2.Lease:
    """Returns the message of a leased row: `parents` and `submissions` are JSON arrays or null."""
    lease = job_pb2.Lease(
        lease_id=str(row["lease_id"]),
        job=job_message(row),
        lease_until=stamp(row["lease_until"]),
        drama_id=row["drama_id"],
    )
    for parent in json.loads(row["parents"]) if row["parents"] else ():
        lease.parents.add(
            job_id=parent["id"],
            step=parent["step"],
            kind=parent["kind"],
            state=STATES[parent["state"]],
            output_json=parent["output"],
        )
    for submission in json.loads(row["submissions"]) if row["submissions"] else ():
        submission["created_at"] = datetime.fromisoformat(submission["created_at"])
        submission["updated_at"] = datetime.fromisoformat(submission["updated_at"])
        lease.submissions.append(submission_message(submission))
    return lease


def submission_message(row: Any) -> job_pb2.Submission:
    """Returns the message of a row of `submissions`."""
    return job_pb2.Submission(
        id=str(row["id"]),
        job_id=str(row["job_id"]),
        run_id=str(row["run_id"]),
        account_id=str(row["account_id"]),
        number=row["number"],
        purpose=row["purpose"],
        state=SUBMISSION_STATES[row["state"]],
        vendor=row["vendor"],
        model=row["model"],
        key_id=row["key_id"],
        key_slots=row["key_slots"],
        request_json=row["request"],
        request_sha256=row["request_sha256"],
        operation_id=row["operation_id"],
        told_operation_id=row["told_operation_id"],
        price_nano_usd=row["price_nano_usd"],
        cost_nano_usd=row["cost_nano_usd"],
        estimated=row["estimated"],
        failure=failure_of(row["failure"]),
        detail_json=row["detail"],
        created_at=stamp(row["created_at"]),
        updated_at=stamp(row["updated_at"]),
    )


def event_message(row: Any) -> job_pb2.Event:
    """Returns the message of a row of `events` that has its position."""
    return job_pb2.Event(
        pos=row["pos"],
        account_id=str(row["account_id"]),
        run_id=str(row["run_id"]),
        run_public_id=row["run_public_id"],
        job_id=str(row["job_id"]) if row["job_id"] else "",
        seq=row["seq"],
        type=row["type"],
        data_json=row["data"],
        created_at=stamp(row["created_at"]),
        drama_id=row["drama_id"],
    )


def dead_letter_message(row: Any) -> job_pb2.DeadLetter:
    """Returns the message of a row of `dead_letters` joined with its job, without the input."""
    return job_pb2.DeadLetter(
        job=job_message(row, with_input=False),
        reason=row["letter_reason"],
        failure=failure_of(row["letter_failure"]),
        created_at=stamp(row["letter_at"]),
        redriven_run_id=str(row["redriven_run_id"] or ""),
    )
