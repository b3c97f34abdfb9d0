"""What assessors are paid for: the reviews of a round that were submitted, and the file that payment is made by."""

import csv
import io
from collections.abc import Iterator

from django.db.models import Count, Q, QuerySet

from accounts.models import Person
from assessments.models import Assessment
from assessments.sheets import neutral
from grants.models import Round

HEADS = ["Round", "Assessor", "E-mail address", "Application", "Submitted", "Fee in pounds"]


def lines(round: Round, *, of: Person | None = None) -> QuerySet[Assessment]:
    """The reviews that were submitted, of one assessor or of all, in order: a review that was corrected is one."""
    done = Assessment.objects.filter(application__round=round, submitted_at__isnull=False)
    if of is not None:
        done = done.filter(assessor=of)
    return done.select_related("application", "assessor").order_by("assessor__name", "assessor", "submitted_at", "pk")


def counts(round: Round) -> list[tuple[Person, int]]:
    """Everybody who submitted in a round, also who has left the pool since, with how many."""
    sent = Q(assessments__application__round=round, assessments__submitted_at__isnull=False)
    people = Person.objects.filter(sent).annotate(sent=Count("assessments", filter=sent)).order_by("name", "pk")
    return [(person, person.sent) for person in people]


def as_csv(round: Round, *, fee_pence: int, hidden: set[int], of: Person | None = None) -> bytes:
    """One row for each review. Applications that the reader has an interest in are counted and not named."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADS)
    writer.writerows([neutral(cell) for cell in row] for row in _rows(lines(round, of=of), round, fee_pence, hidden))
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _rows(done: QuerySet[Assessment], round: Round, fee_pence: int, hidden: set[int]) -> Iterator[list[str]]:
    fee = f"{fee_pence // 100}.{fee_pence % 100:02d}" if fee_pence else ""
    for one in done:
        name = "" if one.application_id in hidden else one.application.reference
        sent = one.submitted_at.isoformat(timespec="seconds") if one.submitted_at else ""
        yield [round.reference, one.assessor.name, one.assessor.email, name, sent, fee]
