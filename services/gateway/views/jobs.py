"""Runs and jobs as the drama contract shows them. One function for each vocabulary of status words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from services.gateway.problems import Json
from sfd.assets.v1.asset_pb2 import Asset
from sfd.jobs.v1 import job_pb2 as pb

NANO = 1_000_000_000
ACCEPTED = "pending"
"""The status in the answer to a wish, also when the same wish is repeated and its run has come further."""
TERMINAL = frozenset({pb.JOB_STATE_SUCCEEDED, pb.JOB_STATE_FAILED, pb.JOB_STATE_CANCELLED})
JOB_TYPE = "job_type"
"""Label of a run that is shown under another type than its kind's."""
STEP = "step"
"""Label of a run that does a single step: its name."""
PRODUCTIONS = frozenset({"execute_drama", "generate"})
"""Kinds of run whose result is the status of a DAG."""

_RUN_TYPES = {
    "generate_drama": "generate_drama",
    "improve_drama": "improve_drama",
    "critique_drama": "critique_drama",
    "execute_drama": "generate_drama",
    "generate": "generate_drama",
    "audition": "generate_video",
    "portrait": "generate_image",
    "cover": "generate_image",
    "storyboard": "generate_image",
    "assemble": "generate_video",
    "clip": "generate_video",
    "generate_video": "generate_video",
}
_STATUS = {
    pb.JOB_STATE_QUEUED: "pending",
    pb.JOB_STATE_RUNNING: "processing",
    pb.JOB_STATE_SUCCEEDED: "completed",
    pb.JOB_STATE_FAILED: "failed",
    pb.JOB_STATE_CANCELLED: "failed",
}
_DAG_STATUS = _STATUS | {pb.JOB_STATE_RUNNING: "running"}
_STATE = {
    pb.JOB_STATE_QUEUED: "queued",
    pb.JOB_STATE_RUNNING: "running",
    pb.JOB_STATE_SUCCEEDED: "succeeded",
    pb.JOB_STATE_FAILED: "failed",
    pb.JOB_STATE_CANCELLED: "cancelled",
}
_NODES = {
    "imaging.portrait": ("character", 1, "image"),
    "video.audition": ("character_asset", 2, "video"),
    "story.scenes": ("episode", 1, "episode"),
    "imaging.storyboard": ("scene", 2, "image"),
    "video.clip": ("scene_asset", 3, "video"),
    "imaging.cover": ("cover", 2, "image"),
    "video.assemble": ("assemble", 4, "video"),
    "video.generate": ("generation", 1, "video"),
}
_COUNTERS = ("total_jobs", "completed_jobs", "failed_jobs", "running_jobs", "pending_jobs")
_ENTITIES = ("character", "episode", "scene")
_CHILD_TYPES = {"image": "generate_image", "video": "generate_video"}


def job_status(state: pb.JobState.ValueType) -> str:
    """Returns the REST word for a state: pending, processing, completed or failed."""
    return _STATUS.get(state, "pending")


def dag_status(state: pb.JobState.ValueType) -> str:
    """Returns the DAG's word for a state: pending, running, completed or failed."""
    return _DAG_STATUS.get(state, "pending")


def state_word(state: pb.JobState.ValueType) -> str:
    """Returns the house's own word for a state, in lower case."""
    return _STATE.get(state, "queued")


def run_json(
    run: pb.Run, jobs: Sequence[pb.Job] = (), stored: Mapping[str, Asset] | None = None, *, alone: bool = True
) -> dict[str, Json]:
    """Returns a run as a job record. A production's result is its DAG's status; any run that is asked for `alone` tells its `jobs`."""
    labels = _object(run.metadata_json)
    produces = run.kind in PRODUCTIONS and STEP not in labels
    result: Json = None
    children: dict[str, Json] = {}
    if produces or (jobs and alone):
        dag = dag_json(run, jobs, stored or {})
        if produces:
            result = dag
        if alone:
            children = {key: dag[key] for key in (*_COUNTERS, "jobs")}
    product: dict[str, Json] = {}
    if not produces and run.state == pb.JOB_STATE_SUCCEEDED:
        result = _object(run.result_json) or None
        made = _product(run, labels, jobs, stored or {})
        if made is not None:
            result = _object(run.result_json) | _about(run, labels, *made)
            product = _stored(made[1])
    return {
        "jobId": run.public_id,
        "job_id": run.public_id,
        "type": labels.get(JOB_TYPE) or _RUN_TYPES.get(run.kind, "generate_drama"),
        "status": job_status(run.state),
        "dramaId": run.drama_id,
        "drama_id": run.drama_id,
        "createdAt": _millis(run.created_at) if run.HasField("created_at") else 0,
        "startedAt": _millis(run.started_at) if run.HasField("started_at") else None,
        "completedAt": _millis(run.finished_at) if run.HasField("finished_at") else None,
        "error": _run_error(run, jobs),
        "result": result,
        "state": state_word(run.state),
        "kind": run.kind,
        "progress": _progress(run, jobs),
        "cost_usd": run.cost_nano_usd / NANO,
        "reason": run.failure.reason or None,
        "can_retry": run.state in TERMINAL and run.succeeded < run.total,
        **product,
        **children,
    }


def told_by_its_step(run: pb.Run) -> bool:
    """Returns True for a run whose result tells what its one step made."""
    return run.kind == "audition" or STEP in _object(run.metadata_json)


def _product(
    run: pb.Run, labels: Mapping[str, Any], jobs: Sequence[pb.Job], stored: Mapping[str, Asset]
) -> tuple[pb.Job, Asset] | None:
    """Returns the one step of a run for one product, and what it stored; None for a run of another sort."""
    for job in jobs:
        asset = stored.get(stored_asset_id(job))
        if asset is not None and (
            job.kind == "video.audition" if run.kind == "audition" else job.step == labels.get(STEP)
        ):
            return job, asset
    return None


def _about(run: pb.Run, labels: Mapping[str, Any], job: pb.Job, asset: Asset) -> dict[str, Json]:
    """Returns whom the product of a single step shows and where it is."""
    about = {**labels, **_object(job.metadata_json)}
    named: dict[str, Json] = {f"{what}Id": str(about[f"{what}_id"]) for what in _ENTITIES if about.get(f"{what}_id")}
    return {"dramaId": run.drama_id, **named, "videoUrl" if _node(job)[2] == "video" else "imageUrl": asset.url}


def _stored(asset: Asset | None) -> dict[str, Json]:
    """Returns where the bytes are, under the names of the planned interface."""
    return {} if asset is None else {"r2_url": asset.url, "r2_key": asset.key}


def job_json(job: pb.Job, run: pb.Run, stored: Mapping[str, Asset] | None = None) -> dict[str, Json]:
    """Returns one step of a run as a job record of its own."""
    return {
        "jobId": job.public_id or job.id,
        "job_id": job.public_id or job.id,
        "type": _CHILD_TYPES.get(_node(job)[2], "generate_drama"),
        "status": job_status(job.state),
        "dramaId": run.drama_id,
        "drama_id": run.drama_id,
        "createdAt": _millis(job.created_at) if job.HasField("created_at") else 0,
        "startedAt": _millis(job.started_at) if job.HasField("started_at") else None,
        "completedAt": _millis(job.finished_at) if job.HasField("finished_at") else None,
        "error": _job_error(job),
        "result": (_object(job.output_json) or None) if job.state == pb.JOB_STATE_SUCCEEDED else None,
        "state": state_word(job.state),
        "kind": job.kind,
        "progress": 1.0 if job.state == pb.JOB_STATE_SUCCEEDED else job.progress,
        "cost_usd": job.cost_nano_usd / NANO,
        "reason": job.failure.reason or None,
        "can_retry": can_retry(job),
        "parentJobId": run.public_id,
        "parent_job_id": run.public_id,
        **_stored((stored or {}).get(stored_asset_id(job))),
    }


def dag_json(run: pb.Run, jobs: Sequence[pb.Job], stored: Mapping[str, Asset]) -> dict[str, Json]:
    """Returns the execution status of a production; a cancelled step counts as failed."""
    failed = run.failed + run.cancelled
    names = {job.step: _node(job)[0] for job in jobs}
    return {
        "dag_id": f"dag_{run.drama_id}",
        "drama_id": run.drama_id,
        "parent_job_id": run.public_id,
        "status": dag_status(run.state),
        "total_jobs": run.total,
        "completed_jobs": run.succeeded,
        "failed_jobs": failed,
        "running_jobs": run.running,
        "pending_jobs": max(0, run.total - run.succeeded - failed - run.running),
        "jobs": [_child(job, run, names, stored.get(stored_asset_id(job))) for job in jobs],
    }


def stored_asset_id(job: pb.Job) -> str:
    """Returns the id of the bytes that a job made; empty when it made none."""
    if not job.output_json:
        return ""
    output = _object(job.output_json)
    found = output.get("storedAssetId") or output.get("stored_asset_id") or ""
    return found if isinstance(found, str) else ""


def _child(job: pb.Job, run: pb.Run, names: Mapping[str, str], asset: Asset | None) -> dict[str, Json]:
    node_id, level, kind = _node(job)
    labels = _object(job.metadata_json)
    output = _object(job.output_json)
    node_type = labels.get("node_type") or _NODES.get(job.kind, (job.kind, 0, ""))[0]
    return {
        "job_id": job.public_id or job.id,
        "parent_job_id": run.public_id,
        "drama_id": run.drama_id,
        "asset_id": str(labels.get("asset_id") or labels.get("entity_id") or job.step.rpartition(":")[2]),
        "type": kind,
        "status": dag_status(job.state),
        "prompt": str(output.get("prompt") or labels.get("prompt") or ""),
        "depends_on": [names.get(step, step) for step in job.depends_on],
        "reference_paths": [],
        "result_path": None,
        "r2_url": asset.url if asset else None,
        "r2_key": asset.key if asset else None,
        "asset_metadata": None,
        "metadata": {**labels, "node_id": node_id, "node_type": node_type, "hierarchy_level": level},
        "node_id": node_id,
        "node_type": node_type,
        "hierarchy_level": level,
        "created_at": _iso(job.created_at) if job.HasField("created_at") else None,
        "started_at": _iso(job.started_at) if job.HasField("started_at") else None,
        "completed_at": _iso(job.finished_at) if job.HasField("finished_at") else None,
        "error": _job_error(job),
        "state": state_word(job.state),
        "kind": job.kind,
        "step": job.step,
        "progress": 1.0 if job.state == pb.JOB_STATE_SUCCEEDED else job.progress,
        "progress_message": job.progress_message,
        "attempt": job.attempt,
        "reused": job.reused,
        "optional": job.optional,
        "held": job.held,
        "cost_usd": job.cost_nano_usd / NANO,
        "reason": job.failure.reason or None,
        "can_retry": can_retry(job),
    }


def _node(job: pb.Job) -> tuple[str, int, str]:
    """Returns node id, level and type of a step: its labels where it has them, else what its kind says."""
    labels = _object(job.metadata_json)
    _, level, kind = _NODES.get(job.kind, ("", 0, "drama" if job.kind.startswith("story.") else "image"))
    told = labels.get("hierarchy_level")
    return str(labels.get("node_id") or job.step), told if isinstance(told, int) else level, kind


def _run_error(run: pb.Run, jobs: Iterable[pb.Job]) -> str | None:
    if run.state == pb.JOB_STATE_CANCELLED:
        return "cancelled"
    if run.state != pb.JOB_STATE_FAILED:
        return None
    broken = [job for job in jobs if job.state == pb.JOB_STATE_FAILED and not job.optional][:3]
    if run.kind in PRODUCTIONS and broken:
        told = "; ".join(
            f"{_object(job.metadata_json).get('asset_id') or job.step}: {_job_error(job)}" for job in broken
        )
        return f"{run.failed + run.cancelled}/{run.total} jobs failed. {told}"
    return run.failure.message or run.failure.reason or "failed"


def labels_of(job: pb.Job) -> dict[str, Json]:
    """Returns the labels of a step: ids of its node and of what it works for."""
    return _object(job.metadata_json)


def can_retry(job: pb.Job) -> bool:
    """Returns True for a step that ended without its effect: it can be sent in again by itself."""
    return job.state in (pb.JOB_STATE_FAILED, pb.JOB_STATE_CANCELLED)


def accepted(drama_id: str, job_id: str, message: str, **about: str) -> dict[str, Json]:
    """Returns the answer to an accepted wish. Ids are told in both spellings: `jobId` and `job_id`, of `about` too."""
    ids = {"drama_id": drama_id, "job_id": job_id, **about}
    twins = {_camel(name): value for name, value in ids.items()}
    return {**twins, **ids, "status": ACCEPTED, "message": message}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def _job_error(job: pb.Job) -> str | None:
    if job.HasField("failure"):
        return job.failure.message or job.failure.reason
    return "cancelled" if job.state == pb.JOB_STATE_CANCELLED else None


def _progress(run: pb.Run, jobs: Sequence[pb.Job]) -> float:
    if run.state == pb.JOB_STATE_SUCCEEDED:
        return 1.0
    if not run.total:
        return 0.0
    ended = run.succeeded + run.failed + run.cancelled
    partly = sum(job.progress for job in jobs if job.state == pb.JOB_STATE_RUNNING)
    return round(min(1.0, (ended + partly) / run.total), 4)


def _object(text: str) -> dict[str, Any]:
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}


def _millis(moment: Timestamp) -> int:
    return moment.seconds * 1000 + moment.nanos // 1_000_000


def _iso(moment: Timestamp) -> str:
    return moment.ToJsonString()


node_of = _node
run_error = _run_error
job_error = _job_error
"""What other views of jobs, such as GraphQL's, tell of a node, of a run and of a step."""
