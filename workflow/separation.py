"""Separation of duties: one table of duty pairs, judged between people on a record's history.

A person who carried out a duty (or had it carried out on their behalf) may not carry out its opposite on the same threads.
"""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from django.db.models import Min, Q

from accounts.models import Person
from accounts.refusals import Denied
from workflow.models import StepTaken

if TYPE_CHECKING:
    from workflow.lifecycle import Lifecycle

Pairs = frozenset[frozenset[str]]


def _pairs(*rows: tuple[str, str]) -> Pairs:
    return frozenset(frozenset(row) for row in rows)


ALWAYS = _pairs(
    ("publish_prepare", "publish"),
    ("refuse_eligibility", "review_eligibility"),
    ("ask_ruling_out", "rule_out"),
    ("propose_exclusion", "confirm_exclusion"),
    ("score", "propose_exclusion"),
    ("score", "confirm_exclusion"),
    ("propose", "decide"),
    ("propose", "agree_amount"),
    ("agree_amount", "decide"),
    ("score", "propose"),
    ("score", "agree_amount"),
    ("score", "decide"),
    ("score", "release"),
    ("decide", "release"),
    ("judge_appeal", "refuse_eligibility"),
    ("judge_appeal", "review_eligibility"),
    ("judge_appeal", "score"),
    ("judge_appeal", "propose_exclusion"),
    ("judge_appeal", "confirm_exclusion"),
    ("judge_appeal", "propose"),
    ("judge_appeal", "decide"),
    ("judge_appeal", "agree_amount"),
    ("bank_enter", "bank_check"),
    ("bank_enter", "bank_verify"),
    ("bank_enter", "release"),
    ("bank_check", "bank_verify"),
    ("bank_check", "release"),
    ("bank_verify", "release"),
    ("check_claim", "approve_claim"),
    ("check_claim", "release"),
    ("approve_claim", "release"),
    ("build_run", "release"),
    ("approve_run", "release"),
    ("record_repayment", "confirm_repayment"),
    ("ask_waiver", "waive"),
    ("decide", "waive"),
)
STANDARD_TOO = _pairs(
    ("decide", "check_claim"),
    ("decide", "approve_claim"),
    ("propose", "release"),
    ("build_run", "approve_run"),
)
TABLES: dict[str, Pairs] = {"small_team": ALWAYS, "standard": ALWAYS | STANDARD_TOO}

DUTY_NAMES: dict[str, str] = {
    "publish_prepare": "prepared this for publication",
    "publish": "published this",
    "refuse_eligibility": "found this ineligible",
    "review_eligibility": "reviewed its eligibility",
    "ask_ruling_out": "asked to rule this application out",
    "rule_out": "ruled this application out",
    "score": "scored this application",
    "propose_exclusion": "proposed to exclude a score of this application",
    "confirm_exclusion": "judged whether a score of this application is excluded",
    "propose": "proposed this decision",
    "agree_amount": "agreed to the amount of this grant",
    "decide": "decided on this application",
    "judge_appeal": "judged an appeal on this application",
    "bank_enter": "entered these bank details",
    "bank_check": "checked these bank details",
    "bank_verify": "verified these bank details",
    "check_claim": "checked this claim",
    "approve_claim": "approved this claim",
    "build_run": "built this payment run",
    "approve_run": "approved this payment run",
    "release": "released this payment",
    "record_repayment": "recorded a repayment on this award",
    "confirm_repayment": "confirmed a repayment on this award",
    "ask_waiver": "proposed to waive a repayment on this award",
    "waive": "waived a repayment on this award",
}


def opposites(duty: str, control: str) -> set[str]:
    """The duties that whoever carries out `duty` must not have carried out."""
    return {other for pair in TABLES[control] if duty in pair for other in pair - {duty}}


def carried_out(record: "Lifecycle", people: Collection[int], among: Collection[str]) -> list[str]:
    """Which of these duties any of these people carried out on the record's threads, or had carried out for them, the earliest first."""
    done = StepTaken.objects.filter(record.separation_threads(), duty__in=among)
    theirs = done.filter(Q(by_id__in=people) | Q(on_behalf_of_id__in=people))
    return list(theirs.values("duty").annotate(first=Min("pk")).order_by("first").values_list("duty", flat=True))


def check(
    record: "Lifecycle", duty: str, by: Person, on_behalf_of: Person | None = None, *, done: Callable[..., list[str]] = carried_out
) -> None:
    """Raise Denied when this person, or the one they act for, already carried out an opposite duty. `done` says what they carried out."""
    against = opposites(duty, record.control()) if duty else set()
    if not against:
        return
    people = tuple(person.pk for person in (by, on_behalf_of) if person is not None)
    first = next((one for one in done(record, people, against) if one in against), None)
    if first:
        raise Denied(f"You {DUTY_NAMES[first]}, so somebody else must take this step.", code="separation_of_duties", duty=first)
