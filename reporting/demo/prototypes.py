"""What one application of the sample data consists of, row by row, and which of its values a copy must have anew."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models

from accounts.models import Organisation, Person, RoleAssignment
from applications.models import Answer, Application, Company, Document, EligibilityOutcome, SubmittedPaper
from assessments.models import Assessment, Conflict, Decision, Moderation, ReviewPaper, Score
from audit.models import Event
from payments.models import (
    Award,
    AwardCheck,
    AwardPaper,
    BankAccount,
    Claim,
    ClaimLine,
    ClaimQuery,
    Evidence,
    LedgerEntry,
    Milestone,
    OutcomeReport,
    Payment,
    SubsidyNotice,
)
from reporting.demo import bulk, chains
from reporting.demo.chains import EventPlan, Fill
from reporting.demo.slots import MARK, Slots, template
from workflow.models import Case, StepTaken

Model = type[models.Model]
Key = tuple[str, int]
"""A row by its model's label and its id."""
PAPERS = {SubmittedPaper: "document", ReviewPaper: "document", AwardPaper: "body"}
"""Frozen papers, and the column whose SHA-256 they hold."""
OF_APPLICATION: tuple[tuple[Model, str], ...] = (
    (SubmittedPaper, "application"),
    (ReviewPaper, "assessment__application"),
    (AwardPaper, "award__application"),
    (Application, "pk"),
    (EligibilityOutcome, "application"),
    (Answer, "application"),
    (Document, "application"),
    (Conflict, "application"),
    (Assessment, "application"),
    (Score, "assessment__application"),
    (Moderation, "application"),
    (Decision, "application"),
    (Award, "application"),
    (AwardCheck, "award__application"),
    (SubsidyNotice, "award__application"),
    (Milestone, "award__application"),
    (Claim, "award__application"),
    (ClaimLine, "claim__award__application"),
    (Evidence, "claim__award__application"),
    (ClaimQuery, "claim__award__application"),
    (Payment, "award__application"),
    (LedgerEntry, "award__application"),
    (OutcomeReport, "award__application"),
)
MODELS: tuple[Model, ...] = (
    Person,
    Organisation,
    RoleAssignment,
    Company,
    BankAccount,
    Case,
    *(model for model, _ in OF_APPLICATION),
    StepTaken,
)


@dataclass
class PaperPlan:
    """A frozen paper: its text, and the slot in which its SHA-256 is kept for the rows that hold or quote it."""

    text: Fill
    sha: int


@dataclass
class Prototype:
    """Everything that hangs on one application: rows, events, and the words that name it."""

    application: Application
    rows: dict[Model, Fill]
    """By model, the lines of all its rows."""
    counts: dict[Model, int]
    """By model, how many rows there are; their ids are the slots in this order, from the second on."""
    papers: list[PaperPlan]
    paid: list[tuple[int, int]]
    """The original's payment run and the amount of each payment that is in one."""
    events: list[EventPlan]
    award: Award | None
    names: dict[str, str]
    """Words that differ from copy to copy, each with its kind: reference, organisation, company_number, round, email, end_to_end, hash, by.
    """
    slots: Slots
    """Every id and word that differs. An id is a Key; a word stands for itself."""


def read(application: Application, *, shared: Iterable[Key]) -> Prototype:
    """Collect an application of the sample with its company, its people and all that came of it.

    `shared`: rows that are copied for many applications together (rounds, budgets, assessors, payment runs); their ids differ too.
    """
    company = application.company
    scope = f"organisation:{company.organisation_id}"
    people = list(Person.objects.get_queryset().filter(role_assignments__scope=scope).distinct().order_by("pk"))
    streams = [f"case:{application.reference}", scope]
    found = list(_found(application, company, people, scope, streams))
    names = _names(application, company, people)
    slots = Slots()
    for what in (chains.PREVIOUS, *((model._meta.label_lower, row[0]) for model, row in found), *shared, *names):
        slots.place(what)
    exact = {scope: (Organisation._meta.label_lower, company.organisation_id)}
    events = Event.objects.filter(stream__in=streams).prefetch_related("personal_values").order_by("pk")
    marked: dict[Model, list[bulk.Row]] = {}
    for model, row in found:
        marked.setdefault(model, []).append(_marked(model, row, names, exact, slots))
    return Prototype(
        application=application,
        rows={model: template("".join(map(bulk.line, rows))) for model, rows in marked.items()},
        counts={model: len(rows) for model, rows in marked.items()},
        papers=list(_papers(marked, slots)),
        paid=[(row[PAID["run"]], row[PAID["amount_pence"]]) for model, row in found if model is Payment and row[PAID["run"]]],
        events=[chains.plan(event, slots, exact) for event in events],
        award=Award.objects.filter(application=application).first(),
        names=names,
        slots=slots,
    )


def _found(application: Application, company: Company, people: list[Person], scope: str, streams: list[str]) -> Iterator[tuple[Model, Any]]:
    """Every row with its model; the id is the first column of all of them."""
    for model, path in OF_APPLICATION[:3]:
        yield from _rows(model, model._base_manager.filter(**{path: application.pk}))
    yield from _rows(Person, Person.objects.get_queryset().filter(pk__in=[person.pk for person in people]))
    yield from _rows(Organisation, Organisation.objects.filter(pk=company.organisation_id))
    yield from _rows(RoleAssignment, RoleAssignment.objects.filter(scope=scope))
    yield from _rows(Company, Company.objects.filter(pk=company.pk))
    yield from _rows(BankAccount, BankAccount.objects.filter(company=company))
    yield from _rows(Case, Case.objects.filter(pk=application.case_id))
    for model, path in OF_APPLICATION[3:]:
        yield from _rows(model, model._base_manager.filter(**{path: application.pk}))
    yield from _rows(StepTaken, StepTaken.objects.filter(stream__in=streams))


def _rows(model: Model, chosen: models.QuerySet[Any]) -> Iterator[tuple[Model, bulk.Row]]:
    for row in bulk.read(model, list(chosen.values_list("pk", flat=True))):
        yield model, row


def _names(application: Application, company: Company, people: list[Person]) -> dict[str, str]:
    names = {application.reference: "reference", company.organisation.name: "organisation", company.company_number: "company_number"}
    names |= {application.round.reference: "round"} | {person.email: "email" for person in people}
    for person in people:
        names |= {f'"by":{person.pk}{end}': "by" for end in ("}", ",")}
    sent = Payment.objects.filter(award__application=application).exclude(end_to_end="").values_list("end_to_end", flat=True)
    names |= dict.fromkeys(sent, "end_to_end")
    for model, path in OF_APPLICATION[:3]:
        names |= dict.fromkeys(model._base_manager.filter(**{path: application.pk}).values_list("sha256", flat=True), "hash")
    return names


def _places(model: Model) -> dict[str, int]:
    return {column.name: place for place, column in enumerate(model._meta.concrete_fields)}


PAID = _places(Payment)


def _marked(model: Model, values: bulk.Row, names: dict[str, str], exact: dict[str, Key], slots: Slots) -> bulk.Row:
    """The row with a mark wherever copies differ."""
    by_name, row = _places(model), list(values)
    keys: dict[int, Key] = {0: (model._meta.label_lower, values[0])}
    for place, column in enumerate(model._meta.concrete_fields):
        value = values[place]
        if isinstance(column, models.ForeignKey) and value is not None:
            keys[place] = (column.related_model._meta.label_lower, value)
        elif isinstance(value, str) and value in exact:
            row[place] = f"organisation:{slots.mark(exact[value])}"
        elif isinstance(value, str) and model is not EligibilityOutcome:
            row[place] = slots.marked(value, names)
    if model is StepTaken:
        keys[by_name["record_id"]] = (values[by_name["record_type"]], values[by_name["record_id"]])
    if model is LedgerEntry and values[by_name["source"]] == "offer":
        keys[by_name["external_ref"]] = (Award._meta.label_lower, int(values[by_name["external_ref"]]))
    return [slots.mark(keys[place]) if keys.get(place) in slots.of else value for place, value in enumerate(row)]


def _papers(marked: dict[Model, list[bulk.Row]], slots: Slots) -> Iterator[PaperPlan]:
    for model, text in PAPERS.items():
        by_name = _places(model)
        for row in marked.get(model, []):
            [sha] = MARK.findall(row[by_name["sha256"]])
            yield PaperPlan(template(row[by_name[text]]), int(sha))
