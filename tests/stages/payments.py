"""Awards, claims and money brought to a state by calling actions. People come from `tests.cast`.

The parts of the `small_team` table: the officer calls back and checks, the lead verifies and approves, finance approves the run, the
independent approver releases it.
"""

from datetime import datetime, timedelta
from itertools import count

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Person
from accounts.roles import Role
from applications.actions import teams
from applications.models import Application
from notifications.delivery import drain
from payments.actions import awards, bank, claims, evidence, lines, reports, runs, statements
from payments.actions.lines import Cost
from payments.models import Award, BankAccount, Claim, Milestone, OutcomeReport, Payment, PaymentRun, Statement
from tests.stages import assessments

NOTIFIED = assessments.NOTIFIED
CHECKED = NOTIFIED + timedelta(days=2)
OFFERED = CHECKED + timedelta(days=1)
ACCEPTED = OFFERED + timedelta(days=2)
LIVE = ACCEPTED + timedelta(days=3)
CLAIMED = LIVE + timedelta(days=90)
APPROVED = CLAIMED + timedelta(days=3)
PAID = APPROVED + timedelta(days=2)
SETTLED = PAID + timedelta(days=1)
OVER = SETTLED + timedelta(days=300)
"""No milestone can be claimed any more."""
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
_accounts = count(10_000_001)


def drafted(cast: dict[str, Person], *, application: Application | None = None, at: datetime = NOTIFIED, **about) -> Award:
    """The company was told, and the outbox drafted its award."""
    application = application or assessments.notified(cast, **about)
    drain(at=at)
    return Award.objects.get(application=application)


def checked(cast: dict[str, Person], *, at: datetime = CHECKED, award: Award | None = None, **about) -> Award:
    """Every check before the offer passed; the subsidy was notified and confirmed."""
    award = award or drafted(cast, **about)
    awards.notify_subsidy(award=award, by=cast["officer"], at=at)
    awards.confirm_subsidy(award=award, other_pence=0, is_agreed=True, by=cast["signatory"], at=at)
    for check in award.checks.order_by("pk"):
        awards.record_check(award=award, code=check.code, result="passed", by=cast["officer"], at=at)
    return Award.objects.get(pk=award.pk)


def cleared(cast: dict[str, Person], *, at: datetime = CHECKED, **about) -> Award:
    """Cleared to offer."""
    return awards.clear(award=checked(cast, at=at, **about), by=cast["officer"], at=at)


def offered(cast: dict[str, Person], *, at: datetime = OFFERED, **about) -> Award:
    """The offer is made and its money committed."""
    return awards.offer(award=cleared(cast, **about), by=cast["officer"], at=at)


def accepted(cast: dict[str, Person], *, at: datetime = ACCEPTED, **about) -> Award:
    """Signed by the signatory."""
    return awards.accept(award=offered(cast, **about), by=cast["signatory"], at=at)


def bank_entered(cast: dict[str, Person], award: Award, *, at: datetime = ACCEPTED, **numbers) -> BankAccount:
    """The owner entered an account."""
    given = {"name": award.company.name, "sort_code": "20-00-00", "account_number": str(next(_accounts))} | numbers
    return bank.enter(company=award.company, **given, by=cast["applicant"], at=at)


def bank_checked(cast: dict[str, Person], award: Award, *, at: datetime = ACCEPTED, **numbers) -> BankAccount:
    """The officer rang the company."""
    account = bank_entered(cast, award, at=at, **numbers)
    return bank.check(account=account, called_on="0121 496 0000", spoke_to="Ann", payee_match="full", by=cast["officer"], at=at)


def bank_verified(cast: dict[str, Person], award: Award, *, at: datetime = ACCEPTED, **numbers) -> BankAccount:
    """The lead verified what the officer found."""
    return bank.verify(account=bank_checked(cast, award, at=at, **numbers), by=cast["lead"], at=at)


def live(cast: dict[str, Person], *, at: datetime = LIVE, **about) -> Award:
    """Agreement, bank account and conditions are in place, and there is an account to pay from."""
    award = accepted(cast, **about)
    bank_verified(cast, award)
    awards.meet_conditions(award=award, note="The project has not started.", by=cast["officer"], at=at)
    paying_account(cast, award, at=at)
    return awards.go_live(award=award, by=cast["officer"], at=at)


award_live = live


def paying_account(cast: dict[str, Person], award: Award, *, at: datetime = LIVE) -> None:
    """The delivery body's own account."""
    programme = award.programme
    bank.set_paying_account(
        organisation=programme.delivery_body,
        programme=programme,
        name="Sample Cluster Ltd",
        sort_code="300000",
        account_number="87654321",
        by=cast["lead"],
        at=at,
    )


def cost(number: int = 1, *, eligible_pence: int = 10_000_00, at: datetime = CLAIMED, **instead) -> Cost:
    """A cost that was paid ten days before `at`."""
    paid_on = (at - timedelta(days=10)).date()
    given = {
        "supplier": f"Sample Supplies {number} Ltd",
        "invoice_number": f"INV-{number:04d}",
        "invoice_on": paid_on - timedelta(days=20),
        "paid_on": paid_on,
        "category": "materials",
        "net_pence": eligible_pence,
        "vat_pence": eligible_pence // 5,
        "eligible_pence": eligible_pence,
    }
    return Cost(**given | instead)


def upload(text: str = "") -> SimpleUploadedFile:
    """A small PDF, different for every text."""
    return SimpleUploadedFile("invoice.pdf", PDF + text.encode(), content_type="application/pdf")


def claim_draft(
    cast: dict[str, Person],
    *,
    award: Award | None = None,
    milestone: int = 1,
    costs: tuple[int, ...] | None = None,
    at: datetime = CLAIMED,
    **about,
) -> Claim:
    """A claim with one line per amount, each with its evidence. Without amounts: one line that earns exactly the milestone's cap."""
    award = award or live(cast, **about)
    chosen: Milestone = award.milestones.get(number=milestone)
    claim = claims.start(milestone=chosen, by=cast["applicant"], at=at)
    for number, pence in enumerate(costs or (earning(award, chosen.cap_pence),), start=1):
        line = lines.add(claim=claim, cost=cost(number + 100 * milestone, eligible_pence=pence, at=at), by=cast["colleague"], at=at)
        evidence.attach(claim=claim, line=line, upload=upload(f"{claim.pk}/{number}"), by=cast["applicant"], at=at)
    return Claim.objects.get(pk=claim.pk)


def earning(award: Award, pence: int) -> int:
    """The smallest cost that earns so much grant at the award's rate."""
    return -(-pence * 10_000 // award.rate_bp)


def claim_submitted(cast: dict[str, Person], *, at: datetime = CLAIMED, **about) -> Claim:
    """Sent in by the owner."""
    return claims.submit(claim=claim_draft(cast, at=at, **about), declaration=True, by=cast["applicant"], at=at)


def claim_checking(cast: dict[str, Person], *, at: datetime = CLAIMED, **about) -> Claim:
    """Taken up by the officer."""
    return claims.start_checking(claim=claim_submitted(cast, at=at, **about), by=cast["officer"], at=at)


def claim_queried(cast: dict[str, Person], *, at: datetime = CLAIMED, **about) -> Claim:
    """With one question open."""
    claim = claim_checking(cast, at=at, **about)
    claims.ask(claim=claim, line=claim.lines.first(), question="Which site was this for?", by=cast["officer"], at=at)
    return claims.query(claim=claim, by=cast["officer"], at=at)


def claim_recommended(cast: dict[str, Person], *, at: datetime = CLAIMED, outcome: str = "met", **about) -> Claim:
    """Every line accepted and recommended by the officer."""
    claim = claim_checking(cast, at=at, **about)
    for line in claim.lines.order_by("pk"):
        claims.decide_line(line=line, outcome="accepted", by=cast["officer"], at=at)
    return claims.recommend(claim=claim, milestone_outcome=outcome, by=cast["officer"], at=at)


def claim_approved(cast: dict[str, Person], *, at: datetime = APPROVED, **about) -> Claim:
    """Approved by the lead: its payment is due."""
    return claims.approve(claim=claim_recommended(cast, **about), by=cast["lead"], at=at)


def payment_due(cast: dict[str, Person], **about) -> Payment:
    """The payment that an approved claim owes."""
    return Payment.objects.get(claim=claim_approved(cast, **about))


def run_drafted(cast: dict[str, Person], *, at: datetime = PAID, award: Award | None = None, **about) -> PaymentRun:
    """Built by the machine for finance."""
    claim = claim_approved(cast, award=award, **about)
    return runs.build(programme=claim.award.programme, by=cast["finance"], at=at)


def run_approved(cast: dict[str, Person], *, at: datetime = PAID, **about) -> PaymentRun:
    """Approved by a second finance officer, so that it may be released under either table."""
    return runs.approve(run=run_drafted(cast, at=at, **about), by=cast["second-finance"], at=at)


def run_released(cast: dict[str, Person], *, at: datetime = PAID, **about) -> PaymentRun:
    """Released by the independent approver: the bank's file is written."""
    return runs.release(run=run_approved(cast, at=at, **about), by=cast["independent-approver"], at=at)


def statement_csv(*payments: Payment, sign: str = "-") -> bytes:
    """What the bank's portal exports for these payments."""
    rows = ["Date,Description,Amount,Reference,Transaction ID"]
    for payment in payments:
        pounds = f"{payment.amount_pence // 100}.{payment.amount_pence % 100:02d}"
        rows.append(f"2027-01-28,GRANT {payment.award.reference},{sign}{pounds},{payment.end_to_end},T{sign}{payment.end_to_end}")
    return "\r\n".join(rows).encode()


def settled(cast: dict[str, Person], *, at: datetime = SETTLED, run: PaymentRun | None = None, **about) -> PaymentRun:
    """The bank's statement says that everything in the run was paid."""
    run = run or run_released(cast, **about)
    imported(cast, run, statement_csv(*run.payments.order_by("pk")), at=at)
    return PaymentRun.objects.get(pk=run.pk)


def imported(cast: dict[str, Person], run: PaymentRun, data: bytes, *, at: datetime = SETTLED, name: str = "statement.csv") -> Statement:
    """A statement that the officer imported."""
    return statements.import_file(programme=run.programme, name=name, data=data, by=cast["officer"], at=at)


def report_submitted(cast: dict[str, Person], report: OutcomeReport, *, at: datetime = SETTLED) -> OutcomeReport:
    """A number for every indicator."""
    values = {indicator.id: "1" for indicator in report.indicators()}
    return reports.submit(report=report, values=values, narrative="It worked, and two sites go on using it.", by=cast["applicant"], at=at)


def finance_contact(cast: dict[str, Person], award: Award, person: Person, *, at: datetime = LIVE) -> None:
    """Make somebody the company's finance contact."""
    teams.add(company=award.company, person=person, role=Role.FINANCE_CONTACT, by=cast["applicant"], at=at)
