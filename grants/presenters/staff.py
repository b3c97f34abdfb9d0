"""The staff's pages about programmes: versions and what they change, rounds and their money, who can do what."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from accounts.access import can
from accounts.models import Person
from accounts.roles import Permission
from design.tones import tone_of
from design.words import deadline_in_words, in_words, pounds
from grants import policies
from grants.definition import DocumentRefused, differences, loading
from grants.models import Budget, Correction, Programme, ProgrammeVersion, Round
from workflow import separation, staffing
from workflow.engine import AvailableStep
from workflow.guards import allowed

MONEY = {"numeric": True}
PROGRAMMES = ["Programme", "State", "Rounds running", {"label": "Versions", **MONEY}]
VERSIONS = ["Version", "State", "Drafted", "Published"]
ROUNDS = ["Round", "State", "Opens", "Closes", {"label": "Budget", **MONEY}, {"label": "Left", **MONEY}]
PAGES = {"reschedule": "grants:round_dates", "extend": "grants:extend", "change_places": "grants:places"}
"""Steps of a round that ask for more than a reason, each with its page."""
DUTIES = ["Duty, as the history says it", "People"]


def programme_rows(programmes: Iterable[Programme]) -> list[list[Any]]:
    """Rows of the list of programmes; rounds and versions are expected prefetched."""
    rows = []
    for programme in programmes:
        rounds, versions = list(programme.rounds.all()), list(programme.versions.all())
        running = [each for each in rounds if each.state in (Round.State.SCHEDULED, Round.State.OPEN, Round.State.PAUSED)]
        waiting = [each for each in versions if each.state == ProgrammeVersion.State.PREPARED]
        hint = f"Version {waiting[-1].number} waits for publication" if waiting else ""
        rows.append(
            [
                {"text": programme.name, "href": programme_href(programme), "hint": hint},
                {"tag": programme.state_now.label, "tone": tone_of(programme.state)},
                ", ".join(f"{each.reference} ({each.state_now.label.lower()})" for each in running) or "None",
                str(len(versions)),
            ]
        )
    return rows


def version_rows(versions: Iterable[ProgrammeVersion]) -> list[list[Any]]:
    """Rows of a programme's versions, newest first."""
    return [
        [
            {"text": f"Version {version.number}", "href": version_href(version)},
            {"tag": version.state_now.label, "tone": tone_of(version.state)},
            f"{in_words(version.created_at)}, {version.created_by}",
            f"{in_words(version.published_at)}, {version.published_by}" if version.published_at else "",
        ]
        for version in versions
    ]


def has_draft(versions: Iterable[ProgrammeVersion]) -> bool:
    """Whether a version is being written."""
    return any(each.state == ProgrammeVersion.State.DRAFT for each in versions)


def round_rows(rounds: Iterable[Round]) -> list[list[Any]]:
    """Rows of a programme's rounds, newest first."""
    return [
        [
            {"text": each.reference, "href": each.get_absolute_url(), "hint": each.title},
            {"tag": each.state_now.label, "tone": tone_of(each.state)},
            deadline_in_words(each.opens_at),
            deadline_in_words(each.closes_at),
            pounds(each.budget.amount_pence),
            pounds(each.budget.left_pence),
        ]
        for each in rounds
    ]


def programme_href(programme: Programme) -> str:
    return reverse("grants:manage_programme", args=[programme.slug])


def version_href(version: ProgrammeVersion) -> str:
    return reverse("grants:version", args=[version.programme.slug, version.number])


def changes(version: ProgrammeVersion) -> tuple[str, list[str]]:
    """What a version changes in words, and since which: the one published before it, else the programme it is a copy of, else nothing."""
    before = (
        version.programme.versions.filter(number__lt=version.number, state=ProgrammeVersion.State.PUBLISHED).order_by("-number").first()
    )
    before = before or version.programme.cloned_from
    if before is None:
        return "", []
    since = f"version {before.number}" if before.programme_id == version.programme_id else str(before)
    try:
        return since, differences.between(before.definition, loading.examine(version.document)[0])
    except DocumentRefused as refused:
        return since, [refused.sentence]


def touched(version: ProgrammeVersion) -> list[str]:
    """What publishing this version touches, and what it leaves alone: rounds keep the version that they were announced with."""
    if version.state in (ProgrammeVersion.State.PUBLISHED, ProgrammeVersion.State.SET_ASIDE):
        return []
    running = version.programme.rounds.filter(state__in=[Round.State.SCHEDULED, Round.State.OPEN, Round.State.PAUSED])
    lines = []
    for each in running.select_related("version").annotate(drafts=drafts_in_round()).order_by("opens_at", "pk"):
        drafts = "the 1 draft in it is not touched" if each.drafts == 1 else f"the {each.drafts} drafts in it are not touched"
        said = drafts if each.drafts else "nobody is writing in it"
        lines.append(f"{each.reference} ({each.state_now.label.lower()}) keeps version {each.version.number}; {said}.")
    return [*lines, "Rounds scheduled after its publication use this version."]


def drafts_in_round() -> Count:
    """How many applications of a round are still being written, as its query counts them."""
    return Count("applications", filter=Q(applications__state__in=["draft", "invited"]))


def version_summary(version: ProgrammeVersion) -> list[tuple[str, str]]:
    """Who did what with a version."""
    rows = [("Drafted", f"{in_words(version.created_at)} by {version.created_by}")]
    if version.prepared_at:
        rows.append(("Put forward", f"{in_words(version.prepared_at)} by {version.prepared_by}"))
    if version.published_at:
        rows.append(("Published", f"{in_words(version.published_at)} by {version.published_by}"))
    return rows


def waits_for(version: ProgrammeVersion, at: datetime) -> str:
    """Who may publish a version that somebody put forward; nothing in any other state."""
    if version.state != ProgrammeVersion.State.PREPARED:
        return ""
    may = staffing.who_can(version.programme.slug, at=at, agreeing=version.programme.agreeing()).get("publish", [])
    names = [person.name for person in may if person.pk != version.prepared_by_id]
    return f"It waits to be published, by {' or '.join(names)}." if names else "It waits to be published, and nobody may lawfully do it."


def duty_rows(programme: Programme, at: datetime) -> list[list[str]]:
    """Who can do what: each staff duty with the people whose roles carry it."""
    return [
        [_duty(duty), ", ".join(person.name for person in people) or "Nobody"]
        for duty, people in staffing.who_can(programme.slug, at=at, agreeing=programme.agreeing()).items()
    ]


def findings(programme: Programme, at: datetime) -> list[str]:
    """What the staffing check says is missing."""
    return [finding.sentence for finding in staffing.check(programme.slug, programme.control(), at=at, agreeing=programme.agreeing())]


def round_summary(round_: Round) -> list[tuple[str, str]]:
    """A round's times and money."""
    budget = round_.budget
    return [
        ("Version", str(round_.version.number)),
        ("Opens", deadline_in_words(round_.opens_at)),
        ("Closes", deadline_in_words(round_.closes_at)),
        ("Budget", pounds(budget.amount_pence)),
        ("Committed", pounds(budget.committed_pence)),
        ("Paid", pounds(budget.paid_pence)),
        ("Left to commit", pounds(budget.left_pence)),
        ("Applications it takes", places(round_)),
    ]


def places(round_: Round) -> str:
    """How many applications it takes, and how many have a place."""
    return f"{round_.most_applications:,}; {round_.sent_in():,} are in" if round_.most_applications else "As many as come"


def closes(round_: Round) -> str:
    return deadline_in_words(round_.closes_at)


def round_changes(round_: Round) -> list[dict[str, str]]:
    """What everybody was told about a round, newest first, with who did it."""
    rows = round_.changes.select_related("made_by").order_by("-pk")
    return [{"sentence": each.sentence, "reason": each.reason, "who": f"{each.made_by}, {in_words(each.made_at)}"} for each in rows]


def is_spent(round_: Round) -> bool:
    """Whether a round still takes applications though what is left would not make the smallest grant."""
    running = round_.state in (Round.State.OPEN, Round.State.PAUSED)
    return running and round_.budget.left_pence < round_.definition.funding.grant_min


def is_overdue(round_: Round, at: datetime) -> bool:
    """Whether its deadline passed while it was paused, so that somebody must give more time or close it."""
    return round_.state == Round.State.PAUSED and at >= round_.closes_at


def with_pages(round_: Round, steps: Iterable[AvailableStep]) -> list[dict[str, str]]:
    """The steps that have a page of their own, as links; one that is the person's but cannot be taken now says why instead."""
    found = []
    for each in steps:
        route = PAGES.get(each.step.name)
        if route and (each.is_allowed or each.code != "no_permission"):
            href = reverse(route, args=[round_.reference]) if each.is_allowed else ""
            found.append({"label": each.step.label, "href": href, "reason": each.reason})
    return found


def may_set_budget(round_: Round, person: Person) -> bool:
    """Whether this person may change a round's budget, and there is something to change."""
    return can(person, Permission.ROUND_MANAGE, on=round_) and allowed(policies.check_money_matters, round_)[0]


def budget_changed(before: Round, budget: Budget) -> str:
    """What the change of a budget did, to the round too where its money is committed now."""
    if budget.round.state == before.state:
        return "Budget changed"
    return "Budget changed. What is left would not make the smallest grant, so the round has closed"


def closes_itself(round_: Round) -> bool:
    """Whether a smaller budget may close it, because it runs and its programme says so."""
    return round_.state in (Round.State.OPEN, Round.State.PAUSED) and round_.definition.rounds.close_when_committed


def when(round_: Round) -> str:
    """When it opens and closes, in one sentence without its stop."""
    return f"It opens at {deadline_in_words(round_.opens_at)} and closes at {deadline_in_words(round_.closes_at)}"


def running(programme: Programme) -> list[str]:
    """The rounds that a new one might overlap, each with its times."""
    return [
        f"{each.reference} ({each.state_now.label.lower()}): from {deadline_in_words(each.opens_at)} to {deadline_in_words(each.closes_at)}"
        for each in programme.rounds.not_over().order_by("opens_at", "pk")
    ]


def overlaps(round_: Round) -> list[str]:
    """A sentence for each other round of the programme that takes applications in some of the time in which this one does."""
    if round_.state not in Round.NOT_OVER:
        return []
    others = round_.programme.rounds.not_over().exclude(pk=round_.pk)
    return [
        f"{each.reference} is open in some of the same time, from {deadline_in_words(max(each.opens_at, round_.opens_at))} to "
        f"{deadline_in_words(min(each.closes_at, round_.closes_at))}. A company may apply in both; the public page leads to one."
        for each in others.filter(opens_at__lt=round_.closes_at, closes_at__gt=round_.opens_at).order_by("opens_at", "pk")
    ]


def _duty(duty: str) -> str:
    words = separation.DUTY_NAMES.get(duty, duty.replace("_", " "))
    return words[:1].upper() + words[1:]


def compared(old: ProgrammeVersion, new: ProgrammeVersion) -> list[str]:
    """What differs between two versions, in words; drafts that do not hold together yet can be compared too."""
    before, after = (loading.examine(each.document)[0] for each in (old, new))
    return differences.between(before, after)


def pairs(old: ProgrammeVersion, new: ProgrammeVersion) -> list[tuple[int, int]]:
    """Other pairs worth comparing: the newer of these two with every other version, the earlier one first."""
    numbers = new.programme.versions.exclude(pk__in=[old.pk, new.pk]).order_by("-number").values_list("number", flat=True)
    return [(min(number, new.number), max(number, new.number)) for number in numbers]


def correction_card(correction: Correction) -> dict[str, Any]:
    """One correction: what it changes, why, who did what."""
    rows = [
        ("Reason", correction.reason),
        ("Asked for", f"{in_words(correction.proposed_at)} by {correction.proposed_by}"),
    ]
    if correction.decided_at:
        rows.append(("Decided", f"{in_words(correction.decided_at)} by {correction.decided_by}"))
    title = f"From version {correction.version_before.number} to version {correction.version.number}"
    return {
        "correction": correction,
        "title": title,
        "state": f"{correction.state_now.label}.",
        "rows": rows,
        "changes": compared(correction.version_before, correction.version),
    }


def correction_touches(round_: Round) -> str:
    """What a correction of this round would touch, and what not."""
    drafts = round_.applications.filter(state="draft").count()
    sent = round_.applications.exclude(state="draft").count()
    lines = {0: "Nobody is writing in it.", 1: "The 1 draft in it would go by the new rules, and its team is told."}
    words = lines.get(drafts, f"The {drafts} drafts in it would go by the new rules, and their teams are told.")
    kept = {0: "Nothing is sent in yet.", 1: "The 1 application that is sent in keeps the version that it was sent in under."}
    return f"{words} {kept.get(sent, f'The {sent} applications that are sent in keep the version that they were sent in under.')}"
