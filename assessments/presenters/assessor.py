"""The assessor's pages: the queue and the review."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.models import Person
from assessments import ranking
from assessments.answers import Answer, Paper
from assessments.forms.reviews import ReviewForm
from assessments.models import Assessment, Score
from design.words import deadline_in_words, in_words

BAND_COLUMNS = [{"label": "Marks"}, "What they mean"]
STATUS = {
    "invited": ("To accept or decline", "waiting"),
    "accepted": ("To review", "active"),
    "returned": ("To correct", "waiting"),
    "submitted": ("Completed", ""),
}


def tasks(assessments: Iterable[Assessment], *, at: datetime) -> list[dict[str, Any]]:
    """One line of the queue per review: what to do, by when."""
    return [_task(assessment, at) for assessment in assessments]


def _task(assessment: Assessment, at: datetime) -> dict[str, Any]:
    status, tone = STATUS.get(assessment.state, (assessment.state_now.label, ""))
    is_done = assessment.state not in Assessment.WAITING
    is_late = not is_done and assessment.due_at < at
    page = "review" if assessment.state in ("accepted", "returned", "submitted") else "declare"
    is_open = assessment.state in ("invited", "accepted", "returned", "submitted")
    return {
        "title": f"{assessment.application.reference}: {assessment.application.title}"
        + (" (everybody scores it first)" if assessment.is_calibration else ""),
        "href": reverse(f"assessments:{page}", args=[assessment.pk]) if is_open else "",
        "hint": f"{assessment.application.company.name}. {_when(assessment)}.",
        "status": "Overdue" if is_late else status,
        "tone": "waiting" if is_late else tone,
    }


def _when(assessment: Assessment) -> str:
    """By when something is to be done, or when it was."""
    if assessment.state in Assessment.WAITING:
        return f"Due {deadline_in_words(assessment.due_at)}"
    sent, ended = assessment.submitted_at, assessment.ended_at
    said = [f"Submitted {in_words(sent)}"] if sent else []
    return ", ".join([*said, f"ended {in_words(ended)}" if said else f"Ended {in_words(ended)}"] if ended else said)


@dataclass(frozen=True)
class CriterionRow:
    """One criterion beside the answers it reads."""

    criterion: Any
    answers: list[Answer]
    marks: Any
    comment: Any
    share: str
    other: str
    saved: Score | None

    @property
    def bands(self) -> list[list[str]]:
        return [
            [_span(band.low, band.high), f"{band.label}. {band.guidance}"] for band in sorted(self.criterion.bands, key=lambda b: -b.low)
        ]


def criteria(assessment: Assessment, form: ReviewForm, paper: Paper, *, other: Assessment | None = None) -> list[CriterionRow]:
    """The review, criterion by criterion. `other` is what another window saved meanwhile, shown beside what was typed."""
    saved = assessment.given()
    theirs = other.given() if other else {}
    return [
        CriterionRow(
            criterion=criterion,
            answers=[paper.answer(read) for read in criterion.reads],
            marks=form[f"marks_{criterion.id}"],
            comment=form[f"comment_{criterion.id}"],
            share=f"{criterion.weight}% of the total",
            other=_differs(theirs.get(criterion.id), form, criterion.id),
            saved=saved.get(criterion.id),
        )
        for criterion in assessment.scheme.criteria
    ]


def rest_of_form(assessment: Assessment, paper: Paper) -> list[Answer]:
    """The answers that no criterion reads, for context."""
    read = {question for criterion in assessment.scheme.criteria for question in criterion.reads}
    return [answer for q in paper.definition.form.questions() if q.id not in read and not (answer := paper.answer(q.id)).is_empty]


def total(assessment: Assessment) -> str:
    """The weighted total of the marks as they stand: of those given so far, out of what they could come to."""
    given = {name: score.marks for name, score in assessment.given().items() if score.marks is not None}
    marked = [criterion for criterion in assessment.scheme.criteria if criterion.id in given]
    if not marked:
        return "No marks yet"
    whole = sum(criterion.weight for criterion in assessment.scheme.criteria)
    weight = sum(criterion.weight for criterion in marked)
    got = ranking.weighted_total(given, marked) * weight / whole
    of = ranking.HUNDRED * weight / whole
    return f"{ranking.one_decimal(got)} of {ranking.one_decimal(of)}" + (
        "" if len(marked) == len(assessment.scheme.criteria) else " so far"
    )


def has_open(assessments: Iterable[Assessment]) -> bool:
    """Whether any of these is being written, so that a sheet of them makes sense."""
    return any(one.state in ("accepted", "returned") for one in assessments)


def consolidated(own: Assessment, others: Sequence[Assessment]) -> tuple[list[Any], list[list[Any]]]:
    """All submitted reviews side by side: one's own, and the others' under letters."""
    every = [own, *sorted(others, key=lambda one: hashlib.sha256(f"{one.pk}:{one.overall_comment}".encode()).hexdigest())]
    names = ["Yours", *(f"Assessor {chr(ord('A') + number)}" for number in range(len(others)))]
    given = [one.given() for one in every]
    rows: list[list[Any]] = [
        [{"text": c.title, "hint": f"{c.weight}%"}, *(scores[c.id].marks if c.id in scores else "" for scores in given)]
        for c in own.scheme.criteria
    ]
    said = {True: "Yes", False: "No", None: ""}
    rows.append(["Total of 100", *(ranking.one_decimal(one.total) if one.total is not None else "" for one in every)])
    rows.append(["In scope", *(said[one.in_scope] for one in every)])
    rows.append(["Suitable for funding", *(said[one.suitable] for one in every)])
    return ["Criterion", *({"label": name, "numeric": True} for name in names)], rows


def remarks(others: Sequence[Assessment]) -> list[str]:
    """The others' overall comments, in an order that says nothing."""
    return sorted(one.overall_comment for one in others)


def _differs(score: Score | None, form: ReviewForm, criterion: str) -> str:
    """What the other window saved of a criterion; empty where it is what was typed here."""
    marks, comment = ("" if score is None or score.marks is None else str(score.marks)), score.comment if score else ""
    typed = [str(form[f"{field}_{criterion}"].value() or "").strip() for field in ("marks", "comment")]
    if score is None or typed == [marks, comment.strip()]:
        return ""
    return f"{f'{marks} marks' if marks else 'no marks'}, {f'and these reasons: {comment}' if comment else 'and no reasons'}"


def _span(low: int, high: int) -> str:
    return str(low) if low == high else f"{low} to {high}"


def team(assessment: Assessment) -> list[str]:
    """The people of the company, so that a conflict can be seen before anything opens."""
    scope = f"organisation:{assessment.application.company.organisation_id}"
    people = Person.objects.filter(role_assignments__scope=scope, role_assignments__ends_at=None, is_active=True)
    return [person.name for person in people.distinct().order_by("name", "pk")]


def facts(assessment: Assessment) -> list[tuple[str, str]]:
    """What may be known before the declaration: title, company, people, dates, the time it takes."""
    company = assessment.application.company
    return [
        ("Project", assessment.application.title),
        ("Company", f"{company.name} ({company.company_number})"),
        ("People", ", ".join(team(assessment))),
        ("Programme", assessment.application.round.programme.name),
        ("Review due", deadline_in_words(assessment.due_at)),
        ("Time it takes", f"About {assessment.scheme.minutes_expected} minutes"),
    ]


def closing(assessment: Assessment) -> list[tuple[str, str]]:
    """The closing answers of a submitted review."""
    said = {True: "Yes", False: "No", None: ""}
    return [
        ("In scope", said[assessment.in_scope]),
        ("Suitable for funding", said[assessment.suitable]),
        ("Confidence", assessment.get_confidence_display() or "Not said"),
        ("Overall comment", assessment.overall_comment),
    ]
