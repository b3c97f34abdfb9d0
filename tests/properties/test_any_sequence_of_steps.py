"""Whatever anybody does in whatever order, the books balance, the trail verifies, and nobody carries out both duties of a pair."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Person
from accounts.refusals import Refusal
from audit import sealer
from audit.verify import verify_all
from grants.models import Budget, Programme
from payments.actions import awards, bank, claims, payments, runs
from payments.actions import statements as bank_statements
from payments.books import check_books
from payments.models import Award, BankAccount, Claim, Payment, PaymentRun
from tests.cast import everybody
from tests.stages import payments as stage
from workflow.models import StepTaken
from workflow.separation import TABLES

NOTE = "For the reason on file."
WHO = (
    "applicant",
    "signatory",
    "officer",
    "lead",
    "second-lead",
    "finance",
    "second-finance",
    "independent-approver",
    "auditor",
    "stranger",
)
Act = Callable[..., Any]


def _statement(sign: str) -> Act:
    def imports(*, by: Person, at: Any) -> None:
        payment = Payment.objects.exclude(end_to_end="").get()
        data = stage.statement_csv(payment, sign=sign)
        bank_statements.import_file(programme=Programme.objects.get(), name=f"{at:%H%M}{sign}.csv", data=data, by=by, at=at)

    return imports


def _on(model: type, action: Act, **about: Any) -> Act:
    def acts(*, by: Person, at: Any) -> None:
        parameter = {Award: "award", Claim: "claim", Payment: "payment", PaymentRun: "run", BankAccount: "account"}[model]
        action(**{parameter: model._default_manager.latest("pk")}, **about, by=by, at=at)

    return acts


def _decide_line(*, by: Person, at: Any) -> None:
    claims.decide_line(line=Claim.objects.latest("pk").lines.first(), outcome="accepted", by=by, at=at)


def _build(*, by: Person, at: Any) -> None:
    runs.build(programme=Programme.objects.get(), by=by, at=at)


ACTS: dict[str, Act] = {
    "start checking": _on(Claim, claims.start_checking),
    "accept the line": _decide_line,
    "recommend": _on(Claim, claims.recommend, milestone_outcome="met"),
    "send back": _on(Claim, claims.send_back, note=NOTE),
    "approve the claim": _on(Claim, claims.approve),
    "withdraw the claim": _on(Claim, claims.withdraw),
    "reject the claim": _on(Claim, claims.reject, note=NOTE),
    "hold": _on(Payment, payments.hold, note=NOTE),
    "lift": _on(Payment, payments.lift, note=NOTE),
    "fail": _on(Payment, payments.fail, note=NOTE),
    "retry": _on(Payment, payments.retry, note=NOTE),
    "cancel": _on(Payment, payments.cancel, note=NOTE),
    "build": _build,
    "approve the run": _on(PaymentRun, runs.approve),
    "release": _on(PaymentRun, runs.release),
    "void": _on(PaymentRun, runs.void, note=NOTE),
    "bank says paid": _statement("-"),
    "bank sends back": _statement(""),
    "set the account aside": _on(BankAccount, bank.set_aside, note=NOTE),
    "suspend": _on(Award, awards.suspend, note=NOTE),
    "resume": _on(Award, awards.resume, note=NOTE),
    "complete": _on(Award, awards.complete),
    "rescind": _on(Award, awards.rescind, note=NOTE),
}
ON_THE_WAY = (
    "start checking", "accept the line", "recommend", "approve the claim", "build", "approve the run", "release", "bank says paid",
    "bank sends back", "retry", "build", "release",
)  # fmt: skip
"""The way of the money, so that some sequences get to its end."""

anything = st.tuples(st.sampled_from(sorted(ACTS)), st.sampled_from(WHO))
sequences = st.one_of(
    st.lists(anything, min_size=5, max_size=25),
    st.tuples(*[st.tuples(st.just(name), st.sampled_from(WHO[2:8])) for name in ON_THE_WAY]).map(list),
    st.permutations(["officer", "lead", "finance", "second-finance", "independent-approver", "second-lead"]).map(
        lambda people: [(name, who) for name in ON_THE_WAY for who in people]
    ),
)

EXAMPLES = 20 if connection.vendor == "sqlite" else 8
"""The wide search is SQLite's, where a step costs half as much; PostgreSQL walks some of it again."""


@pytest.fixture(scope="module")
def cast(django_db_setup, django_db_blocker) -> Iterator[dict[str, Person]]:
    """A live award with a claim sent in."""
    with django_db_blocker.unblock(), transaction.atomic():
        people = everybody()
        stage.claim_submitted(people)
        yield people
        transaction.set_rollback(True)


@pytest.mark.django_db
@settings(max_examples=EXAMPLES, derandomize=True)
@given(sequence=sequences)
def test_no_sequence_breaks_the_books_the_trail_or_the_separation_of_duties(cast, sequence):
    with transaction.atomic():
        taken = take(cast, sequence)
        assert check_books() == []
        assert not [award for award in Award.objects.all() if award.paid_pence > award.amount_pence]
        assert not [budget for budget in Budget.objects.all() if budget.paid_pence > budget.amount_pence]
        assert sum(payment.amount_pence for payment in Payment.objects.exclude(state="cancelled")) <= Award.objects.get().amount_pence
        sealer.seal(at=stage.SETTLED)
        assert verify_all().is_good
        assert both_duties() == [], taken
        transaction.set_rollback(True)


def take(cast: dict[str, Person], sequence: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Try each act, an hour after the one before; refusals, and records not there yet, are part of it."""
    taken = []
    for hour, (name, who) in enumerate(sequence):
        try:
            with transaction.atomic():
                ACTS[name](by=cast[who], at=stage.APPROVED + timedelta(hours=hour))
        except (Refusal, Payment.DoesNotExist, PaymentRun.DoesNotExist):
            continue
        taken.append((name, who))
    return taken


def both_duties() -> list[tuple[str, set[str]]]:
    """People who carried out both duties of a pair: on the case, its company's bank details and its runs, which all touch one award."""
    return [
        (person.email, set(pair))
        for person in Person.objects.filter(pk__in=StepTaken.objects.exclude(duty="").values("by"))
        for pair in TABLES["small_team"]
        if pair <= set(StepTaken.objects.filter(by=person).exclude(stream__startswith="programme:").values_list("duty", flat=True))
    ]


@pytest.mark.django_db
def test_the_acts_reach_the_end_of_the_way(cast):
    """The right people in the right order are paid, so that the sequences above have something to break."""
    people = ("officer", "officer", "officer", "lead", "finance", "second-finance", "independent-approver", "officer")
    with transaction.atomic():
        taken = take(cast, list(zip(ON_THE_WAY, people, strict=False)))
        assert [name for name, _ in taken] == list(ON_THE_WAY[: len(people)])
        assert Award.objects.get().paid_pence > 0
        assert both_duties() == []
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_a_person_with_both_duties_would_be_found(cast):
    with transaction.atomic():
        take(cast, [("start checking", "officer")])
        done = StepTaken.objects.filter(duty="check_claim").latest("pk")
        done.pk, done.duty, done.step = None, "approve_claim", "approve"
        done.save()
        assert ("officer@example.org", {"check_claim", "approve_claim"}) in both_duties()
        transaction.set_rollback(True)
