"""Who is told what about awards, claims and money, in plain words."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from accounts.access import holders
from accounts.models import Organisation, Person
from accounts.roles import Permission
from applications.notices import ASK_WHY
from design.words import deadline_in_words, in_words, pounds, pounds_exact
from notifications.outbox import Letter, composes
from workflow.models import StepTaken

if TYPE_CHECKING:
    from payments.models import Award, BankAccount, Claim, Milestone, OutcomeReport, Payment, PaymentRun, Recovery


def team_of(organisation: Organisation, *permissions: Permission) -> list[Person]:
    """The company's people who may do any of these things."""
    return holders({organisation.scope}, *permissions)


def staff_of(scopes: set[str], *permissions: Permission) -> list[Person]:
    """The programme's people who may do any of these things."""
    return holders({scope for scope in scopes if scope.startswith("programme:")}, *permissions)


def _of_the_work(award: "Award", subject: str, body: str) -> list[Letter]:
    """To those who claim for the work and those who keep the company's affairs."""
    people = team_of(award.organisation, Permission.CLAIM_SUBMIT, Permission.COMPANY_EDIT)
    return _letters(people, subject, body, _company_award(award))


def _letters(people: Iterable[Person], subject: str, body: str, path: str, *, is_urgent: bool = False) -> list[Letter]:
    return [Letter(person, subject, body, path, is_urgent=is_urgent) for person in people]


def _company_award(award: "Award") -> str:
    return f"/apply/awards/{award.reference}/"


def _company_claim(claim: "Claim") -> str:
    return f"/apply/awards/{claim.award.reference}/claims/{claim.number}/"


def _finance_claim(claim: "Claim") -> str:
    return f"/finance/claims/{claim.award.reference}/{claim.number}/"


@composes("award.offered")
def offered(award: "Award", taken: StepTaken) -> Iterable[Letter]:
    """Those who may sign, and those who keep the company's affairs."""
    people = team_of(award.organisation, Permission.AWARD_ACCEPT, Permission.COMPANY_EDIT)
    body = (
        f"We offer {award.company} a grant of up to {pounds(award.amount_pence)} for “{award.application.title}”.\n\n"
        f"An authorised signatory can accept it until {deadline_in_words(award.offer_until)}. Read the whole offer on its page first."
    )
    return _letters(people, f"Your grant offer {award.reference}", body, _company_award(award))


@composes("award.accepted")
def accepted(award: "Award", taken: StepTaken) -> Iterable[Letter]:
    """The giving letter to the company; the officers hear that they can go on."""
    giving = award.subsidy_notices.filter(kind="giving").first()
    to_team = giving.body if giving else f"The grant agreement {award.reference} is signed."
    team = team_of(award.organisation, Permission.AWARD_ACCEPT, Permission.COMPANY_EDIT)
    officers = staff_of(award.scopes(), Permission.AWARD_OFFER)
    return [
        *_letters(team, f"Grant agreement {award.reference}", to_team, _company_award(award)),
        *_letters(
            officers, f"{award.reference} was accepted", f"{award.company} has accepted its offer.", f"/manage/awards/{award.reference}/"
        ),
    ]


@composes("award.lapsed")
def lapsed(award: "Award", taken: StepTaken) -> Iterable[Letter]:
    people = team_of(award.organisation, Permission.AWARD_ACCEPT, Permission.COMPANY_EDIT)
    body = f"The offer of {pounds(award.amount_pence)} ran out on {in_words(award.offer_until)} without being accepted."
    return _letters(people, f"The offer {award.reference} has run out", body, _company_award(award))


@composes("award.rescinded")
def rescinded(award: "Award", taken: StepTaken) -> Iterable[Letter]:
    people = team_of(award.organisation, Permission.AWARD_ACCEPT, Permission.COMPANY_EDIT)
    body = f"The award {award.reference} has been withdrawn and will not go ahead. {ASK_WHY}"
    return _letters(people, f"{award.reference} will not go ahead", body, _company_award(award))


@composes("award.live")
def live(award: "Award", taken: StepTaken) -> Iterable[Letter]:
    people = team_of(award.organisation, Permission.CLAIM_EDIT, Permission.CLAIM_SUBMIT)
    body = f"Everything is in place for {award.reference}. You can start the work and claim for each milestone when it is done."
    return _letters(people, f"{award.reference} is live", body, _company_award(award))


@composes("award.suspended")
def suspended(award: "Award", taken: StepTaken) -> Iterable[Letter]:
    body = f"{award.reference} is on hold: nothing can be claimed or paid until we lift this. {ASK_WHY}"
    return _of_the_work(award, f"{award.reference} is on hold", body)


@composes("award.resumed")
def resumed(award: "Award", taken: StepTaken) -> Iterable[Letter]:
    body = f"{award.reference} is no longer on hold. You can go on with the work and claim for it."
    return _of_the_work(award, f"{award.reference} goes on", body)


@composes("award.completed")
def completed(award: "Award", taken: StepTaken) -> Iterable[Letter]:
    body = (
        f"The work of {award.reference} is finished, and {pounds(award.paid_pence)} of {pounds(award.amount_pence)} was paid. "
        "Nothing more can be claimed. Reports that are still to come stand on the award's page."
    )
    return _of_the_work(award, f"{award.reference} is finished", body)


@composes("award.closed")
def closed(award: "Award", taken: StepTaken) -> Iterable[Letter]:
    body = f"{award.reference} is closed. {pounds(award.paid_pence)} was paid in all. Keep your records as long as the agreement says."
    return _of_the_work(award, f"{award.reference} is closed", body)


@composes("milestone.due")
def milestone_due(milestone: "Milestone", taken: StepTaken) -> Iterable[Letter]:
    people = team_of(milestone.award.organisation, Permission.CLAIM_EDIT)
    worth = "" if milestone.award.terms.pays_outcomes else "up to "
    body = f"Milestone {milestone.number}, “{milestone.title}”, is due. You can claim {worth}{pounds(milestone.cap_pence)} for it."
    return _letters(people, f"Milestone {milestone.number} of {milestone.award.reference} is due", body, _company_award(milestone.award))


@composes("claim.submitted")
def claim_submitted(claim: "Claim", taken: StepTaken) -> Iterable[Letter]:
    """A receipt for the company; the checkers hear that it waits."""
    receipt = f"We have claim {claim.number} of {claim.award.reference} for {pounds(claim.claimed_pence)}. We check it next."
    what = f"milestone {claim.milestone}" if claim.milestone else "the advance"
    waits = f"{claim.award.company} claims {pounds(claim.claimed_pence)} for {what}."
    people = team_of(claim.award.organisation, Permission.CLAIM_SUBMIT)
    return [
        *_letters(people, f"We received {claim.reference}", receipt, _company_claim(claim), is_urgent=True),
        *_letters(staff_of(claim.scopes(), Permission.CLAIM_CHECK), f"{claim.reference} waits to be checked", waits, _finance_claim(claim)),
    ]


@composes("claim.queried")
def claim_queried(claim: "Claim", taken: StepTaken) -> Iterable[Letter]:
    asked = "\n".join(f"- {query.question}" for query in claim.queries.filter(answered_at=None).order_by("pk"))
    body = f"Before we can go on with {claim.reference} we need to know:\n\n{asked}\n\nAnswer on the claim's page."
    return _letters(
        team_of(claim.award.organisation, Permission.CLAIM_EDIT), f"A question about {claim.reference}", body, _company_claim(claim)
    )


@composes("claim.answered")
def claim_answered(claim: "Claim", taken: StepTaken) -> Iterable[Letter]:
    people = [claim.queried_by] if claim.queried_by else staff_of(claim.scopes(), Permission.CLAIM_CHECK)
    body = f"{claim.award.company} has answered your questions about {claim.reference}."
    return _letters(people, f"{claim.reference} was answered", body, _finance_claim(claim))


@composes("claim.recommended")
def claim_recommended(claim: "Claim", taken: StepTaken) -> Iterable[Letter]:
    people = [person for person in staff_of(claim.scopes(), Permission.CLAIM_APPROVE) if person.pk != taken.by_id]
    body = f"{taken.by.name} recommends {pounds(claim.recommended_pence)} of the {pounds(claim.claimed_pence)} claimed."
    return _letters(people, f"{claim.reference} waits for approval", body, _finance_claim(claim))


@composes("claim.approved")
def claim_approved(claim: "Claim", taken: StepTaken) -> Iterable[Letter]:
    body = (
        f"{pounds(claim.approved_pence)} of the {pounds(claim.claimed_pence)} you claimed is approved and goes into the next payment run."
        if claim.approved_pence
        else f"Your claim of {pounds(claim.claimed_pence)} is approved."
    )
    if claim.offset_pence:
        body += f" {pounds(claim.offset_pence)} of it was paid to you in advance already."
    if claim.approved_pence + claim.offset_pence < claim.claimed_pence:
        body += " The claim's page says why it is less, line by line."
    return _letters(
        team_of(claim.award.organisation, Permission.CLAIM_SUBMIT), f"{claim.reference} is approved", body, _company_claim(claim)
    )


@composes("claim.returned")
def claim_returned(claim: "Claim", taken: StepTaken) -> Iterable[Letter]:
    body = f"We have returned {claim.reference} so that you can correct it:\n\n{claim.return_reason}"
    return _letters(
        team_of(claim.award.organisation, Permission.CLAIM_EDIT), f"{claim.reference} needs correcting", body, _company_claim(claim)
    )


@composes("claim.rejected")
def claim_rejected(claim: "Claim", taken: StepTaken) -> Iterable[Letter]:
    body = f"We will not pay {claim.reference}:\n\n{claim.return_reason}"
    return _letters(
        team_of(claim.award.organisation, Permission.CLAIM_SUBMIT), f"{claim.reference} will not be paid", body, _company_claim(claim)
    )


@composes("claim.paid")
def claim_paid(claim: "Claim", taken: StepTaken) -> Iterable[Letter]:
    body = (
        f"{pounds(claim.approved_pence)} for {claim.reference} has reached your bank account."
        if claim.approved_pence
        else f"{claim.reference} is settled: its {pounds(claim.offset_pence)} had been paid to you in advance."
    )
    return _letters(team_of(claim.award.organisation, Permission.CLAIM_SUBMIT), f"{claim.reference} is paid", body, _company_claim(claim))


@composes("claim.unpaid")
def claim_unpaid(claim: "Claim", taken: StepTaken) -> Iterable[Letter]:
    body = f"Your bank sent back our payment for {claim.reference}. Check the bank details on your page, then we pay it again."
    return _letters(team_of(claim.award.organisation, Permission.BANK_ENTER), f"{claim.reference} came back", body, _company_claim(claim))


@composes("bank.entered")
def bank_entered(account: "BankAccount", taken: StepTaken) -> Iterable[Letter]:
    """The officers; and every other person of the company who may change the details, so that a stranger's change is noticed."""
    others = [person for person in team_of(account.company.organisation, Permission.BANK_ENTER) if person.pk != taken.by_id]
    noticed = (
        f"{taken.by.name} has entered the account ending {account.last4} for {account.company}. If that is not right, tell us at once."
    )
    return [
        *_letters(
            staff_of(account.scopes(), Permission.BANK_CHECK),
            f"Bank details of {account.company} to check",
            "Ring the company on a number you find yourself, not one that came with the details.",
            f"/finance/bank/{account.pk}/",
        ),
        *_letters(others, "Your company's bank details were entered", noticed, "/home/"),
    ]


@composes("bank.verified")
def bank_verified(account: "BankAccount", taken: StepTaken) -> Iterable[Letter]:
    body = f"The account ending {account.last4} is verified. Grants are paid to it from now on."
    return _letters(team_of(account.company.organisation, Permission.BANK_ENTER), "Your bank details are verified", body, "/home/")


@composes("bank.set_aside")
def bank_set_aside(account: "BankAccount", taken: StepTaken) -> Iterable[Letter]:
    body = f"We could not use the account ending {account.last4}. Enter your bank details again."
    return _letters(team_of(account.company.organisation, Permission.BANK_ENTER), "We could not use your bank details", body, "/home/")


@composes("payment.settled")
def payment_settled(payment: "Payment", taken: StepTaken) -> Iterable[Letter]:
    """Told with the claim."""
    return []


@composes("payment.failed")
def payment_failed(payment: "Payment", taken: StepTaken) -> Iterable[Letter]:
    body = f"{payment.end_to_end} for {payment.award.reference}, {pounds(payment.amount_pence)}: {payment.failure}"
    return _letters(staff_of(payment.scopes(), Permission.PAYMENT_HOLD), "A payment failed", body, f"/finance/payments/{payment.pk}/")


@composes("payment.returned")
def payment_returned(payment: "Payment", taken: StepTaken) -> Iterable[Letter]:
    body = f"{payment.end_to_end} for {payment.award.reference}, {pounds(payment.amount_pence)}, came back from the bank: {payment.failure}"
    return _letters(staff_of(payment.scopes(), Permission.PAYMENT_HOLD), "A payment came back", body, f"/finance/payments/{payment.pk}/")


@composes("recovery.settled")
def recovery_settled(recovery: "Recovery", taken: StepTaken) -> Iterable[Letter]:
    body = f"We have received the {pounds_exact(recovery.received_pence)} that you paid back on {recovery.award.reference}. Thank you."
    return _letters(
        team_of(recovery.award.organisation, Permission.CLAIM_SUBMIT), "Your repayment arrived", body, _company_award(recovery.award)
    )


@composes("recovery.dropped")
def recovery_dropped(recovery: "Recovery", taken: StepTaken) -> Iterable[Letter]:
    body = f"We no longer ask you to pay back {pounds_exact(recovery.amount_pence)} on {recovery.award.reference}."
    if recovery.state == "cancelled":
        body += " What is left of the advance is still to be covered by milestones."
    return _letters(
        team_of(recovery.award.organisation, Permission.CLAIM_SUBMIT), "You need not pay this back", body, _company_award(recovery.award)
    )


@composes("payment_run.released")
def run_released(run: "PaymentRun", taken: StepTaken) -> Iterable[Letter]:
    people = [person for person in staff_of(run.scopes(), Permission.STATEMENT_IMPORT) if person.pk != taken.by_id]
    body = f"{run.reference} is released: {run.count} payments, {pounds(run.total_pence)}. Upload its file to the bank."
    return _letters(people, f"{run.reference} is released", body, f"/finance/runs/{run.reference}/")


@composes("report.overdue")
def report_overdue(report: "OutcomeReport", taken: StepTaken) -> Iterable[Letter]:
    body = f"The report “{report.name}” was due on {in_words(report.due_on)}. Nothing is paid on {report.award.reference} until it is in."
    return _letters(
        team_of(report.award.organisation, Permission.REPORT_SUBMIT),
        f"A report on {report.award.reference} is overdue",
        body,
        _report(report),
    )


@composes("report.submitted")
def report_submitted(report: "OutcomeReport", taken: StepTaken) -> Iterable[Letter]:
    body = f"{report.award.company} has sent the report “{report.name}”."
    return _letters(
        staff_of(report.scopes(), Permission.REPORT_ACCEPT),
        f"A report on {report.award.reference}",
        body,
        f"/manage/awards/{report.award.reference}/",
    )


@composes("report.accepted")
def report_accepted(report: "OutcomeReport", taken: StepTaken) -> Iterable[Letter]:
    body = f"We have accepted the report “{report.name}” on {report.award.reference}. Thank you."
    return _letters(team_of(report.award.organisation, Permission.REPORT_SUBMIT), "Your report is accepted", body, _report(report))


@composes("report.returned")
def report_returned(report: "OutcomeReport", taken: StepTaken) -> Iterable[Letter]:
    body = f"We have returned the report “{report.name}” so that you can correct it:\n\n{report.return_reason}"
    return _letters(team_of(report.award.organisation, Permission.REPORT_SUBMIT), "Your report needs correcting", body, _report(report))


def _report(report: "OutcomeReport") -> str:
    return f"/apply/awards/{report.award.reference}/reports/{report.pk}/"
