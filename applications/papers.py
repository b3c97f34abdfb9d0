"""The frozen paper: answers, documents and company facts as they were sent in, in canonical JSON (RFC 8785) with its SHA-256."""

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any

import rfc8785

from accounts.models import Person
from applications.reading import Reading

if TYPE_CHECKING:
    from applications.models import Application, SubmittedPaper

FORMAT = "pumphouse/application-paper/1"


def freeze(application: "Application", *, by: Person, at: datetime) -> "SubmittedPaper":
    """Store what is being sent in, for ever as it is now, and hash it."""
    body = rfc8785.dumps(contents(application, by=by, at=at))
    return application.papers.create(
        number=application.papers.count() + 1,
        document=body.decode(),
        sha256=hashlib.sha256(body).hexdigest(),
        frozen_at=at,
        frozen_by=by,
    )


def contents(application: "Application", *, by: Person, at: datetime) -> dict[str, Any]:
    """What a paper says. Money in pence, dates ISO 8601, times UTC; people by their number."""
    return {
        "format": FORMAT,
        "reference": application.reference,
        "programme": application.round.programme.slug,
        "round": application.round.reference,
        "version": {"number": application.version.number, "sha256": application.version.sha256},
        "company": company_facts(application.company),
        **({"is_expression": True} if application.is_expression else {}),
        "title": application.title,
        "public_summary": application.public_summary,
        "grant_requested_pence": application.grant_requested_pence,
        "project_cost_pence": application.project_cost_pence,
        "starts_on": application.starts_on.isoformat() if application.starts_on else None,
        "ends_on": application.ends_on.isoformat() if application.ends_on else None,
        "declared": {"by": application.declared_by_id, "at": _instant(application.declared_at)},
        "submitted": {"by": by.pk, "at": _instant(at)},
        **_with_calculated(application, answered(application), at=at),
    }


def _with_calculated(application: "Application", said: dict[str, Any], *, at: datetime) -> dict[str, Any]:
    """What was worked out, among the answers from which it was: revision 0, for nobody wrote it."""
    if all(question.kind != "calculated" for question in application.version.definition.form.questions()):
        return said
    reading = Reading(application, at=at)
    rows = [
        {"question": question.id, "value": reading.values[question.id], "is_confidential": False, "revision": 0}
        for section in reading.asked
        for question in section.questions
        if question.kind == "calculated"
    ]
    return said | {"answers": sorted([*said["answers"], *rows], key=lambda row: row["question"])}


def answered(application: "Application") -> dict[str, Any]:
    """The answers and the documents' hashes, in a fixed order."""
    answers = application.answers.order_by("question").values("question", "value", "is_confidential", "revision")
    documents = (
        application.documents.kept().of_the_form().order_by("question", "pk").values("question", "name", "content_type", "size", "sha256")
    )
    return {"answers": list(answers), "documents": list(documents)}


def answers_digest(application: "Application") -> str:
    """SHA-256 of what a signature covers: the answers and documents as they stand, the declaration itself left out."""
    signed = answered(application)
    declaration = application.version.definition.form.means.declaration
    signed["answers"] = [answer for answer in signed["answers"] if answer["question"] != declaration]
    return hashlib.sha256(rfc8785.dumps(signed)).hexdigest()


def company_facts(company: Any) -> dict[str, Any]:
    """The company as it was when it applied."""
    return {
        "name": company.organisation.name,
        "company_number": company.company_number,
        "is_number_synthetic": company.is_number_synthetic,
        "legal_form": company.legal_form,
        "status": company.status,
        "incorporated_on": company.incorporated_on.isoformat() if company.incorporated_on else None,
        "address": [line for line in (company.address_line_1, company.address_line_2, company.address_town) if line],
        "postcode": company.postcode,
        "region": company.region,
        "region_basis": company.region_basis,
        "size": company.size,
        "employees": company.employees,
        "turnover_pence": company.turnover_pence,
        "balance_sheet_pence": company.balance_sheet_pence,
        "year_before": {
            "employees": company.earlier_employees,
            "turnover_pence": company.earlier_turnover_pence,
            "balance_sheet_pence": company.earlier_balance_sheet_pence,
            "size": company.earlier_size,
        },
        "sic_codes": company.sic_codes,
        "enterprise_group": company.enterprise_group,
        "group_parent_number": company.group_parent_number,
        "is_group_member": company.is_group_member,
    }


def _instant(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
