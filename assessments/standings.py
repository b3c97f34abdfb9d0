"""What the counted reviews say, read for many applications at once: votes, figures, rank."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Count, Sum

from applications.models import Application
from assessments import ranking
from assessments.models import Assessment, Decision, Score
from assessments.scheme import Scheme, scheme_of
from grants.models import Round

SCORED = ("moderating", "panel", "interview", "deciding", "proposed", "approved", "reserve", "declined", "on_hold")


@dataclass(frozen=True)
class Standing:
    """One application in its round's ranking: its place, its figures, whether it meets the threshold, what was decided."""

    application: Application
    rank: int
    is_tied: bool
    figures: ranking.Figures
    meets_threshold: bool
    decision: Decision | None


def votes(applications: Iterable[Application], *, with_marks: bool = False) -> dict[int, list[ranking.Vote]]:
    """The counted reviews of these applications, by application. Marks by criterion cost one more query and are read only when asked."""
    counted = list(Assessment.objects.counted().filter(application__in=list(applications)).order_by("pk"))
    marks: dict[int, dict[str, int]] = defaultdict(dict)
    if with_marks:
        rows = Score.objects.filter(assessment__in=counted, marks__isnull=False)
        for assessment, criterion, given in rows.values_list("assessment_id", "criterion", "marks"):
            marks[assessment][criterion] = given or 0
    found: dict[int, list[ranking.Vote]] = defaultdict(list)
    for one in counted:
        found[one.application_id].append(one.as_vote(marks[one.pk]))
    return found


def of_round(round: Round) -> list[Standing]:
    """The ranking of a round by the mean of totals, highest first. Left out: those still with assessors, and those no review counts for."""
    applications = {
        application.pk: application
        for application in Application.objects.filter(round=round, state__in=SCORED).select_related("company__organisation", "version")
    }
    for application in applications.values():
        application.round = round
    totals = _totals(round)
    summaries = {pk: figures for pk in applications if (figures := ranking.figures(totals.get(pk, [])))}
    scheme = scheme_of(round.version)
    decisions = {decision.application_id: decision for decision in Decision.objects.standing().filter(application__round=round)}
    means = _mean_marks(round, scheme)
    tie_break = {pk: tuple(means.get((pk, criterion), Fraction(0)) for criterion in scheme.tie_break) for pk in summaries}
    too_low = {pk for pk in summaries if _fails_a_criterion(pk, scheme, means)}
    return [
        Standing(
            applications[placed.key],
            placed.rank,
            placed.is_tied,
            placed.figures,
            placed.figures.meets(scheme.threshold, majority_needed=scheme.majority_needed) and placed.key not in too_low,
            decisions.get(placed.key),
        )
        for placed in ranking.rank(summaries, tie_break)
    ]


def _totals(round: Round) -> dict[int, list[ranking.Vote]]:
    """Votes without marks for a whole round, as plain rows: a ranking reads thousands."""
    rows = (
        Assessment.objects.counted()
        .filter(application__round=round)
        .values_list("pk", "application_id", "total_numerator", "total_denominator", "in_scope", "suitable")
    )
    found: dict[int, list[ranking.Vote]] = defaultdict(list)
    for pk, application, numerator, denominator, in_scope, suitable in rows:
        if numerator is not None and denominator is not None:
            found[application].append(ranking.Vote(pk, Fraction(numerator, denominator), bool(in_scope), bool(suitable), {}))
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
