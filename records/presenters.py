"""What pages about records show, ready to be drawn."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.access import can
from accounts.models import Person
from accounts.roles import Permission
from applications.models import Application
from design.tones import tone_of
from design.words import in_words, moment_in_words
from records import erasing, keeping
from records.keeping import Kept
from records.models import Erasure, LegalHold, Restriction
from workflow.engine import available_steps

AHEAD = timedelta(days=90)
SHOWN = 200
COLUMNS = ["Reference", "Company", "Why", "Due", "What happens"]
PARTS = ["What", {"label": "How many", "numeric": True}]


def due(found: QuerySet[Application], *, at: datetime) -> dict[str, Any]:
    """What is due or falls due within three months, the earliest first, and what holds it."""
    kept = keeping.due(found, at=at, within=AHEAD)
    return {
        "columns": COLUMNS,
        "rows": [_row(one, at=at) for one in kept[:SHOWN]],
        "total": len(kept),
        "beyond": max(0, len(kept) - SHOWN),
        "held": sum(bool(one.obstacles) for one in kept),
    }


def _row(kept: Kept, *, at: datetime) -> list[Any]:
    application = kept.application
    is_draft = application.submitted_at is None
    if kept.obstacles:
        happens = {"tag": "Kept back", "tone": "waiting", "hint": "; ".join(kept.obstacles)}
    elif kept.is_due(at) and (goes_on := keeping.goes_on(kept, at=at)) > localdate(at):
        happens = {"tag": "To be erased", "tone": "neutral", "hint": f"On {in_words(goes_on)}: its people hear a month before"}
    else:
        happens = {"tag": "Erased tonight" if kept.is_due(at) else "To be erased", "tone": "neutral"}
    return [
        {"text": application.reference, "href": reverse("records:record", args=[application.reference])},
        "A draft that was never sent in" if is_draft else application.company.name,
        kept.because,
        in_words(kept.until),
        happens,
    ]


def record(application: Application, person: Person, *, at: datetime) -> dict[str, Any]:
    """One application's records: until when, what would go, what keeps them, who asked."""
    kept = keeping.of(application, at=at)
    holds = list(LegalHold.objects.filter(application=application).select_related("placed_by", "lifted_by").order_by("-pk"))
    asked = _erasures(application)
    waiting = next((one for one in asked if one.state == Erasure.State.ASKED), None)
    may_hold = can(person, Permission.RECORDS_HOLD, on=application)
    return {
        "application": application,
        "rows": _facts(kept),
        "parts": PARTS,
        "part_rows": [[name.capitalize(), f"{count:,}"] for name, count in erasing.preview(application).items()],
        "is_erased": application.erased_at is not None,
        "standing": next((hold for hold in holds if hold.lifted_at is None), None),
        "holds": [{"title": "Hold in force" if hold.lifted_at is None else "Hold, lifted", "rows": _hold(hold)} for hold in holds],
        "erasures": [{"erasure": one, "tone": tone_of(one.state), "rows": _erasure(one)} for one in asked],
        "steps": _steps(waiting, person, at=at) if waiting else [],
        "to": reverse("records:ask", args=[application.reference]),
        "may_hold": may_hold and application.erased_at is None,
        "may_ask": may_hold and waiting is None and not kept.obstacles,
    }


def company(application: Application, person: Person, *, at: datetime) -> dict[str, Any]:
    """The company's page: until when its records are kept, and what came of asking."""
    kept, asked = keeping.of(application, at=at), _erasures(application)
    is_waiting = any(one.state == Erasure.State.ASKED for one in asked)
    is_bound = kept.had_an_offer and not kept.is_due(at)
    return {
        "application": application,
        "rows": _facts(kept),
        "erasures": [{"erasure": one, "rows": _erasure(one, names=False)} for one in asked],
        "may_ask": can(person, Permission.COMPANY_EDIT, on=application) and not (kept.obstacles or is_waiting or is_bound),
        "why_not": _why_not(kept, is_waiting=is_waiting, is_bound=is_bound),
    }


def _why_not(kept: Kept, *, is_waiting: bool, is_bound: bool) -> str:
    if kept.application.erased_at is not None:
        return ""
    if is_waiting:
        return "You have asked for this. A second person decides."
    if kept.obstacles:
        return f"It cannot be erased now: {'; '.join(kept.obstacles)}."
    if is_bound:
        return f"The law asks us to keep the records of public money until {in_words(kept.until)}."
    return "Only the company’s owner can ask for this."


def _erasures(application: Application) -> list[Erasure]:
    found = Erasure.objects.filter(application=application).select_related(*Erasure.reads_with, "asked_by", "judged_by")
    return list(found.order_by("-pk"))


def _steps(erasure: Erasure, person: Person, *, at: datetime) -> list[Any]:
    return [] if erasure.asked_by_id == person.pk else available_steps(erasure, person, at=at, only=("erase", "refuse"))


def _facts(kept: Kept) -> list[tuple[str, Any]]:
    application = kept.application
    if application.erased_at is not None:
        return [("Erased", moment_in_words(application.erased_at)), ("What stays", "Amounts, states, dates, and the company that applied")]
    return [
        ("Why it is kept", kept.because),
        ("Until", in_words(kept.until) or "Not known yet"),
        ("What keeps it now", "; ".join(kept.obstacles).capitalize() or "Nothing but its years"),
    ]


def _hold(hold: LegalHold) -> list[tuple[str, Any]]:
    rows = [("Placed", f"{moment_in_words(hold.placed_at)} by {hold.placed_by}"), ("Reason", hold.reason)]
    if hold.lifted_at is not None:
        rows += [("Lifted", f"{moment_in_words(hold.lifted_at)} by {hold.lifted_by}"), ("Because", hold.lifted_because)]
    return rows


def _erasure(erasure: Erasure, *, names: bool = True) -> list[tuple[str, Any]]:
    asked = f"{moment_in_words(erasure.asked_at)} by {erasure.asked_by}" if names else moment_in_words(erasure.asked_at)
    rows = [("Asked for", asked), ("Reason", erasure.reason)]
    if erasure.judged_at is not None:
        judged = f"{moment_in_words(erasure.judged_at)} by {erasure.judged_by}" if names else moment_in_words(erasure.judged_at)
        rows.append((erasure.state_now.label, judged))
    if erasure.answer:
        rows.append(("Because", erasure.answer))
    if erasure.went:
        rows.append(("What went", ", ".join(f"{count:,} {name}" for name, count in erasure.went.items())))
    return rows


def own_data(person: Person, *, at: datetime) -> dict[str, Any]:
    """What somebody can ask about their own data now, and why not."""
    standing = Restriction.objects.standing().of(person).first()
    return {
        "keeps": keeping.what_keeps(person, at=at),
        "standing": standing and {"rows": [("Asked for", moment_in_words(standing.placed_at)), ("Reason", standing.reason)]},
    }


def restrictions(person: Person) -> dict[str, Any]:
    """All that stand, and the latest that were lifted."""
    found = Restriction.objects.visible_to(person).select_related("person", "lifted_by")
    standing = found.standing().order_by("placed_at", "pk")
    lifted = found.exclude(lifted_at=None).order_by("-lifted_at", "-pk")
    return {"rows": [_restriction(one) for one in [*standing, *lifted[:20]]]}


def _restriction(one: Restriction) -> dict[str, Any]:
    rows = [("Asked for", moment_in_words(one.placed_at)), ("Reason", one.reason)]
    if one.lifted_at is not None:
        rows += [("Lifted", f"{moment_in_words(one.lifted_at)} by {one.lifted_by}"), ("Because", one.lifted_because)]
    return {"pk": one.pk, "name": one.person.name, "rows": rows, "is_standing": one.lifted_at is None}
