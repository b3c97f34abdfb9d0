"""Give, change and take back equality answers; count them for a report. None of it is in the audit trail: that would name the giver."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from accounts.access import require
from accounts.encryption import blind_index
from accounts.models import Person
from accounts.refusals import Refused
from accounts.roles import Permission
from applications.equality import LEAST, QUESTIONS, publishable
from applications.models import Application, EqualityAnswer, EqualityReport
from grants.models import Programme

KEPT_YEARS = 6


def give(*, application: Application, answers: dict[str, str], by: Person, at: datetime) -> None:
    """What somebody of the team says of themselves, in place of what they said before; an empty answer is none. Raises Denied, Refused."""
    require(by, Permission.COMPANY_VIEW, on=application)
    known = {question.name: dict(question.all_choices()) for question in QUESTIONS}
    given = {name: choice for name, choice in answers.items() if choice}
    if any(choice not in known.get(name, {}) for name, choice in given.items()):
        raise Refused("Choose one of the answers.", code="choice_unknown")
    slug, year = application.round.programme.slug, timezone.localdate(at).year
    with transaction.atomic():
        take_back(person=by, programme=slug)
        EqualityAnswer.objects.bulk_create(
            EqualityAnswer(giver=_giver(by, slug), programme=slug, question=name, choice=choice, given_in=year)
            for name, choice in given.items()
        )


def take_back(*, person: Person, programme: str) -> int:
    """Delete what a person said; returns how many answers that were. What was counted already stays counted until the next report."""
    return EqualityAnswer.objects.filter(giver=_giver(person, programme)).delete()[0]


def own(*, person: Person, programme: str) -> dict[str, str]:
    """What a person said of themselves, for that person alone."""
    return dict(EqualityAnswer.objects.filter(giver=_giver(person, programme)).values_list("question", "choice"))


def take_back_everywhere(*, person: Person) -> int:
    """Delete it in every programme: with the person's account."""
    return sum(take_back(person=person, programme=slug) for slug in Programme.objects.values_list("slug", flat=True))


def report_all(*, at: datetime) -> int:
    """Make the reports that may be made: pooled over all rounds of a programme, and when ten more or fewer have answered than in the last.

    Answers older than six years are deleted first. Returns how many reports were made.
    """
    EqualityAnswer.objects.filter(given_in__lt=timezone.localdate(at).year - KEPT_YEARS).delete()
    return sum(_report(slug, at=at) for slug in Programme.objects.order_by("pk").values_list("slug", flat=True))


def _report(programme: str, *, at: datetime) -> bool:
    answers = EqualityAnswer.objects.filter(programme=programme)
    givers = answers.values("giver").distinct().count()
    last = EqualityReport.objects.filter(programme=programme).order_by("-pk").first()
    if givers < LEAST or (last and abs(givers - last.givers) < LEAST):
        return False
    counted: dict[str, dict[str, int]] = {question.name: dict.fromkeys(dict(question.all_choices()), 0) for question in QUESTIONS}
    for row in answers.values("question", "choice").annotate(number=Count("pk")).order_by():
        counted[row["question"]][row["choice"]] = row["number"]
    figures: dict[str, Any] = {name: publishable(counts) for name, counts in counted.items()}
    EqualityReport.objects.create(programme=programme, made_on=timezone.localdate(at), givers=givers, figures=figures)
    return True


def _giver(person: Person, programme: str) -> str:
    return blind_index(f"{person.pk}:{programme}", purpose="equality answers")
