"""What happened to an application, for its company and for staff."""

from datetime import datetime
from typing import Any

from applications.models import Application
from applications.reminders import due_in_words
from design.words import from_now
from grants.policies import in_words
from workflow.models import StepTaken

FOR_COMPANY = {
    "submit": "You sent the application in",
    "clear_referral": "We looked at it and found it eligible",
    "refuse_referral": "We looked at it and found it not eligible",
    "invite": "We invited you to apply in full",
    "decline_interest": "We did not invite you to apply in full",
    "reinstate": "A second person reviewed it and found it eligible",
    "ask_review": "You asked for a review",
    "keep_finding": "A second person reviewed it and the finding stands",
    "request_changes": "We asked you to change some sections",
    "give_time_for_changes": "We gave you more time for the changes",
    "resubmit": "You sent the changes in",
    "keep_as_sent": "We went on with what you had sent in",
    "reopen": "You reopened it to change it",
    "withdraw": "You withdrew it",
    "start_assessing": "It went to the assessors",
    "rule_out": "It was ruled out",
    "notify": "We told you the decision",
    "expire_reserve": "Its time on the reserve list ended",
    "reconsider": "It was taken up again after your appeal",
}
SCREENED = {
    "eligible": "It meets the programme's rules",
    "expressed": "It meets the rules for an expression of interest",
    "referred": "A person is looking at one of the rules",
    "ineligible": "It does not meet the programme's rules",
}
HELD_BY = {
    "applicant": "your company",
    "system": "nobody: it is being checked by machine",
    "officer": "the programme's officer",
    "assessors": "the assessors",
    "panel": "the panel",
    "lead": "the programme's lead",
    "": "nobody",
}


def steps_of(application: Application) -> list[StepTaken]:
    """Every step the application itself took, newest first."""
    taken = StepTaken.objects.filter(record_type=application.record_type(), record_id=application.pk)
    return list(taken.select_related("by").order_by("-at", "-pk"))


def for_company(application: Application) -> list[dict[str, Any]]:
    """What the company may see: no internal step, no decision before it is told."""
    events: list[dict[str, Any]] = []
    for taken in steps_of(application):
        title = SCREENED.get(taken.target, "") if taken.step == "screen" else FOR_COMPANY.get(taken.step, "")
        if title:
            by = taken.by.name if taken.step in ("submit", "resubmit", "ask_review", "reopen", "withdraw") else ""
            events.append({"title": title, "at": taken.at, "by": by})
    if application.extended_at and application.extended_until:
        title = f"We gave you extra time, until {in_words(application.extended_until)}"
        later = [place for place, event in enumerate(events) if event["at"] < application.extended_at]
        events.insert(later[0] if later else len(events), {"title": title, "at": application.extended_at, "by": ""})
    again = f"You started the application, as another try of {application.resubmission_of.reference}" if application.resubmission_of else ""
    events.append({"title": again or "You started the application", "at": application.started_at, "by": application.started_by.name})
    return events


def for_staff(application: Application) -> list[dict[str, Any]]:
    """Every step with who took it."""
    labels = type(application).steps()
    states = type(application).State
    events = [
        {
            "title": labels[taken.step].label,
            "at": taken.at,
            "by": taken.by.name,
            "text": f"{states(taken.source).label} → {states(taken.target).label}" if taken.source != taken.target else "",
        }
        for taken in steps_of(application)
    ]
    events.append({"title": "Started", "at": application.started_at, "by": application.started_by.name})
    return events


NEXT = {
    "Being checked": "One of the programme's rules asks for a person to look. They decide whether it can go on, and we write to you.",
    "Expression of interest sent": "We read it and decide whom to invite to apply in full. We write to you either way.",
    "Being assessed": "It is read, scored and decided on. You need do nothing; we write to you when there is a decision.",
}
"""What comes next, by what the company is told of the state: where it is told the same, it reads the same."""


def what_comes_next(application: Application, *, at: datetime) -> str:
    """One plain sentence, while the company waits for us; otherwise nothing."""
    if application.state == application.State.ELIGIBLE:
        closed = "" if at >= application.round.closes_at else "once the round has closed, "
        return f"It meets the programme's rules. Next, {closed}it is read and scored. You need do nothing; we write to you."
    return "" if application.waits_for_nobody or application.is_written_in else NEXT.get(application.public_state, "")


def who_has_it(application: Application, *, at: datetime) -> str:
    """`It is with the assessors since 3 days ago.`"""
    if application.is_draft:
        until = application.due_at
        if application.round.state == "cancelled":
            return "The round was cancelled, so it is not considered."
        if until <= at:
            return f"It was not sent in by {in_words(until)}, when it was due, so it is not considered."
        return f"It is with your company. {due_in_words(application)[:-1]}, {from_now(until, now=at)}."
    if application.is_being_changed:
        until = application.changes_until or at
        return f"It is with your company. The changes are due at {in_words(until)}, {from_now(until, now=at)}."
    if application.waits_for_review and application.review_asked_at:
        return f"It is with a second person, who reviews the finding, since {in_words(application.review_asked_at)}."
    if application.state == application.State.RESERVE and application.reserve_until:
        return f"It is on the reserve list until {in_words(application.reserve_until)}. If a place comes free we write to you."
    if application.state == application.State.APPROVED and application.notified_at:
        return "It goes on as an award."
    if application.waits_for_nobody:
        return "Nobody needs to do anything now."
    holder = "the programme's lead" if application.state in application.DECIDED else HELD_BY[application.state_now.owner]
    since = application.case.held_since
    return f"It is with {holder}" + (f", since {in_words(since)}." if since else ".")
