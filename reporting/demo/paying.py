"""From decisions to money in companies' accounts, and what came of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from django.core.files.base import ContentFile

from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refusal
from applications import samples
from design.words import pounds_exact
from payments import terms
from payments.actions import awards, bank, claims, evidence, lines, reports, runs, statements
from payments.actions.lines import Cost
from payments.models import Award, BankAccount, Claim, Milestone, OutcomeReport, Payment, PaymentRun
from reporting.demo.applying import Applicant
from reporting.demo.stage import Stage, settle


def award(stage: Stage, applicants: list[Applicant]) -> list[tuple[Applicant, Award]]:
    """Clear, offer, accept, verify the bank account and go live, for every award that the decisions drafted."""
    stage.clock.wait(days=1)
    of = {applicant.application.pk: applicant for applicant in applicants}
    drafted = Award.objects.filter(application__in=of).select_related("application").order_by("pk")
    pairs = [(of[award.application_id], award) for award in drafted]
    live = []
    for applicant, one in pairs:
        try:
            live.append((applicant, _set_up(stage, applicant, one)))
        except Refusal as refusal:
            stage.refusals.append(f"{one.reference}: {refusal.sentence}")
    advance(stage, live)
    stage.step(len(applicants))
    return live


def advance(stage: Stage, live: list[tuple[Applicant, Award]]) -> None:
    """Where the programme pays in advance, companies that asked for it claim it; officer and lead look at it, and it is paid."""
    asking = [(applicant, one) for applicant, one in live if terms.advance_at_most(one)]
    for applicant, one in asking:
        try:
            at = stage.clock.now + timedelta(days=1)
            claim = claims.start_advance(award=one, by=applicant.owner, at=at)
            why = "The pilot site is paid, and the devices for its users are bought, before the first milestone."
            asked = claims.ask_for(claim=claim, asked_pence=claim.asked_pence, narrative=why, by=applicant.owner, at=at)
            sent = claims.submit(claim=asked, declaration=True, by=applicant.signatory, at=at + timedelta(hours=1))
            checking = claims.start_checking(claim=sent, by=stage.officer, at=at + timedelta(hours=2))
            recommended = claims.recommend(claim=checking, by=stage.officer, at=at + timedelta(hours=3))
            claims.approve(claim=recommended, by=stage.claims_lead, at=at + timedelta(hours=4))
        except Refusal as refusal:
            stage.refusals.append(f"{one.reference}: {refusal.sentence}")
    if asking:
        stage.clock.wait(days=1)
        pay(stage)


def _set_up(stage: Stage, applicant: Applicant, one: Award) -> Award:
    """One award, by officer, company and lead in turn, a few hours apart."""
    at = stage.clock.now
    awards.notify_subsidy(award=one, by=stage.officer, at=at)
    awards.confirm_subsidy(award=one, other_pence=0, is_agreed=True, by=applicant.signatory, at=at + timedelta(hours=1))
    for check in one.checks.exclude(due="before_start").order_by("pk"):
        awards.record_check(award=one, code=check.code, result="passed", by=stage.officer, at=at + timedelta(hours=1))
    cleared = awards.clear(award=one, by=stage.lead, at=at + timedelta(hours=2))
    offered = awards.offer(award=cleared, by=stage.officer, at=at + timedelta(hours=3))
    accepted = awards.accept(award=offered, by=applicant.signatory, at=at + timedelta(hours=4))
    _verify_bank(stage, applicant, at + timedelta(hours=5))
    for check in one.checks.filter(due="before_start").order_by("pk"):
        awards.record_check(award=accepted, code=check.code, result="passed", by=stage.officer, at=at + timedelta(hours=7))
    if accepted.conditions:
        note = "Seen in the signed agreement and the kick-off call."
        accepted = awards.meet_conditions(award=accepted, note=note, by=stage.officer, at=at + timedelta(hours=7))
    return awards.go_live(award=accepted, by=stage.officer, at=at + timedelta(hours=8))


def _verify_bank(stage: Stage, applicant: Applicant, at: datetime) -> None:
    """The company's owner enters the account, the officer calls back, the lead verifies."""
    company, name = applicant.company, applicant.record.name[:140]
    entered = bank.enter(
        company=company, name=name, sort_code="00-00-98", account_number=f"{30_000_000 + applicant.number}", by=applicant.owner, at=at
    )
    checked = bank.check(
        account=entered,
        called_on="The number on the company's website",
        spoke_to="The finance manager",
        payee_match=BankAccount.PayeeMatch.FULL,
        by=stage.officer,
        at=at + timedelta(hours=1),
    )
    bank.verify(account=checked, by=stage.lead, at=at + timedelta(hours=1, minutes=30))


def deliver(stage: Stage, live: list[tuple[Applicant, Award]]) -> None:
    """Milestone by milestone: claim, check, approve, pay; reports when they are due; then the awards are completed."""
    for due, milestones in by_month(live):
        stage.clock.to(due)
        claimed = False
        for applicant, milestone in milestones:
            claimed |= claim(stage, applicant, milestone)
        if claimed:
            pay(stage)
        report(stage, live)
        stage.step(len(milestones))
    stage.clock.wait(days=45)
    report(stage, live)
    pay(stage)
    _finish(stage, live)


def by_month(live: list[tuple[Applicant, Award]]) -> Iterator[tuple[datetime, list[tuple[Applicant, Milestone]]]]:
    """Milestones in the order in which they fall due, those of one calendar month together."""
    months: dict[tuple[int, int], list[tuple[Applicant, Milestone]]] = {}
    for applicant, one in live:
        for milestone in one.milestones.order_by("number"):
            months.setdefault((milestone.due_on.year, milestone.due_on.month), []).append((applicant, milestone))
    for month in sorted(months):
        last = max(milestone.due_on for _, milestone in months[month])
        yield datetime.combine(last + timedelta(days=2), time(9, 30), tzinfo=UTC), months[month]


def claim(stage: Stage, applicant: Applicant, milestone: Milestone) -> bool:
    """One claim from its first line to its approval; whether money is due."""
    try:
        recommended = checked(stage, applicant, submitted(stage, applicant, milestone))
        claims.approve(claim=recommended, by=stage.claims_lead, at=stage.clock.now + timedelta(hours=6))
    except Refusal as refusal:
        stage.refusals.append(f"{milestone}: {refusal.sentence}")
        return False
    return True


def submitted(stage: Stage, applicant: Applicant, milestone: Milestone) -> Claim:
    at, owner = stage.clock.now, applicant.owner
    claim = claims.start(milestone=milestone, by=applicant.people["colleague"], at=at)
    narrative = f"{milestone.title}: done as planned; the site has confirmed it in writing."
    claims.describe(claim=claim, narrative=narrative, by=owner, at=at)
    if not claim.has_lines:
        shown = ContentFile(samples.pdf(f"{claim.award.reference}: {milestone.title}, confirmed by the site"), name="confirmation.pdf")
        evidence.attach(claim=claim, upload=shown, by=owner, at=at)
    for number, cost in enumerate(_costs(claim, milestone, applicant) if claim.has_lines else (), start=1):
        line = lines.add(claim=claim, cost=cost, by=owner, at=at)
        paper = ContentFile(samples.pdf(f"Invoice {cost.invoice_number}, paid {cost.paid_on}, line {number}"), name=f"invoice-{number}.pdf")
        evidence.attach(claim=claim, upload=paper, line=line, by=owner, at=at)
    settle(at)
    return claims.submit(claim=claim, declaration=True, by=applicant.signatory, at=at + timedelta(hours=1))


def _costs(claim: Claim, milestone: Milestone, applicant: Applicant) -> list[Cost]:
    """Two costs which, at the award's rate, come to what the milestone can pay."""
    one = claim.award
    needed = (milestone.cap_pence * 10_000 + one.rate_bp // 2) // one.rate_bp
    paid_on = min(milestone.due_on, claim.created_at.date()) - timedelta(days=2)
    earliest = one.starts_on or paid_on
    categories = sorted(one.terms.categories)
    parts = [needed * 3 // 5, needed - needed * 3 // 5]
    return [
        Cost(
            supplier=("Sample Laboratories Ltd", "Sample Pathology Services")[number],
            invoice_number=f"S{applicant.number:03d}-{claim.number}{number}",
            invoice_on=max(paid_on - timedelta(days=20), earliest),
            paid_on=max(paid_on, earliest),
            category="labour" if "labour" in categories else categories[0],
            net_pence=part,
            vat_pence=0,
            eligible_pence=part,
            description=("Study nurses and laboratory staff", "Analysis and report")[number],
        )
        for number, part in enumerate(parts)
    ]


def checked(stage: Stage, applicant: Applicant, claim: Claim) -> Claim:
    """The officer checks line by line; where the record's plan says so with a query, or accepting one line in part."""
    at, officer, plan = stage.clock.now + timedelta(hours=2), stage.officer, applicant.record.plan
    checking = claims.start_checking(claim=claim, by=officer, at=at)
    if plan == "queried" and claim.number == 1:
        checking = _queried(checking, applicant, officer, at)
    is_part = plan == "part_met" and claim.number == 1 and claim.has_lines
    for line in checking.lines.order_by("number"):
        if is_part and line.number == 2:
            part = line.eligible_pence // 2
            reason = "Half of this invoice is for work before the award."
            claims.decide_line(line=line, outcome="part", accepted_pence=part, reason=reason, by=officer, at=at)
        else:
            claims.decide_line(line=line, outcome="accepted", by=officer, at=at)
    outcome = Milestone.State.PART_MET if is_part else Milestone.State.MET
    return claims.recommend(claim=checking, milestone_outcome=outcome, by=officer, at=at + timedelta(hours=2))


def _queried(claim: Claim, applicant: Applicant, officer: Person, at: datetime) -> Claim:
    line = claim.lines.order_by("number").first()
    question = "Which days does this invoice cover?" if line else "Who at the site counted this, and when?"
    query = claims.ask(claim=claim, question=question, line=line, by=officer, at=at)
    claims.query(claim=claim, by=officer, at=at)
    return claims.answer(
        claim=claim,
        answers={query.pk: "The whole of the month of the study visits." if line else "The ward manager, on the last Friday of the month."},
        by=applicant.owner,
        at=at,
    )


def pay(stage: Stage) -> None:
    """The machine builds a run, finance approves it, the independent approver releases it, the bank answers."""
    at = stage.clock.wait(days=2)
    try:
        run = runs.build(programme=stage.programme, by=stage.officer, at=at)
    except NotAllowedNow:
        return
    if run.state == PaymentRun.State.DRAFTED:
        run = runs.approve(run=run, by=stage.finance, at=at + timedelta(hours=1))
    runs.release(run=run, by=stage.independent_approver, at=at + timedelta(hours=2))
    answer = bank_answers(run)
    at = stage.clock.wait(days=3)
    statements.import_file(programme=stage.programme, name=f"statement-{at:%Y-%m-%d}.csv", data=answer, by=stage.officer, at=at)


def bank_answers(run: PaymentRun) -> bytes:
    """The bank's statement for a released run: every payment left the account, as a CSV export says it."""
    heads = "Date,Amount,Reference,Description,Transaction ID\n"
    rows = Payment.objects.filter(run=run).select_related("award__company__organisation").order_by("pk")
    return (
        heads
        + "".join(
            f'{run.pays_on:%d/%m/%Y},-{Decimal(row.amount_pence) / 100:.2f},{row.end_to_end},"Grant payment",{run.reference}-{row.pk}\n'
            for row in rows
        )
    ).encode()


def report(stage: Stage, live: list[tuple[Applicant, Award]]) -> None:
    """Send and accept every report that is due by now."""
    of = {one.pk: applicant for applicant, one in live}
    due = OutcomeReport.objects.filter(award__in=of, due_on__lte=stage.clock.now.date()).exclude(
        state__in=[OutcomeReport.State.ACCEPTED, OutcomeReport.State.SUBMITTED]
    )
    for report in due.select_related("award__application__version", "case").order_by("pk"):
        applicant = of[report.award_id]
        try:
            values = {indicator.id: 1 + (applicant.number + place) % 3 for place, indicator in enumerate(report.indicators())}
            narrative = f"{applicant.record.name} has made {pounds_exact(report.award.paid_pence)} of grant go further than planned."
            sent = reports.submit(report=report, values=values, narrative=narrative, by=applicant.owner, at=stage.clock.now)
            reports.accept(report=sent, by=stage.monitor, at=stage.clock.now + timedelta(hours=1))
        except Refusal as refusal:
            stage.refusals.append(f"{report}: {refusal.sentence}")


def _finish(stage: Stage, live: list[tuple[Applicant, Award]]) -> None:
    """Complete the awards whose work is done and paid; they close when their last report is in."""
    for _, one in live:
        fresh = Award.objects.get(pk=one.pk)
        try:
            awards.complete(award=fresh, by=stage.officer, at=stage.clock.now)
        except Refusal as refusal:
            stage.refusals.append(f"{one.reference}: {refusal.sentence}")
