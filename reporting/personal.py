"""What we hold about one person, for that person to take away (UK GDPR articles 15 and 20)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.db import models

from accounts.models import Invitation, Person, RoleAssignment, RoleGrant
from applications.actions import equality
from applications.models import (
    Answer,
    AnswerRevision,
    Appeal,
    Application,
    Assignment,
    AssistedAnswer,
    ChangeRequest,
    Company,
    Document,
    Message,
    PreviousAward,
    RelatedEnterprise,
)
from assessments.models import Advice, AgendaItem, Assessment, AssessorProfile, Conflict, InterestDeclaration, Score
from grants.models import Programme
from notifications.models import MailChoice, Notice
from payments.models import BankAccount, Claim, ClaimQuery, Evidence, OutcomeReport, SubsidyNotice
from records.models import Erasure, Restriction

FORMAT = "pumphouse/personal-data/1"
ROWS_AT_MOST = 5_000
"""Of one kind; the export says where there are more."""


@dataclass(frozen=True)
class Held:
    """Rows that are somebody's: whose they are (a foreign key), and the columns that they wrote or that speak of them."""

    model: type[models.Model]
    whose: str
    columns: tuple[str, ...]

    def of(self, person: Person) -> list[dict[str, Any]]:
        rows = self.model._base_manager.filter(**{self.whose: person}).order_by("pk")
        return [_plain(row) for row in rows.values(*self.columns)[:ROWS_AT_MOST]]


APPLICATION, AWARD = "application__reference", "award__reference"
HELD: dict[str, Held] = {
    "roles": Held(RoleAssignment, "person", ("role", "scope", "starts_at", "ends_at")),
    "roles_proposed": Held(RoleGrant, "person", ("role", "scope", "reason", "proposed_at")),
    "addresses": Held(EmailAddress, "user", ("email", "verified", "primary")),
    "invitations": Held(Invitation, "accepted_by", ("email", "role", "scope", "sent_at", "accepted_at")),
    "sessions": Held(UserSession, "user", ("ip", "user_agent", "created_at", "last_seen_at")),
    "how_you_get_mail": Held(MailChoice, "person", ("how", "chosen_at")),
    "messages": Held(Notice, "person", ("kind", "subject", "body", "created_at", "read_at", "sent_at")),
    "companies": Held(Company, "created_by", ("organisation__name", "company_number", "address_line_1", "address_line_2", "address_town",
                                              "postcode", "vat_number", "created_at")),
    "assistance_declared": Held(PreviousAward, "declared_by", ("body", "nature", "amount_pence", "given_on", "declared_at")),
    "enterprises_named": Held(RelatedEnterprise, "added_by", ("name", "company_number", "relation", "share_percent", "added_at")),
    "answers": Held(Answer, "saved_by", (APPLICATION, "question", "value", "saved_at")),
    "earlier_answers": Held(AnswerRevision, "saved_by", ("answer__application__reference", "answer__question", "value", "saved_at")),
    "answers_typed_for_others": Held(AssistedAnswer, "typed_by", (APPLICATION, "question", "value", "typed_at")),
    "assignments": Held(Assignment, "assigned_by", (APPLICATION, "section", "question", "note", "assigned_at")),
    "questions_and_answers": Held(Message, "sent_by", (APPLICATION, "body", "sent_at")),
    "documents": Held(Document, "uploaded_by", (APPLICATION, "name", "sha256", "uploaded_at")),
    "requests_for_review": Held(Application, "review_asked_by", ("reference", "review_reason", "review_asked_at")),
    "replies_to_changes_asked": Held(ChangeRequest, "closed_by", (APPLICATION, "reply", "closed_at")),
    "appeals": Held(Appeal, "lodged_by", (APPLICATION, "ground", "statement", "lodged_at")),
    "replies_before_interviews": Held(AgendaItem, "responded_by", (APPLICATION, "response", "responded_at")),
    "subsidy_papers": Held(SubsidyNotice, "made_by", (AWARD, "kind", "other_pence", "made_at")),
    "bank_accounts": Held(BankAccount, "entered_by", ("name", "last4", "entered_at")),
    "claims": Held(Claim, "created_by", (AWARD, "number", "narrative", "created_at")),
    "answers_about_claims": Held(ClaimQuery, "answered_by", ("claim__award__reference", "question", "answer", "answered_at")),
    "evidence": Held(Evidence, "uploaded_by", ("claim__award__reference", "name", "sha256", "uploaded_at")),
    "outcome_reports": Held(OutcomeReport, "submitted_by", (AWARD, "name", "values", "narrative", "submitted_at")),
    "assessor": Held(AssessorProfile, "person", ("topics", "expertise", "employer", "employer_number", "interests", "languages", "postcode",
                                                 "max_reviews", "is_available", "away_from_on", "away_until_on", "agreed_at")),
    "interests_declared": Held(InterestDeclaration, "person", ("statement", "interests", "declared_at", "expires_at")),
    "conflicts_of_interest": Held(Conflict, "person", (APPLICATION, "ground", "status", "detail", "recorded_at")),
    "advice_given": Held(Advice, "person", ("company__organisation__name", "what", "given_on")),
    "reviews": Held(Assessment, "assessor", (APPLICATION, "state", "overall_comment", "saved_at")),
    "scores": Held(Score, "saved_by", ("assessment__application__reference", "criterion", "marks", "comment", "saved_at")),
    "restrictions": Held(Restriction, "person", ("reason", "placed_at", "lifted_at", "lifted_because")),
    "erasures_asked": Held(Erasure, "asked_by", (APPLICATION, "reason", "asked_at")),
}  # fmt: skip
"""What people gave us and wrote, by its name in the copy. A test looks for words of theirs that are not here."""


def export(person: Person, *, at: datetime) -> dict[str, Any]:
    """Account, roles and messages in full, what the person gave, wrote and attached, and every record that names them, by kind and number.

    What others wrote in the same record is theirs and is left out.
    """
    return {
        "format": FORMAT,
        "exported_at": at.isoformat(),
        "person": {"id": person.pk, "name": person.name, "email": person.email, "created_at": person.created_at.isoformat()},
        **{name: held.of(person) for name, held in HELD.items()},
        "equality_answers": _equality(person),
        "named_in": named_in(person),
    }


def _equality(person: Person) -> dict[str, dict[str, str]]:
    """What the person said of themselves, by programme: found by the person alone."""
    said = {slug: equality.own(person=person, programme=slug) for slug in Programme.objects.values_list("slug", flat=True)}
    return {slug: answers for slug, answers in said.items() if answers}


def named_in(person: Person) -> list[dict[str, Any]]:
    """Every record that names the person, by kind, the part they play in it, and the numbers of the first of them."""
    found = []
    for relation in Person._meta.get_fields(include_hidden=True):
        field = getattr(relation, "field", None)
        if not isinstance(relation, models.ForeignObjectRel) or not isinstance(field, models.ForeignKey):
            continue
        rows = relation.related_model._base_manager.filter(**{field.attname: person.pk}).order_by("pk")
        ids = list(rows.values_list("pk", flat=True)[:ROWS_AT_MOST])
        if ids:
            part = str(field.verbose_name)
            found.append({"kind": str(relation.related_model._meta.verbose_name), "part": part, "count": rows.count(), "ids": ids})
    return sorted(found, key=lambda row: (row["kind"], row["part"]))


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name.replace("__", "_"): value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
