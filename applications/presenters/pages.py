"""What each page of the applicant's side is drawn from."""

from datetime import datetime
from typing import Any

from django.db import models
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.timezone import localdate

from accounts.access import can
from accounts.models import Person
from accounts.roles import Permission
from applications import expectations
from applications.actions import uploading
from applications.models import Application, AssistedAnswer, Company, SubmittedPaper, Uploading
from applications.papers import answers_digest
from applications.policies import check_has_a_place, what_stops
from applications.presenters import answers, changes, flow, redress, saves, tasks, teamwork, timelines
from applications.presenters.eligibility import outcomes_of, reasons
from applications.presenters.signing import signing
from applications.reading import Reading
from applications.reminders import due_in_words
from applications.screening import rules_for
from audit.composed import Composed, Given
from design.words import exact, pounds
from design.words import in_words as day_in_words
from grants.models import Programme, Round, RoundChange
from grants.policies import in_words
from workflow.engine import available_steps
from workflow.guards import allowed

TYPED_FOR_YOU = Composed(
    lambda: AssistedAnswer.objects.filter(application=Given("application", models.BigIntegerField()), settled_at=None).values_list("pk")
)
ROUND_CHANGES = Composed(
    lambda: RoundChange.objects.filter(round=Given("round", models.BigIntegerField())).exclude(kind="rescheduled").order_by("-pk")
)
SENT = Composed(
    lambda: (
        SubmittedPaper.objects.filter(application=Given("application", models.BigIntegerField()))
        .select_related("receipt")
        .defer("document", "receipt__pdf")
        .order_by("-number")
    )
)


def home(person: Person, *, at: datetime) -> dict[str, Any]:
    """My companies, my applications, the rounds that are open."""
    companies = list(Company.objects.of_team(person).select_related("organisation").order_by("organisation__name", "pk"))
    found = Application.objects.of_team(person).for_pages().order_by("-started_at", "-pk")[:100]
    rows = [
        [
            {"text": application.reference, "href": application.get_absolute_url(), "hint": application.title or "No title yet"},
            application.company.name,
            application.round.programme.name,
            {"tag": application.public_state, "tone": "waiting" if application.is_draft else "neutral"},
            timelines.who_has_it(application, at=at),
        ]
        for application in found
    ]
    rounds = Round.objects.open_at(at).select_related("programme").order_by("closes_at", "pk")
    columns = ["Reference", "Company", "Programme", "State", "Who has it"]
    starts = [(round_, reverse("applications:start", args=[round_.reference])) for round_ in rounds]
    return {"companies": companies, "columns": columns, "rows": rows, "starts": starts}


def start(round: Round, companies: Any, person: Person, *, at: datetime) -> dict[str, Any]:
    """What to expect before beginning."""
    definition = round.definition
    hours = max(1, -(-definition.form.minutes_expected // 60))
    return {
        "round": round,
        "companies": list(companies),
        "reads_only": None if companies else Company.objects.of_team(person).select_related("organisation").order_by("pk").first(),
        "facts": [
            ("Closes", capfirst(in_words(round.closes_at))),
            ("Grants", f"{pounds(definition.funding.grant_min)} to {pounds(definition.funding.grant_max)}"),
            (
                "Effort to expect",
                f"About {hours} hours, up to {definition.form.words_in_all:,} words",
            ),
            *prospects(round.programme, round),
            *([("Applications this round takes", takes)] if (takes := round.takes()) else []),
            ("Questions to", contact(definition)),
        ],
        "flow": flow.example(definition),
        "is_open": round.is_open_at(at),
    }


def prospects(programme: Programme, round: Round | None) -> list[tuple[str, str]]:
    """By when a programme means to decide, where it says so, what became of earlier rounds, and how often a project may be tried."""
    definition = round.definition if round else programme.published_version.definition if programme.published_version else None
    most = definition.eligibility.resubmissions_at_most if definition else None
    tries = {None: "", 0: "Not again, once it is decided", 1: "Once more"}.get(most, f"{most} times more")
    by = expectations.decision_by(round) if round else None
    decides = [("We expect to decide", f"By {day_in_words(by)}")] if by else []
    again = [("The same project after a no", tries)] if tries else []
    return [*decides, ("Odds so far", f"{expectations.odds(programme)}"), *again]


def contact(definition: Any) -> str:
    """Who answers questions: a person where the programme names one."""
    parties = definition.parties
    return ", ".join(part for part in (parties.contact_name, parties.contact_email) if part) or parties.delivery_body


def task_list(reading: Reading, person: Person) -> dict[str, Any]:
    """The application's own task list."""
    application = reading.application
    found = tasks.tasks(reading)
    _say_with_whom(found, application, person)
    done = sum(task["status"] == "Completed" for task in found)
    return {
        "application": application,
        "title": application.title or ("Your expression of interest" if application.is_expression else "Your application"),
        "caption": f"{application.reference}, {application.round.title}, {application.company.name}",
        "tasks": found,
        "last": [last_task(reading, is_complete=done == len(found))],
        "done": done,
        "is_complete": done == len(found),
        "earlier_try": application.resubmission_of,
        "typed_for_you": len(TYPED_FOR_YOU.all(application=application.pk)),
        "who_has_it": timelines.who_has_it(application, at=reading.at),
        "round_changes": round_changes(application),
        "no_place": no_place(application, reading.at),
        "may_withdraw": can(person, Permission.APPLICATION_SUBMIT, on=application),
        "papers": (papers := sent(application)),
        "taken_back": _taken_back(application, papers),
        "may_write": can(person, Permission.APPLICATION_EDIT, on=application),
    }


def _taken_back(application: Application, papers: list[SubmittedPaper]) -> str:
    """What whoever reopened it must not overlook."""
    if (paper := application.taken_back(papers)) is None:
        return ""
    return (
        f"You reopened this application. What you sent in at {in_words(paper.frozen_at)} no longer counts. {due_in_words(application)} "
        "If it is not signed and sent in again by then, it is not considered."
    )


def no_place(application: Application, at: datetime) -> str:
    """Why this draft could not be sent in for want of a place, where its round takes only so many; otherwise nothing."""
    return allowed(check_has_a_place, application, at=at)[1] if application.round.is_open_at(at) else ""


def round_changes(application: Application) -> list[RoundChange]:
    """What was changed about the round for everybody, newest first."""
    return ROUND_CHANGES.all(round=application.round_id)


def _say_with_whom(found: list[dict[str, Any]], application: Application, person: Person) -> None:
    """Add to each task who is asked to write it, or some of it."""
    for one in teamwork.open_assignments(application):
        part = f"“{one.title}” " if one.question else ""
        said = teamwork.with_whom(one, person)
        for task in found:
            if task["section"] == one.section:
                task["hint"] += f". {part}{said[0].lower() + said[1:] if part else said}"


def last_task(reading: Reading, *, is_complete: bool) -> dict[str, Any]:
    """Checking, signing and sending: always open, so that what is missing can be seen at any time."""
    application = reading.application
    status, tone = ("Ready to send", "active") if is_signed(application) else ("To sign", "active")
    if not is_complete:
        status, tone = "Something is missing", "neutral"
    return {
        "title": "Check your answers and send" if application.is_expression else "Check your answers, sign and send",
        "hint": "See what is missing at any time, without sending anything",
        "href": reverse("applications:check", args=[application.reference]),
        "status": status,
        "tone": tone,
    }


def section(page: Any, person: Person) -> dict[str, Any]:
    """One section's page."""
    reading = page.reading
    asked = teamwork.asked_in(reading.application, page.section.id, person)
    parts = _parts(page)
    halves = uploading.half_here(reading.application, by=person, at=reading.at) if any(part.get("room") for part in parts) else []
    for part in parts:
        part["halves"] = [_half(one, size) for one, size in halves if one.question == part["question"].id]
        part["asked"] = asked.get(part["question"].id, [])
    return {
        "asked": asked.get("", []),
        "application": reading.application,
        "section": page.section,
        "parts": parts,
        "form": page.form,
        "forms": [form for form in page.all_forms if form is not page.form],
        "save_path": reverse("applications:save", args=[reading.application.reference, page.section.id]),
        "here_path": reverse("applications:here", args=[reading.application.reference, page.section.id]),
    }


def _half(one: Uploading, bytes_here: int) -> str:
    so_far = f"{filesizeformat(bytes_here)} of {filesizeformat(one.size)}"
    return f"{one.name} is not all here: {so_far}. Choose it again, and it goes on from there."


def _parts(page: Any) -> list[dict[str, Any]]:
    """What the page draws, each check that does not hold beside the question it is about."""
    parts: list[dict[str, Any]] = page.parts()
    said = saves.checks(page, page.reading)
    for part in parts:
        unread = part["table"].unread() if part.get("table") else ""
        part["disagreement"] = f"{said.get(part['question'].id, '')} {unread}".strip()
        if part.get("is_calculated"):
            part["calculated"] = answers.worked_out(part["question"], part["value"])
    return parts


def asks_more(fresh: Reading, section_id: str, page: Any) -> bool:
    """Whether the answers just saved opened a question on the same page that was not there before."""
    found = fresh.section(section_id)
    before = {question.id for question in page.section.questions if question.id in {asked.id for asked in page.questions}}
    return any(q.id not in before and q.kind != "declaration" and fresh.problem(q) for q in found.questions) if found else False


def is_signed(application: Application) -> bool:
    """Whether a signature covers the answers as they stand, or they are sent in already."""
    return (
        not application.is_draft
        or application.is_expression
        or (application.declared_at is not None and application.declared_sha256 == answers_digest(application))
    )


def check(reading: Reading, person: Person) -> dict[str, Any]:
    """Everything on one page, with what is missing by name, and who signs."""
    application = reading.application
    missing = tasks.missing(reading)
    stops = what_stops(application, at=reading.at, is_whole=not missing)
    return {
        "application": application,
        "sections": answers.of_draft(reading),
        "missing": missing,
        "stops": stops,
        "warnings": [] if missing or stops else foreseen(reading),
        "is_ready": not missing and not stops,
        "is_signed": is_signed(application),
        **signing(application, person, page="check"),
        "may_submit": can(person, Permission.APPLICATION_SUBMIT, on=application),
        "may_write": can(person, Permission.APPLICATION_EDIT, on=application),
        "flow": flow.of_plan(reading),
    }


def foreseen(reading: Reading) -> list[dict[str, Any]]:
    """What the rules would say if it were sent in now; the declaration counted as signed."""
    from grants.rules import evaluate

    rules = {rule.id: rule for rule in rules_for(reading.application)}
    signed = {reading.definition.form.means.declaration: True}
    facts = reading.facts
    known = facts | {"answers": facts["answers"] | signed, "subsidy": facts["subsidy"] | {"is_confirmed": True}}
    return [
        {"sentence": outcome.sentence, "instead": rules[outcome.id].instead or "", "is_refer": outcome.on_fail == "refer"}
        for outcome in evaluate(rules.values(), known, asked=reading.definition.form.labels())
        if not outcome.passed
    ]


def status(application: Application, person: Person, *, at: datetime) -> dict[str, Any]:
    """Where it is, who has it, what happened."""
    shown = {"reopen"}
    is_out = application.state == Application.State.INELIGIBLE
    appeal = redress.appeal(application, person, at=at)
    return {
        "application": application,
        "title": application.title or application.reference,
        "caption": f"{application.reference}, {application.round.title}, {application.company.name}",
        "who_has_it": redress.who_has_it(appeal["appeals"]) or timelines.who_has_it(application, at=at),
        "next": timelines.what_comes_next(application, at=at),
        "round_changes": round_changes(application),
        "events": timelines.for_company(application),
        "reasons": reasons(application, outcomes_of(application)) if is_out else [],
        "refused_because": application.refused_because if is_out else "",
        "appeal": appeal,
        "review": redress.review(application, person, at=at) if is_out else None,
        "due": due_in_words(application),
        "steps": [one for one in available_steps(application, person, at=at) if one.step.name in shown and one.is_allowed],
        "may_withdraw": _may_withdraw(application, person),
        "not_invited_because": application.not_invited_because if application.state == Application.State.NOT_INVITED else "",
        "contact": contact(application.version.definition),
        "decide_by": _decide_by(application, at=at),
        "instead": expectations.instead(application, at=at),
        "decided_pence": application.decided_amount_pence if application.notified_at and application.state in Application.DECIDED else None,
        "papers": sent(application),
        "change_requests": changes.made(application),
        "message_count": application.messages.count(),
    }


def _decide_by(application: Application, *, at: datetime) -> str:
    """Until when the company should hear, while it waits for that; and that we are late, once we are."""
    waits = application.state in application.IN_PROGRESS or (application.state in application.DECIDED and not application.notified_at)
    by = expectations.decision_by(application.round) if waits and not application.is_written_in else None
    if by and by < localdate(at):
        return f"We meant to tell you our decision by {day_in_words(by)}, and are late. Ask us in a message when you will hear."
    return f"We expect to tell you our decision by {day_in_words(by)}." if by else ""


def sent(application: Application) -> list[SubmittedPaper]:
    """Every paper that was sent in, the latest first, with its receipt where that is written."""
    return SENT.all(application=application.pk)


def _may_withdraw(application: Application, person: Person) -> bool:
    sources = type(application).steps()["withdraw"].sources
    return application.state in sources and can(person, Permission.APPLICATION_SUBMIT, on=application)


def paper(application: Application, frozen: SubmittedPaper) -> dict[str, Any]:
    """A frozen paper as it was sent in."""
    documents = application.documents.filter(uploaded_at__lte=frozen.frozen_at)
    return {
        "application": application,
        "paper": frozen,
        "sections": answers.of_paper(application.version.definition, frozen, documents),
    }


def receipt(application: Application, frozen: SubmittedPaper | None) -> dict[str, Any]:
    """What the company may hold us to: that we have it, since when, and what exactly."""
    return {
        "application": application,
        "rows": [
            ("Reference", application.reference),
            ("Round", application.round.title),
            ("Company", application.company.name),
            ("Title", application.title),
            ("Received by us", f"{in_words(frozen.frozen_at)}, by our clock ({exact(frozen.frozen_at)})" if frozen else "–"),
            ("Sent by", frozen.frozen_by.name if frozen else "–"),
            ("SHA-256", application.receipt_sha256),
            ("Submission", f"{frozen.number}" if frozen else ""),
        ],
        "paper": frozen,
        "reasons": reasons(application, outcomes_of(application)),
    }
