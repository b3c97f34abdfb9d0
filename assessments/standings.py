"""What the counted reviews say, read for many applications at once: votes, figures, rank.

A round is ranked whole, from a few numbers of each application (`places`); applications themselves are read for the rows that are shown.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from django.db.models import Aggregate, Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, TextField, Value, When
from django.db.models.functions import Cast, Coalesce

from applications.models import Application
from assessments import ordering, ranking
from assessments.models import Assessment, Decision, Score
from assessments.ordering import Place
from assessments.scheme import Scheme, scheme_of
from grants.models import Round

SCORED = ("moderating", "panel", "interview", "deciding", "proposed", "approved", "reserve", "declined", "on_hold")
DECIDED = ("approved", "reserve", "declined")


@dataclass(frozen=True)
class Standing:
    """One application in its round's ranking: its place, its figures, whether it meets the threshold, what was decided."""

    application: Application
    rank: int
    is_tied: bool
    figures: ranking.Figures
    meets_threshold: bool
    decision: Decision | None
    ended: Decision | None
    """The last that stands no more."""
    is_above: bool
    """The budget reaches it by rank order."""


def votes(applications: Iterable[Application | int], *, with_marks: bool = False) -> dict[int, list[ranking.Vote]]:
    """The counted reviews of these applications (themselves or their numbers), by application. Marks by criterion cost one more query and
    are read only when asked."""
    counted = Assessment.objects.counted().filter(application__in=list(applications)).order_by("pk")
    rows = list(counted.values_list("pk", "application_id", "total_numerator", "total_denominator", "in_scope", "suitable"))
    marks: dict[int, dict[str, int]] = defaultdict(dict)
    if with_marks:
        scores = Score.objects.filter(assessment__in=[row[0] for row in rows], marks__isnull=False)
        for assessment, criterion, given in scores.values_list("assessment_id", "criterion", "marks"):
            marks[assessment][criterion] = given or 0
    found: dict[int, list[ranking.Vote]] = defaultdict(list)
    for pk, application, numerator, denominator, in_scope, suitable in rows:
        total = Fraction(numerator or 0, denominator or 1)
        found[application].append(ranking.Vote(pk, total, bool(in_scope), bool(suitable), marks.get(pk, {})))
    return found


class Given(NamedTuple):
    """One review of a round in brief. `total`, as two whole numbers, only where it counts."""

    application: int
    assessor: int
    state: str
    is_late: bool
    total: tuple[int, int] | None


def given(round: Round, *, at: datetime) -> list[Given]:
    """Every review of a round, in one query."""
    counts = Exists(Assessment.objects.counted().filter(pk=OuterRef("pk")))
    late = Q(state__in=Assessment.WAITING, due_at__lt=at)
    told = [Case(When(this, then=1), default=0, output_field=IntegerField()) for this in (late, Q(counts))]
    rows = Assessment.objects.filter(application__round=round).order_by("pk")
    return [
        Given(application, assessor, state, bool(is_late), (above or 0, below or 1) if counted else None)
        for application, assessor, state, above, below, is_late, counted in rows.values_list(
            "application_id", "assessor_id", "state", "total_numerator", "total_denominator", *told
        )
    ]


def still_to_do(round: Round, *, hidden: QuerySet[Application]) -> tuple[dict[int, str], int]:
    """The states of those to be proposed, decided, told or taken up again (in most rounds of a programme there is none, and nothing need
    be ranked) that are not hidden, and what standing proposals plan in pence. In one query, or two where there is none."""
    untold = Q(state__in=DECIDED, notified_at=None)
    planned = Decision.objects.planned(round).order_by().values("application__round").annotate(pence=Sum("amount_pence")).values("pence")
    rows = Application.objects.filter(
        Q(state__in=("deciding", "proposed", "on_hold")) | untold, ~Q(pk__in=hidden.values("pk")), round=round
    ).order_by()
    found = list(rows.values_list("pk", "state", Subquery(planned)))
    pence = found[0][2] if found else Round.objects.filter(pk=round.pk).values_list(Subquery(planned), flat=True).get()
    return {pk: state for pk, state, _ in found}, pence or 0


def of_round(round: Round) -> list[Standing]:
    """The ranking of a round with its applications."""
    return with_applications(places(round), round)


def places(round: Round) -> list[Place]:
    """The ranking of a round by the mean of totals, highest first. Left out: those still with assessors, and those no review counts for."""
    return [ordering.place_of(row) for row in work_out(round, rests_on(round))["places"]]


def rests_on(round: Round) -> dict[str, Any]:
    """All that the ranking of a round goes by, as lines of text: whatever else changes leaves it as it is.

    A review stands with the moment of its submission, which fixes its marks: they change with another submission only.
    """
    scheme = scheme_of(round.version)
    scored = Application.objects.filter(round=OuterRef("pk"), state__in=SCORED).values("round")
    counted = Assessment.objects.counted().filter(application__round=OuterRef("pk"), application__state__in=SCORED)
    numbers = [Coalesce(name, 0) for name in ("total_numerator", "total_denominator")]
    answers = [Cast(Coalesce(name, Value(False)), IntegerField()) for name in ("in_scope", "suitable")]
    applications = _lines(scored, "pk", "reference", Coalesce("grant_requested_pence", 0))
    reviews = _lines(counted.values("application__round"), "application_id", "pk", *numbers, *answers, "submitted_at")
    texts = Round.objects.filter(pk=round.pk).values_list(applications, reviews).get()
    return {
        "rule": {
            "threshold": [scheme.threshold.numerator, scheme.threshold.denominator],
            "majority_needed": scheme.majority_needed,
            "tie_break": list(scheme.tie_break),
            "needs_percent": {one.id: str(one.needs_percent) for one in scheme.criteria if one.needs_percent is not None},
        },
        "budget_pence": round.budget.amount_pence,
        "applications": _in_order(texts[0]),
        "reviews": _in_order(texts[1]),
    }


def work_out(round: Round, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The ranking from what it rests on, as plain values."""
    scheme = scheme_of(round.version)
    means = _mean_marks(round, scheme)
    return ordering.work_out(inputs, means, too_low=lambda application: _fails_a_criterion(application, scheme, means))


class _Lines(Aggregate):
    """Rows as lines of values with commas between, put together by the database: one long text is read many times as fast as its rows."""

    function = "GROUP_CONCAT"
    template = "%(function)s(%(expressions)s, %(between)s)"
    arg_joiner = " || ',' || "
    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return super().as_sql(compiler, connection, between="char(10)")

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return super().as_sql(compiler, connection, function="STRING_AGG", between="chr(10)", **more)


def _lines(rows: QuerySet[Any], *columns: Any) -> Subquery:
    return Subquery(rows.order_by().annotate(lines=_Lines(*columns)).values("lines"))


def _in_order(lines: str | None) -> str:
    """In an order that does not depend on the database."""
    return "\n".join(sorted((lines or "").split("\n")))


def with_applications(places: Sequence[Place], round: Round) -> list[Standing]:
    """These places with their applications, companies and decisions, in the same order."""
    applications = Application.objects.select_related("company__organisation", "version").in_bulk([place.application for place in places])
    every = Decision.objects.filter(application__in=applications).order_by("pk")
    decisions, ended = ({one.application_id: one for one in every if (one.ended_at is None) is stands} for stands in (True, False))
    found = []
    for place in places:
        application = applications[place.application]
        application.round = round
        both = decisions.get(place.application), ended.get(place.application)
        found.append(Standing(application, place.rank, place.is_tied, place.figures, place.meets_threshold, *both, place.is_above))
    return found


def _mean_marks(round: Round, scheme: Scheme) -> dict[tuple[int, str], Fraction]:
    """Mean marks by (application, criterion), for the criteria that break ties or have a minimum of their own; no query where none has."""
    needed = {*scheme.tie_break, *(criterion.id for criterion in scheme.criteria if criterion.needs_percent is not None)}
    if not needed:
        return {}
    counted = Assessment.objects.counted().filter(application__round=round)
    rows = (
        Score.objects.filter(assessment__in=counted.values("pk"), criterion__in=needed, marks__isnull=False)
        .values_list("assessment__application_id", "criterion")
        .annotate(given=Sum("marks"), votes=Count("pk"))
    )
    return {(application, criterion): Fraction(given, votes) for application, criterion, given, votes in rows}


def _fails_a_criterion(application: int, scheme: Scheme, means: dict[tuple[int, str], Fraction]) -> bool:
    return any(
        means.get((application, criterion.id), Fraction(0)) * 100 < Fraction(criterion.needs_percent) * criterion.maximum
        for criterion in scheme.criteria
        if criterion.needs_percent is not None
    )
