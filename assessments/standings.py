"""What the counted reviews say, read for many applications at once: votes, figures, rank."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from applications.models import Application
from assessments import ranking
from assessments.models import Assessment, Decision, Score
from assessments.scheme import scheme_of
from grants.models import Round

SCORED = ("assessing", "moderating", "panel", "deciding", "proposed", "approved", "reserve", "declined")


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
            marks[assessment][criterion] = given
    found: dict[int, list[ranking.Vote]] = defaultdict(list)
    for one in counted:
        found[one.application_id].append(ranking.Vote(one.pk, one.total, one.in_scope, one.suitable, marks[one.pk]))
    return found


def of_round(round: Round) -> list[Standing]:
    """The ranking of a round by the mean of totals, highest first; applications without a counted review are left out."""
    applications = {
        application.pk: application
        for application in Application.objects.filter(round=round, state__in=SCORED).select_related("company__organisation", "version")
    }
    totals = _totals(round)
    summaries = {pk: figures for pk in applications if (figures := ranking.figures(totals.get(pk, [])))}
    decisions = {decision.application_id: decision for decision in Decision.objects.standing().filter(application__round=round)}
    threshold = scheme_of(round.version).threshold
    return [
        Standing(
            applications[placed.key],
            placed.rank,
            placed.is_tied,
            placed.figures,
            placed.figures.meets(threshold),
            decisions.get(placed.key),
        )
        for placed in ranking.rank(summaries)
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
        found[application].append(ranking.Vote(pk, Fraction(numerator, denominator), in_scope, suitable, {}))
    return found
