"""What one application of the sample data consists of, row by row, and which of its values a copy must have anew."""

from collections.abc import Iterator
from dataclasses import dataclass, field
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
from reporting.demo import bulk
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


@dataclass
class RowPlan:
    """One row: its values, and by column what becomes of them. Papers come first, since other rows quote their hashes."""

    model: Model
    key: Key
    values: bulk.Row
    ids: list[tuple[int, Key]] = field(default_factory=list)
    texts: list[tuple[int, list[str]]] = field(default_factory=list)
    id_texts: list[tuple[int, Key]] = field(default_factory=list)
    hashed: tuple[int, int] | None = None


@dataclass
class Prototype:
    """Everything that hangs on one application: rows, events, and the words that name it."""

    application: Application
    rows: list[RowPlan]
    events: list[Event]
    award: Award | None
    names: dict[str, str]
    """Words that differ from copy to copy, each with its kind: reference, organisation, company_number, email, end_to_end, hash, by."""
    exact: dict[str, Key]
    """Streams and scopes that stand alone in their column."""


def read(application: Application) -> Prototype:
    """Collect an application of the sample with its company, its people and all that came of it."""
    company = application.company
    scope = f"organisation:{company.organisation_id}"
    people = list(Person.objects.get_queryset().filter(role_assignments__scope=scope).distinct().order_by("pk"))
    streams = [f"case:{application.reference}", scope]
    found = list(_found(application, company, people, scope, streams))
    names = _names(application, company, people)
    prototype = Prototype(
        application=application,
        rows=[],
        events=list(Event.objects.filter(stream__in=streams).prefetch_related("personal_values").order_by("pk")),
        award=Award.objects.filter(application=application).first(),
        names=names,
        exact={scope: (Organisation._meta.label_lower, company.organisation_id)},
    )
    keys = {(model._meta.label_lower, row[0]) for model, row in found}
    prototype.rows = [_plan(model, row, keys, prototype) for model, row in found]
    return prototype


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
    names |= {person.email: "email" for person in people}
    for person in people:
        names |= {f'"by":{person.pk}{end}': "by" for end in ("}", ",")}
    sent = Payment.objects.filter(award__application=application).exclude(end_to_end="").values_list("end_to_end", flat=True)
    names |= dict.fromkeys(sent, "end_to_end")
    for model, path in OF_APPLICATION[:3]:
        names |= dict.fromkeys(model._base_manager.filter(**{path: application.pk}).values_list("sha256", flat=True), "hash")
    return names


def _plan(model: Model, values: bulk.Row, keys: set[Key], prototype: Prototype) -> RowPlan:
    plan = RowPlan(model, (model._meta.label_lower, values[0]), values)
    by_name = {field.name: place for place, field in enumerate(model._meta.concrete_fields)}
    for place, column in enumerate(model._meta.concrete_fields):
        value = values[place]
        if isinstance(column, models.ForeignKey) and value is not None:
            plan.ids.append((place, (column.related_model._meta.label_lower, value)))
        elif isinstance(value, str) and model is not EligibilityOutcome:
            words = [word for word in prototype.names if word in value]
            if words:
                plan.texts.append((place, words))
            elif value in prototype.exact:
                plan.id_texts.append((place, prototype.exact[value]))
    if model is StepTaken:
        plan.ids.append((by_name["record_id"], (values[by_name["record_type"]], values[by_name["record_id"]])))
    if model is LedgerEntry and values[by_name["source"]] == "offer":
        place = by_name["external_ref"]
        plan.id_texts.append((place, (Award._meta.label_lower, int(values[place]))))
    if model in PAPERS:
        plan.hashed = by_name[PAPERS[model]], by_name["sha256"]
    plan.ids = [(place, key) for place, key in plan.ids if key in keys or key[0] in SHARED]
    return plan


SHARED = (Person._meta.label_lower, "payments.paymentrun")
"""Rows that copies share by the dozen: assessors and payment runs."""
