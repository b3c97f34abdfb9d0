"""How long assessors wait for what they wrote to be saved: fifty at work at once over HTTP, against the processes of the Procfile.

    python benchmarks/reviews.py [seconds]        (40 unless told)

Each assessor has one review open. What the page's script sends while they type goes out every three seconds, and every fifth time the page
itself is read. A time counts from when it was due. Prints a table and writes it into docs/performance.md.
"""

import asyncio
import json
import os
import re
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

import _bench as bench
import _big_round

from benchmarks._applicants import Crowd, Refused, _form
from benchmarks._house import House, house

PEOPLE, APPLICATIONS, EVERY = 50, 700, 3.0
AT_MOST_MS = 200
HEADS = ["| What fifty assessors do | Times | p50 | p95 | A second |", "|---|---:|---:|---:|---:|"]
NAMES = {"save": "Save a review as it is typed", "page": "Open the review"}


@dataclass
class Assessor:
    """One review that is being written, and whose it is."""

    review: int
    session: str
    criteria: list[str]
    revision: int
    tried: int = 0
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)


class Reviewers(Crowd):
    """All assessors against one service."""

    async def page(self, applicant: Any) -> None:
        got = await self._request("GET", f"/assess/{applicant.review}/review/", applicant.session)
        if got.status != 200:
            raise Refused(f"{got.status}")
        applicant.revision = int((re.search(r'name="revision" value="(\d+)"', got.body) or ["", "0"])[1])

    async def save(self, applicant: Any) -> None:
        applicant.tried += 1
        typed: dict[str, Any] = {"revision": applicant.revision, "in_scope": "yes", "overall_comment": f"Draft {applicant.tried}. " * 20}
        for number, name in enumerate(applicant.criteria):
            typed |= {f"marks_{name}": (applicant.tried + number) % 9, f"comment_{name}": f"Reason {applicant.tried}, at some length. " * 8}
        got = await self._request("POST", f"/assess/{applicant.review}/save/", applicant.session, _form(typed))
        if got.status != 200:
            raise Refused(f"{got.status}: {got.body[:80]}")
        applicant.revision = json.loads(got.body)["revision"]


def main(seconds: float) -> None:
    with bench.service("reviews"):
        assessors = prepare()
        with house(url=os.environ["DATABASE_URL"], folder=Path(os.environ["VAR_DIR"])) as built:
            crowd = Reviewers(port=built.port, applicants=assessors)  # type: ignore[arg-type]
            asyncio.run(at_work(crowd, assessors, 6))
            crowd.times.clear()
            worked, started = built.cpu_seconds("web"), time.monotonic()
            asyncio.run(at_work(crowd, assessors, seconds))
            text = table(crowd, built, time.monotonic() - started, built.cpu_seconds("web") - worked)
        bench.publish("reviews", f"{text}\n\n{bench.machine()}")


async def at_work(crowd: Reviewers, assessors: list[Assessor], seconds: float) -> None:
    """Everybody types and saves, each at their own beat."""
    until = time.monotonic() + seconds

    async def one(place: int, assessor: Assessor) -> None:
        due = time.monotonic() + EVERY * place / len(assessors)
        while due < until:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            reads = assessor.tried % 5 == 4
            await crowd.act("page" if reads else "save", assessor, due=due)  # type: ignore[arg-type]
            assessor.tried += reads
            due += EVERY

    await asyncio.gather(*(one(place, assessor) for place, assessor in enumerate(assessors)))


def table(crowd: Reviewers, built: House, seconds: float, busy: float) -> str:
    if crowd.errors:
        raise SystemExit(f"Not answered as it should be: {dict(crowd.reasons)}")
    rows, p95 = [], 0.0
    for kind, name in NAMES.items():
        found = crowd.times[kind]
        steps = [step * 1000 for step in quantiles(found, n=20, method="inclusive")]
        p95 = p95 or steps[18]
        rows.append(f"| {name} | {len(found)} | {steps[9]:.0f} ms | {steps[18]:.0f} ms | {len(found) / seconds:.1f} |")
    verdict = "Within" if p95 <= AT_MOST_MS else "**Not met:**"
    each = busy / sum(map(len, crowd.times.values())) * 1000
    return "\n".join([*HEADS, *rows, "", f"{verdict} p95 of {AT_MOST_MS} ms for a save; {each:.0f} ms of the web's CPU a request."])


def prepare() -> list[Assessor]:
    """So many assessors with a review they have accepted, each with a session."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.utils import timezone

    from assessments.actions import reviews
    from assessments.models import Assessment

    round, found = _big_round.fill(APPLICATIONS, 10_000), {}
    waiting = Assessment.objects.filter(application__round=round, state="invited").for_pages().order_by("pk")
    for review in waiting:
        if len(found) < PEOPLE and review.assessor_id not in found:
            store = SessionStore()
            store[SESSION_KEY] = str(review.assessor_id)
            store[BACKEND_SESSION_KEY] = "accounts.backends.PeopleBackend"
            store[HASH_SESSION_KEY] = review.assessor.get_session_auth_hash()
            store.save()
            accepted = reviews.accept(assessment=review, by=review.assessor, at=timezone.now())
            criteria = [criterion.id for criterion in accepted.scheme.criteria]
            found[review.assessor_id] = Assessor(accepted.pk, store.session_key or "", criteria, accepted.revision)
    if len(found) < PEOPLE:
        raise SystemExit(f"Only {len(found)} assessors have a review to write.")
    return list(found.values())


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 40)
