"""What a company may do about what it thinks is wrong, as its pages show it."""

from datetime import datetime
from typing import Any

from accounts.access import can
from accounts.models import Person
from accounts.roles import Permission
from applications.models import Appeal, Application
from applications.presenters.eligibility import outcomes_of, reasons
from applications.redress import appeal_until, check_may_appeal, review_until
from design.tones import tone_of
from design.words import moment_in_words
from grants.policies import in_words
from workflow.engine import available_steps
from workflow.guards import allowed


def ask_review(application: Application, person: Person, *, at: datetime) -> dict[str, Any]:
    """The page on which a review is asked for."""
    is_out = application.state == Application.State.INELIGIBLE
    return {
        "application": application,
        "reasons": reasons(application, outcomes_of(application)),
        "review": review(application, person, at=at) if is_out else {"why_not": "Nothing was found against this application.", "asked": ""},
    }


def review(application: Application, person: Person, *, at: datetime) -> dict[str, Any]:
    """Asking for a second person to look at a finding: the step where it can be taken, else why not, and what came of it."""
    step = available_steps(application, person, at=at, only=["ask_review"])[0]
    asked = f"{application.review_asked_by} asked for a review on {moment_in_words(application.review_asked_at)}."
    return {
        "may_ask": step.is_allowed,
        "why_not": "" if application.review_asked_at else _why_not(application, person, step.reason, at=at),
        "until": in_words(until) if (until := review_until(application)) else "",
        "asked": asked if application.review_asked_at else "",
        "reason": application.review_reason,
        "answer": application.review_answer,
    }


def _why_not(application: Application, person: Person, reason: str, *, at: datetime) -> str:
    """Why no review can be asked for; a colleague who may not is told who may."""
    until = review_until(application)
    if until is None or can(person, Permission.APPLICATION_SUBMIT, on=application):
        return reason
    if at >= until:
        return f"A review could be asked for until {in_words(until)}."
    return f"If a rule was applied wrongly, your company's owner or a signatory can ask for a review by {in_words(until)}."


def who_has_it(appeals: list[Appeal]) -> str:
    """Who holds the latest appeal, since when, while something is still to be done about it; "" otherwise."""
    latest = appeals[0] if appeals else None
    if latest is not None and latest.state == Appeal.State.UPHELD and latest.judged_at:
        return f"Your appeal was upheld. It is with the programme’s officer, who puts it right, since {in_words(latest.judged_at)}."
    if latest is None or latest.state not in (Appeal.State.LODGED, Appeal.State.ADMITTED):
        return ""
    return f"Your appeal is with somebody who took no part in your application, since {in_words(latest.lodged_at)}."


def appeal(application: Application, person: Person, *, at: datetime) -> dict[str, Any]:
    """Whether and until when the company may appeal, who of it may, and what came of an appeal."""
    is_open, why_not = allowed(check_may_appeal, application, at=at)
    until = in_words(found) if (found := appeal_until(application)) else ""
    may = can(person, Permission.APPLICATION_SUBMIT, on=application)
    who = f"If it was not treated as the programme says, your company's owner or a signatory can appeal until {until}."
    return {
        "application": application,
        "may_appeal": is_open and may,
        "who_may": who if is_open and not may else "",
        "why_not": why_not,
        "until": until,
        "appeals": list(application.appeals.select_related("lodged_by").order_by("-pk")),
    }


def appeals_for_staff(application: Application, person: Person, *, at: datetime) -> list[dict[str, Any]]:
    """Every appeal on an application with what this person may do about it."""
    found = application.appeals.select_related(*Appeal.reads_with, "lodged_by").order_by("-pk")
    return [
        {
            "appeal": one,
            "tone": tone_of(one.state),
            "steps": [step for step in available_steps(one, person, at=at) if step.code != "not_over"],
            "to": f"{application.staff_path()}appeals/{one.pk}/",
        }
        for one in found
    ]
