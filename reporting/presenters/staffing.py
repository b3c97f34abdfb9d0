"""Who can do what next on a programme: where its cases are, who may carry out each duty, and what breaks while one person is away."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.utils.timezone import localdate

from accounts.access import can
from accounts.models import Person, RoleAssignment, TimeAway
from accounts.roles import Permission, Role
from applications.models import Application
from design.words import how_long, in_words
from grants.models import Programme, Round
from payments.models import Milestone, PaymentRun
from workflow import separation, staffing

HOLDERS = ["With", {"label": "Cases", "numeric": True}, {"label": "The longest for", "numeric": True}]
DUTIES = ["Duty", "Who may do it", "Not together with"]
WHEN = ["From", "Until", "What stops", "Who is away", "What falls due then"]
AWAY = ["While away", "What happens"]
TITLES = {
    "publish_prepare": "Put a version of the programme forward",
    "publish": "Publish a version of the programme",
    "refuse_eligibility": "Refuse an application as ineligible",
    "review_eligibility": "Review a refusal",
    "ask_ruling_out": "Ask to rule an application out",
    "rule_out": "Rule an application out",
    "score": "Score an application",
    "propose_exclusion": "Propose to exclude a score",
    "confirm_exclusion": "Judge whether a score is excluded",
    "propose": "Propose a decision",
    "agree_amount": "Agree to the amount of a large grant",
    "decide": "Decide on an application",
    "bank_enter": "Enter bank details",
    "bank_check": "Check bank details by calling back",
    "bank_verify": "Verify bank details",
    "check_claim": "Check a claim",
    "approve_claim": "Approve a claim",
    "build_run": "Build a payment run",
    "approve_run": "Approve a payment run",
    "release": "Release a payment run",
}
CONTROLS = {"small_team": "Small team", "standard": "Standard"}


def title(duty: str) -> str:
    """A duty as something to do."""
    return TITLES.get(duty) or duty.replace("_", " ").capitalize()


def holder_rows(programme: Programme, seen: Any, *, at: datetime) -> list[list[Any]]:
    """Who must act now, on how many of the cases a person may see, and since when the oldest of them waits."""
    held: Any = Application.objects.filter(pk__in=seen.filter(round__programme=programme).order_by().values("pk"))
    open_ones = held.exclude(case__holder="").exclude(state=Application.State.DECLINED, notified_at__isnull=False)
    counted = open_ones.order_by().values("case__holder").annotate(cases=Count("pk"), since=Min("case__held_since"))
    rows = sorted(counted, key=lambda row: (row["since"] or at, row["case__holder"]))
    return [[_capital(row["case__holder"]), str(row["cases"]), how_long(at - row["since"]) if row["since"] else ""] for row in rows]


def duty_rows(programme: Programme, *, at: datetime) -> list[list[Any]]:
    """Each staff duty with the people whose roles carry it and the duties that must stay apart from it."""
    control = programme.control()
    rows = []
    for duty, people in staffing.who_can(programme.slug, at=at, agreeing=programme.agreeing()).items():
        names = [person.name for person in people]
        who = {"text": ", ".join(names)} if names else {"tag": "Nobody", "tone": "waiting"}
        apart = sorted(title(other).lower() for other in separation.opposites(duty, control))
        rows.append([title(duty), who, {"text": "; ".join(apart) or "–"}])
    return rows


def away_rows(programme: Programme, *, at: datetime) -> list[list[Any]]:
    """What a holiday does, person by person: the ones without whom something stops first."""
    told = staffing.when_away(programme.slug, programme.control(), at=at, agreeing=programme.agreeing())
    found = [(person, _duties_of(findings)) for person, findings in told]
    found.sort(key=lambda one: (not one[1], one[0].name))
    return [
        [person.name, {"tag": "Stops", "tone": "waiting", "hint": "; ".join(stopped)} if stopped else "Nothing stops"]
        for person, stopped in found
    ]


def when_rows(programme: Programme, *, at: datetime) -> list[dict[str, Any]]:
    """A year ahead: each stretch of time with what has nobody in it, who is away, and what falls due."""
    periods = staffing.over_time(programme.slug, programme.control(), at=at, agreeing=programme.agreeing())
    return [
        {
            "cells": [
                in_words(period.starts_at),
                in_words(period.ends_at - timedelta(seconds=1)),
                {"tag": "Stops", "tone": "waiting", "hint": " ".join(_stops(period.findings))} if period.findings else "Nothing",
                ", ".join(person.name for person in period.away) or "Nobody",
                "; ".join(_due_between(programme, period.starts_at, period.ends_at)) or "Nothing with a date",
            ]
        }
        for period in periods
    ]


def _stops(findings: Iterable[staffing.Finding]) -> list[str]:
    return [f"{title(finding.duty)}." for finding in findings]


def _due_between(programme: Programme, starts_at: datetime, ends_at: datetime) -> list[str]:
    """What has a date in a stretch of time: rounds that close, milestones that are claimed, runs that pay."""
    closing = programme.rounds.filter(closes_at__gte=starts_at, closes_at__lt=ends_at).exclude(state=Round.State.CANCELLED)
    lines = [f"{each.reference} closes on {in_words(each.closes_at)}" for each in closing.order_by("closes_at", "pk")]
    days = (localdate(starts_at), localdate(ends_at))
    due = Milestone.objects.filter(award__programme=programme, due_on__range=days, state__in=["planned", "due"]).count()
    runs = PaymentRun.objects.filter(programme=programme, pays_on__range=days).exclude(state__in=["reconciled", "void"]).count()
    lines += [f"{due} milestone{'' if due == 1 else 's'} due"] if due else []
    return lines + ([f"{runs} payment run{'' if runs == 1 else 's'}"] if runs else [])


def team(programme: Programme, *, at: datetime) -> list[Person]:
    """Who holds a staff role on the programme now or will."""
    held = RoleAssignment.objects.current(at=at).filter(scope=programme.scope).exclude(role__in=[Role.ASSESSOR, Role.FUNDER, Role.AUDITOR])
    return list(Person.objects.filter(is_active=True, pk__in=held.values("person")).order_by("name", "pk"))


def may_tell_of(programme: Programme, person: Person, *, at: datetime) -> list[Person]:
    """Those of the team whose days away this person may enter: one's own, and for those who grant roles anybody's."""
    may_all = can(person, Permission.ROLE_GRANT, on=programme)
    return [one for one in team(programme, at=at) if may_all or one.pk == person.pk]


def of_team(programme: Programme, *, at: datetime) -> QuerySet[TimeAway]:
    """Times away of the team that are not over."""
    return TimeAway.objects.filter(person__in=team(programme, at=at), last_on__gte=localdate(at)).select_related("person")


def times_away(programme: Programme, person: Person, *, at: datetime) -> list[dict[str, Any]]:
    """Times away of the team that are not over; those a person may take back carry their number."""
    rows, own = of_team(programme, at=at), may_tell_of(programme, person, at=at)
    return [
        {
            "words": f"{row.person.name}: {in_words(row.first_on)} to {in_words(row.last_on)}",
            "pk": row.pk if row.person in own else None,
        }
        for row in rows.order_by("first_on", "pk")
    ]


def _duties_of(findings: Iterable[staffing.Finding]) -> list[str]:
    return [title(finding.duty) for finding in findings]


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
