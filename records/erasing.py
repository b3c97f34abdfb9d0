"""What goes when records are erased, and what stays.

Rows that hold nothing but words or files are deleted; of rows that also hold amounts, states or dates the words are struck out. The ledger,
the steps taken, decisions, bank statements and the chain of the trail stay, and name people by number only.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case as When_
from django.db.models import F, Model, Q, QuerySet, TextField, Value, When

from accounts.models import Person, RoleAssignment
from accounts.roles import COMPANY_ROLES
from applications import models as apply
from applications.models import Application
from assessments import models as assess
from audit import personal
from audit.models import PersonalValue
from notifications import outbox
from notifications.models import Notice
from payments import models as pay

STRUCK = "Erased"


@dataclass(frozen=True)
class Rows:
    """Rows that go: their name for people, and the way from one of them to its application."""

    name: str
    model: type[Model]
    way: str

    def of(self, application: Application) -> QuerySet[Any]:
        return self.model._base_manager.filter(**{self.way: application.pk})


@dataclass(frozen=True)
class Words(Rows):
    """Rows that stay, and those of their columns that are struck out."""

    columns: tuple[str, ...]


AWARD = "award__application"
FILES = (Rows("files", apply.Document, "application"), Rows("evidence files", pay.Evidence, f"claim__{AWARD}"))
ROWS = (
    Rows("earlier answers", apply.AnswerRevision, "answer__application"),
    Rows("answers", apply.Answer, "application"),
    Rows("typed answers", apply.AssistedAnswer, "application"),
    Rows("assignments", apply.Assignment, "application"),
    Rows("pieces of uploads", apply.Piece, "uploading__application"),
    Rows("uploads", apply.Uploading, "application"),
    Rows("messages", apply.Message, "application"),
    Rows("requests for changes", apply.ChangeRequest, "application"),
    Rows("receipts", apply.Receipt, "paper__application"),
    Rows("values that rules looked at", apply.EligibilityOutcome, "application"),
    Rows("papers sent in", apply.SubmittedPaper, "application"),
    Rows("reviews as submitted", assess.ReviewPaper, "assessment__application"),
    Rows("letters of feedback", assess.FeedbackLetter, "decision__application"),
    Rows("questions on claims", pay.ClaimQuery, f"claim__{AWARD}"),
    *FILES,
    Rows("letters", pay.PaperFile, f"paper__{AWARD}"),
    Rows("letters of subsidy", pay.PaperFile, f"notice__{AWARD}"),
    Rows("papers of the award", pay.AwardPaper, AWARD),
    Rows("subsidy papers", pay.SubsidyNotice, AWARD),
    Rows("remittance advices", pay.PaymentAdvice, f"payment__{AWARD}"),
)
WORDS = (
    Words(
        "application",
        Application,
        "pk",
        ("not_invited_because", "refused_because", "extension_reason", "review_reason", "review_answer", "ruling_out_because"),
    ),
    Words("appeals", apply.Appeal, "application", ("statement", "answer")),
    Words("scores", assess.Score, "assessment__application", ("comment",)),
    Words("reviews", assess.Assessment, "application", ("return_reason", "end_reason", "overall_comment", "why")),
    Words("moderation", assess.Moderation, "application", ("reason", "chair_reason", "sentence")),
    Words("decisions", assess.Decision, "application", ("reason", "end_reason")),
    Words("fewer reviews", assess.FewerReviews, "application", ("reason",)),
    Words("plan changes", assess.PlanChange, "application", ("reason",)),
    Words("agenda items", assess.AgendaItem, "application", ("reason", "notes", "response")),
    Words("absences", assess.Absence, "item__application", ("reason",)),
    Words("conflicts of interest", assess.Conflict, "application", ("detail", "judgement")),
    Words("awards", pay.Award, "application", ("conditions", "conditions_note")),
    Words("checks", pay.AwardCheck, AWARD, ("note",)),
    Words("milestones", pay.Milestone, AWARD, ("title", "evidence_asked")),
    Words("claims", pay.Claim, AWARD, ("narrative", "return_reason")),
    Words("claim lines", pay.ClaimLine, f"claim__{AWARD}", ("supplier", "invoice_number", "description", "reason")),
    Words("outcome reports", pay.OutcomeReport, AWARD, ("narrative", "return_reason")),
    Words("recoveries", pay.Recovery, AWARD, ("reason", "waiver_reason")),
    Words("payments", pay.Payment, AWARD, ("hold_reason", "failure")),
)
UNPUBLISHED = Words("title and summary", Application, "pk", ("title", "public_summary"))
"""Of what was not funded. Title and summary of an award are published, as the form says, and stay."""


def preview(application: Application) -> dict[str, int]:
    """How much of what would go, by name; what there is none of is left out."""
    counts = {part.name: part.of(application).count() for part in ROWS}
    counts |= {f"words in {part.name}": _worded(part, application).count() for part in _words(application)}
    counts["messages to people"] = Notice.objects.filter(stream=application.stream).count()
    counts["personal values in the trail"] = PersonalValue.objects.filter(event__stream=application.stream).count()
    return {name: count for name, count in counts.items() if count}


def erase(application: Application, *, why: str, by: Person, at: datetime) -> dict[str, int]:
    """Let it go, in the caller's transaction, its case locked; returns how much of what went. Files follow through the outbox."""
    went = preview(application)
    for part in FILES:
        for name in part.of(application).values_list("file", flat=True):
            outbox.put("file.erase", {"name": name}, key=f"file.erase:{name}", at=at)
    for part in ROWS:
        part.of(application).delete()
    for words in _words(application):
        _worded(words, application).update(**{column: _struck(column) for column in words.columns})
    assess.Moderation.objects.filter(application=application).update(earlier=[])
    Notice.objects.filter(stream=application.stream).delete()
    personal.erase(stream=application.stream, reason=why, by=by.pk, at=at)
    Application.objects.filter(pk=application.pk).update(erased_at=at, erased_by=by)
    _shared_papers(application)
    _company(application)
    return went


def messages_about(person: Person) -> QuerySet[Notice]:
    """What others were told of a person: of what they asked of us, and of their part in a team, by name."""
    teams = RoleAssignment.objects.filter(person=person, role__in=COMPANY_ROLES).values("scope")
    named = Q(body__contains=person.name) | Q(subject__contains=person.name) | Q(body__contains=person.email)
    return Notice.objects.filter(Q(stream=f"person:{person.pk}") | (Q(stream__in=teams) & named))


def _words(application: Application) -> list[Words]:
    return [*WORDS] if hasattr(application, "award") else [*WORDS, UNPUBLISHED]


def _worded(part: Words, application: Application) -> QuerySet[Any]:
    """Those rows that say something still."""
    said = Q()
    for column in part.columns:
        said |= ~Q(**{f"{column}__in": ["", STRUCK]})
    return part.of(application).filter(said)


def _struck(column: str) -> When_:
    """Empty stays empty, so that nobody thinks that there was something."""
    return When_(When(**{column: ""}, then=Value("")), default=Value(STRUCK), output_field=TextField())


def _shared_papers(application: Application) -> None:
    """Minutes and bank files speak of several applications: they go with the last of them."""
    meetings = assess.Meeting.objects.filter(items__application=application).exclude(items__application__erased_at=None)
    for meeting in meetings.distinct():
        assess.Meeting.objects.filter(pk=meeting.pk).update(minutes=STRUCK, minutes_document=STRUCK)
    runs = pay.PaymentRun.objects.filter(payments__award__application=application)
    for run in runs.exclude(payments__award__application__erased_at=None).distinct():
        pay.PaymentRun.objects.filter(pk=run.pk).update(file="")


def _company(application: Application) -> None:
    """With a company's last application go its bank details and its tax reference; its name and number stay, as who received the money."""
    if Application.objects.filter(company=application.company_id, erased_at=None).exists():
        return
    accounts = pay.BankAccount.objects.filter(company=application.company_id)
    accounts.update(name=STRUCK, sort_code="", account_number="", last4="", blind="", called_on="", spoke_to="")
    apply.Company.objects.filter(pk=application.company_id).update(utr="", revision=F("revision") + 1)
