"""What waits for a person among awards, claims and money, for the landing page."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from accounts.access import reach
from accounts.home import MOST, UNDER_WAY, Asked, HomeItem, contributes, counted, holds, one_by_one
from accounts.models import Person
from accounts.roles import Permission
from design.words import deadline_in_words, in_words, pounds, pounds_exact
from payments.models import Award, BankAccount, Claim, Milestone, OutcomeReport, Payment, PaymentRun, Recovery

Rows = Callable[[Person], QuerySet]
GOING = ("drafted", "checking", "cleared", "offered", "accepted", "live", "suspended")
"""States of an award whose work is not finished."""


@contributes
def for_companies(person: Person, at: datetime) -> Iterable[HomeItem | Asked]:
    """What the person's companies have to do for their awards, in the order in which an award asks for it; and awards under way."""
    if not reach(person, Permission.COMPANY_VIEW).organisations:
        return []
    awards = Award.objects.of_team(person)
    return [*_to_set_up(awards, at), *_to_claim(awards), *_to_report(awards), *_to_pay_back(person), *_under_way(awards)]


def _to_set_up(awards: QuerySet[Award], at: datetime) -> Iterator[Asked]:
    yield one_by_one(awards.filter(state="offered", offer_until__gt=at).order_by("offer_until", "pk"), _to_accept)
    asked = awards.filter(state__in=("drafted", "checking", "cleared"), subsidy_notices__kind="notification")
    yield one_by_one(asked.exclude(subsidy_notices__kind="confirmation").order_by("pk"), _to_confirm)
    accounts = BankAccount.objects.filter(company=OuterRef("company")).exclude(state="superseded")
    yield one_by_one(awards.filter(~Exists(accounts), state__in=("accepted", "live")).order_by("pk"), _to_enter_bank_details)


def _to_accept(award: Award) -> HomeItem:
    text = f"{pounds(award.amount_pence)}; it stands until {deadline_in_words(award.offer_until)}."
    return HomeItem(f"Accept the offer {award.reference}", text, award.company_url)


def _to_confirm(award: Award) -> HomeItem:
    return HomeItem(f"Confirm your subsidy position for {award.reference}", "An authorised signatory does this.", award.company_url)


def _to_enter_bank_details(award: Award) -> HomeItem:
    return HomeItem(f"Enter bank details for {award.reference}", "The owner or a finance contact does this.", award.company_url)


CLAIM_WORDS = {"draft": "Finish", "queried": "Answer our questions about", "returned": "Correct"}


def _to_claim(awards: QuerySet[Award]) -> Iterator[Asked]:
    due = Milestone.objects.filter(award__in=awards.filter(state="live"), state="due")
    yield one_by_one(due.order_by("due_on", "pk"), _to_claim_for, "award")
    claims = Claim.objects.filter(award__in=awards, state__in=CLAIM_WORDS)
    yield one_by_one(claims.order_by("pk"), _to_go_on_with, "award")


def _to_claim_for(one: Milestone) -> HomeItem:
    return HomeItem(f"Claim for {one.title} on {one.award.reference}", f"It was due on {in_words(one.due_on)}.", one.award.company_url)


def _to_go_on_with(claim: Claim) -> HomeItem:
    url = reverse("payments:company_claim", args=[claim.award.reference, claim.number])
    return HomeItem(f"{CLAIM_WORDS[claim.state]} {claim.reference}", claim.state_now.public, url)


def _to_report(awards: QuerySet[Award]) -> Iterator[Asked]:
    reports = OutcomeReport.objects.filter(award__in=awards, state__in=("overdue", "returned"))
    yield one_by_one(reports.order_by("due_on", "pk"), _to_report_on, "award")


def _to_report_on(report: OutcomeReport) -> HomeItem:
    url = reverse("payments:company_report", args=[report.award.reference, report.pk])
    return HomeItem(f"{report.name} on {report.award.reference}", f"It was due on {in_words(report.due_on)}.", url)


def _to_pay_back(person: Person) -> Iterator[Asked]:
    asked = Recovery.objects.of_team(person).filter(state="raised").order_by("due_on", "pk")
    yield one_by_one(asked, _to_repay, "award")


def _to_repay(one: Recovery) -> HomeItem:
    title = f"Pay back {pounds_exact(one.amount_pence)} on {one.award.reference}"
    return HomeItem(title, f"By {in_words(one.due_on)}.", one.award.company_url)


def _under_way(awards: QuerySet[Award]) -> Iterator[HomeItem]:
    going = awards.filter(state__in=GOING).select_related("application").prefetch_related("milestones").order_by("-pk")
    for one in going[:MOST]:
        text = f"{one.application.title}. {one.state_now.public}.{_next(one)}"
        yield HomeItem(f"Award {one.reference}", text, one.company_url, group=UNDER_WAY)


def _next(award: Award) -> str:
    """The next milestone of a live award, in a sentence."""
    planned = [one for one in award.milestones.all() if one.state == "planned"] if award.state == "live" else []
    following = min(planned, key=lambda one: (one.due_on, one.pk), default=None)
    return f" Next: {following.title}, due on {in_words(following.due_on)}." if following else ""


@contributes
def for_staff(person: Person, at: datetime) -> Iterable[Asked]:
    """What waits in the awards list, the claim queue and finance, each counted, for whoever may do it."""
    claims, runs, awards = reverse("payments:claims"), reverse("payments:runs"), reverse("payments:awards")
    bank, statements = reverse("payments:bank"), reverse("payments:statements")
    staff: list[tuple[Permission, str, str, str, Rows]] = [
        (Permission.AWARD_CHECK, "Set up awards", "Due diligence, subsidy papers, clearance.", awards, _set_up),
        (Permission.CLAIM_CHECK, "Check claims", "Line by line, with their evidence.", claims, _in_claims("submitted", "checking")),
        (Permission.CLAIM_APPROVE, "Approve claims", "Checked and recommended.", f"{claims}?state=recommended", _in_claims("recommended")),
        (Permission.BANK_CHECK, "Call companies back", "New bank details to check.", bank, _in_bank("entered")),
        (Permission.BANK_VERIFY, "Verify bank details", "Called back by somebody else.", bank, _in_bank("checked")),
        (Permission.RUN_BUILD, "Build a payment run", "Payments are due.", runs, _due),
        (Permission.RUN_APPROVE, "Approve payment runs", "Built by the machine.", runs, _in_runs("drafted")),
        (Permission.RUN_RELEASE, "Release payment runs", "They wait for you.", runs, _in_runs("drafted", "approved")),
        (Permission.STATEMENT_IMPORT, "Import the bank statement", "Payment runs were released.", statements, _in_runs("released")),
        (Permission.REPORT_ACCEPT, "Read outcome reports", "Sent by companies.", awards, _reports),
    ]
    for permission, title, text, url, rows in staff:
        if holds(person, permission):
            yield counted(rows(person), title, text, url)
    yield from _repayments(person)


def _repayments(person: Person) -> Iterator[Asked]:
    """Repayments that wait for a second person, one by one: they are rare."""
    asked = {
        "received": (Permission.CLAIM_APPROVE, "Confirm the repayment"),
        "waiving": (Permission.RUN_RELEASE, "Waive, or keep asking for,"),
    }
    may = [state for state, (permission, _) in asked.items() if holds(person, permission)]
    if may:
        rows = Recovery.objects.for_staff(person).filter(state__in=may).order_by("pk")
        yield one_by_one(
            rows, lambda one: HomeItem(f"{asked[one.state][1]} {one.reference}", str(one.award.company), one.get_absolute_url()),
            "award__company__organisation",
        )  # fmt: skip


def _set_up(person: Person) -> QuerySet:
    return Award.objects.for_staff(person).filter(state__in=("drafted", "checking", "cleared", "accepted"))


def _in_claims(*states: str) -> Rows:
    return lambda person: Claim.objects.for_staff(person).filter(state__in=states)


def _in_bank(*states: str) -> Rows:
    return lambda person: BankAccount.objects.for_staff(person).filter(state__in=states)


def _in_runs(*states: str) -> Rows:
    return lambda person: PaymentRun.objects.visible_to(person).filter(state__in=states)


def _due(person: Person) -> QuerySet:
    return Payment.objects.for_staff(person).filter(state="due")


def _reports(person: Person) -> QuerySet:
    return OutcomeReport.objects.filter(award__in=Award.objects.for_staff(person), state="submitted")
