"""Changes that were asked for, before and after, for the company and for staff."""

import json
from datetime import datetime
from typing import Any

from accounts.models import Person
from applications import changes
from applications.models import Application, ChangeRequest
from applications.policies import open_sections, what_stops
from applications.presenters import tasks
from applications.presenters.answers import in_text
from applications.presenters.history import difference
from applications.presenters.signing import signing
from applications.reading import Reading, read
from workflow.engine import available_steps

Said = dict[str, str]


def page(application: Application, person: Person, *, at: datetime) -> dict[str, Any]:
    """What is to be changed, what has been, and sending it in."""
    reading = read(application, at=at)
    asked = changes.open_request(application)
    missing = tasks.missing(reading)
    stops = what_stops(application, at=at, is_whole=not missing)
    before = said_in(application, json.loads(asked.paper_before.document)) if asked else {}
    changed = differences(application, before, said_now(reading))
    open_ones = open_sections(application, at=at)
    chosen = [task for task in tasks.tasks(reading) if task["section"] in open_ones]
    for task in chosen:
        if task["status"] == "Completed":
            is_changed = any(one["section_id"] == task["section"] for one in changed)
            task["status"], task["tone"] = ("Changed", "active") if is_changed else ("Not changed yet", "neutral")
    return {
        "application": application,
        "asked": asked,
        "due": application.changes_until,
        "tasks": chosen,
        "changed": changed,
        "missing": missing,
        "stops": stops,
        **signing(application, person, page="changes"),
        "is_ready": not missing and not stops,
    }


def made(application: Application) -> list[dict[str, Any]]:
    """Every change request, the latest first, with what the company changed once it has sent it in."""
    found = application.change_requests.select_related("asked_by", "paper_before", "paper_after", "closed_by").order_by("-pk")
    return [_one(application, request) for request in found]


def _one(application: Application, request: ChangeRequest) -> dict[str, Any]:
    changed: list[dict[str, Any]] = []
    if request.paper_after:
        papers = [json.loads(paper.document) for paper in (request.paper_before, request.paper_after)]
        changed = differences(application, *(said_in(application, frozen) for frozen in papers))
    titles = [section.title for section in application.version.definition.form.sections if section.id in request.sections]
    return {"request": request, "titles": titles, "changed": changed}


def may_ask(application: Application, person: Person, *, at: datetime) -> bool:
    """Whether this person may ask for changes, or give more time for those that were asked for."""
    steps = available_steps(application, person, at=at, only=["request_changes", "give_time_for_changes"])
    return any(one.is_allowed for one in steps)


def said_in(application: Application, frozen: dict[str, Any]) -> Said:
    """What a paper says, as text by question; files by name and hash."""
    values = {answer["question"]: answer["value"] for answer in frozen["answers"]}
    files: dict[str, list[str]] = {}
    for document in frozen["documents"]:
        files.setdefault(document["question"], []).append(f"{document['name']} ({document['sha256'][:8]})")
    return _said(application, values, files)


def said_now(reading: Reading) -> Said:
    """The same of the answers as they stand, what is worked out from them included."""
    files = {question: [f"{one.name} ({one.sha256[:8]})" for one in found] for question, found in reading.documents.items()}
    return _said(reading.application, reading.values, files)


def _said(application: Application, values: dict[str, Any], files: dict[str, list[str]]) -> Said:
    said, definition = {}, application.version.definition
    for question in definition.form.questions():
        if question.kind == "file":
            said[question.id] = "\n".join(files.get(question.id, []))
        elif question.kind != "declaration":
            said[question.id] = in_text(definition, question, values.get(question.id))
    return said


def differences(application: Application, before: Said, after: Said) -> list[dict[str, Any]]:
    """The questions whose answer differs, each with the words taken away and added."""
    return [
        {
            "section_id": section.id,
            "section": section.title,
            "question": question.label,
            "pieces": difference(before.get(question.id, ""), after.get(question.id, "")),
        }
        for section in application.version.definition.form.sections
        for question in section.questions
        if before.get(question.id, "") != after.get(question.id, "")
    ]
