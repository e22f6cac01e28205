"""What every face of a film vendor with jobs has: whose a job is, and its film, small, for a host of files."""

from __future__ import annotations

from simulator.door import Answer, Ask, Errors, VendorError, World
from simulator.jobs import VideoJob
from simulator.jsons import as_number

_SMALL = 144


class JobDesk:
    """One operation on one vendor's films; `missing` is raised for a job that is not the caller's."""

    kind, op = "video", "read"

    def __init__(self, world: World, vendor: str, errors: Errors) -> None:
        self.world = world
        self.vendor = vendor
        self.errors = errors

    def missing(self, name: str) -> VendorError:
        """Return the refusal of a job that is not there, in the vendor's shape."""
        raise NotImplementedError

    def look(self, ask: Ask) -> tuple[str, str]:
        """Return (model, prompt) of the job that the path names."""
        job = self.job(ask)
        return job.model, job.prompt

    def owner(self, ask: Ask) -> str:
        """Return whose jobs these are: vendors are strangers to each other, whatever key is used at both."""
        return f"{ask.owner}@{self.vendor}"

    def job(self, ask: Ask) -> VideoJob:
        """Return the caller's job."""
        found = self.world.jobs.get(ask.params["id"], self.owner(ask))
        if found is None:
            raise self.missing(ask.params["id"])
        return found


def film(world: World, job: VideoJob) -> Answer:
    """Return a job's film: a small one of the shape that was asked for. What was asked and billed is in the ledger."""
    width, height = (int(as_number(part, 1)) for part in job.size.split("x"))
    shrink = max(1.0, min(width, height) / _SMALL)
    small = f"{int(width / shrink) // 2 * 2}x{int(height / shrink) // 2 * 2}"
    return Answer(world.films.film(job.id, small), headers={"content-type": "video/mp4"}, free=True)
