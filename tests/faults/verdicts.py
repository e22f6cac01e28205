"""The invariants of paying once, read from the vendors' ledger and from storage's record after the dust has settled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.faults.floor import Floor
from tests.faults.terms import Terms

UNSENT = ("intent", "not_accepted")
OPEN = ("intent", "submitting", "submit_unknown", "submitted", "running", "fetching")


@dataclass
class Verdict:
    """What was found: `broken` names each invariant that does not hold, with the job."""

    counts: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def claim(self, true: object, rule: str, job: str, seen: object) -> None:
        """Counts a check; notes it when it does not hold."""
        self.counts[rule] += 1
        if not true:
            self.broken.append(f"{rule} of {job}: {seen}")


async def judge(on: Floor, jobs: Sequence[str], names: dict[str, str]) -> Verdict:
    """Checks I1 to I4 and the money of every job; `names` says for people which case a job is."""
    told = Verdict()
    rows = await on.sql(
        """SELECT s.id::text, s.job_id::text AS job, s.number, s.state, s.vendor, s.model, s.operation_id, s.price_nano_usd AS price,
                  s.cost_nano_usd AS cost, s.failure, coalesce(u.cost_nano_usd, 0) AS used, u.submission_id IS NOT NULL AS booked
           FROM submissions s LEFT JOIN usage_entries u ON u.submission_id = s.id WHERE s.job_id = ANY($1::uuid[]) ORDER BY s.number""",
        list(jobs),
    )
    runs = await on.sql(
        """SELECT j.id::text AS job, r.held_nano_usd AS held, r.cost_nano_usd AS cost FROM jobs j JOIN runs r ON r.id = j.run_id
           WHERE j.id = ANY($1::uuid[])""",
        list(jobs),
    )
    ledger = await on.by_submission()
    of_job: dict[str, list[Any]] = {job: [] for job in jobs}
    for row in rows:
        of_job[row["job"]].append(row)
    known = {row["id"] for row in rows}
    for submission, entries in ledger.items():
        told.claim(len(entries) == 1, "I1 one entry per attempt", submission, len(entries))
        if submission not in known:
            told.claim(False, "I2 every entry is linked", submission, entries)
    for run in runs:
        _judge_job(told, on.terms, names[run["job"]], of_job[run["job"]], ledger, run)
    told.counts["ledger entries"] = sum(len(entries) for entries in ledger.values())
    told.counts["needs a person"] = sum(row["state"] == "needs_user" for row in rows)
    told.counts["jobs"] = len(jobs)
    return told


def _judge_job(
    told: Verdict, terms: Terms, name: str, rows: Sequence[Any], ledger: dict[str, list[Any]], run: Any
) -> None:
    seen = [(row["number"], row["state"], row["operation_id"], len(ledger.get(row["id"], []))) for row in rows]
    billed = [row for row in rows if row["id"] in ledger]
    told.claim(len(billed) <= 1, "I1 one entry per step", name, seen)
    told.claim(all(row["state"] not in UNSENT for row in billed), "I1 what was not accepted is not billed", name, seen)
    told.claim(all(row["state"] not in OPEN for row in rows), "I2 nothing is left open", name, seen)
    linked = [row for row in billed if row["state"] != "needs_user"]
    for row in linked:
        operation = ledger[row["id"]][0]["operation"]
        told.claim(terms.names(row["operation_id"], operation), "I2 every entry is linked", name, (operation, seen))
    sent = [row for row in rows if row["state"] not in UNSENT]
    if rows and terms.once(rows[0]["vendor"]):
        told.claim(len(sent) <= 1, "I3 a blind vendor is sent nothing again", name, seen)
    used, owed = sum(row["used"] for row in rows), sum(ledger[row["id"]][0]["price_nano_usd"] for row in linked)
    told.claim(used == owed == run["cost"], "I4 usage is the ledger's sum", name, (used, owed, run["cost"], seen))
    waiting = [row for row in rows if row["state"] == "needs_user"]
    shown = [terms.price(row["vendor"], row["model"]) for row in waiting]
    told.claim([row["price"] for row in waiting] == shown, "I2 what waits for a person shows its price", name, seen)
    told.claim(run["held"] == sum(shown), "I4 only what waits for a person is held", name, (run["held"], seen))
