"""A whole round allocated in one go, without waiting for the background."""

from collections.abc import Iterator
from datetime import datetime

from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refusal
from applications.models import Application
from assessments import jobs
from assessments.actions import plans, searches
from assessments.fitting import Settings
from assessments.models import Run
from grants.models import Round


def plan(*, round: Round, settings: Settings, by: Person, at: datetime, base: Run | None = None) -> Run:
    """Search for conflicts and work the plan out here and now. Raises Denied, NotAllowedNow."""
    search = jobs.done_now(searches.request(round=round, plan=settings, base=base, by=by, at=at), at=at)
    if search.failure:
        raise NotAllowedNow(search.failure, code="not_planned")
    return jobs.done_now(Run.objects.get(pk=search.figures["plan"]), at=at)


def allocate_round(
    *, round: Round, by: Person, at: datetime, due_at: datetime | None = None
) -> Iterator[tuple[Application, Refusal | None]]:
    """Plan with the usual settings and send it; applications that would stay short are reported."""
    try:
        done = plan(round=round, settings=Settings(), by=by, at=at)
    except NotAllowedNow:
        return
    yield from plans.send(run=done, by=by, at=at, due_at=due_at)
    asked = {one for one, _ in plans.pairs_of(done)}
    for application in Application.objects.filter(pk__in={one[0] for one in done.figures["shortfalls"]} - asked).for_pages().order_by("pk"):
        yield application, NotAllowedNow("No assessor can be found for this application.", code="assessors_short")
