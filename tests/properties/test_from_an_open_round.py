"""From a draft in an open round to a closed award, with anybody trying anything on the way: the books, the trail, the duties hold."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Person
from accounts.refusals import Refusal
from applications.actions import applications
from applications.models import Application
from assessments.actions import decisions
from audit import sealer
from audit.verify import verify_all
from grants.actions import rounds
from grants.models import Budget, Round
from notifications.delivery import drain
from payments.actions import awards
from payments.books import check_books
from payments.models import Award, Payment
from tests.cast import everybody
from tests.properties.test_any_sequence_of_steps import ACTS, NOTE, WHO, both_duties
from tests.stages import applications as applying
from tests.stages import assessments, grants, payments

Cast = dict[str, Person]
EXAMPLES = int(os.environ.get("EXAMPLES", "3"))
"""soak/sequences.py takes many more."""


def _application(act: Callable[..., Any], **about: Any) -> Callable[..., Any]:
    return lambda *, by, at: act(application=Application.objects.for_pages().get(), **about, by=by, at=at)


def _award(act: Callable[..., Any], **about: Any) -> Callable[..., Any]:
    return lambda *, by, at: act(award=Award.objects.get(), **about, by=by, at=at)


def _propose(outcome: str) -> Callable[..., Any]:
    def proposes(*, by: Person, at: datetime) -> None:
        found = Application.objects.for_pages().get()
        pence = found.grant_requested_pence if outcome == "approve" else 0
        decisions.propose(application=found, outcome=outcome, amount_pence=pence, reason="Strong.", by=by, at=at)

    return proposes


TRIES: dict[str, Callable[..., Any]] = ACTS | {
    "submit": _application(applications.sign_and_submit, name="Sigrid Signatory", position="Director"),
    "withdraw": _application(applications.withdraw),
    "reopen": _application(applications.reopen),
    "close the round": lambda *, by, at: rounds.close(round=Round.objects.get(), by=by, at=at),
    "propose": _propose("approve"),
    "propose to decline": _propose("decline"),
    "decide": _application(decisions.decide),
    "send the proposal back": _application(decisions.send_back, reason=NOTE),
    "notify": _application(decisions.notify),
    "clear": _award(awards.clear),
    "offer": _award(awards.offer),
    "accept the offer": _award(awards.accept),
    "refuse the offer": _award(awards.refuse, note=NOTE),
    "go live": _award(awards.go_live),
    "close": _award(awards.close),
}
"""What anybody may try at any moment, on whatever there is."""


def _assess(cast: Cast, at: datetime) -> None:
    assessments.met(cast, assessments.with_panel(cast, application=Application.objects.for_pages().get(), at=assessments.SETTLED))


def _set_up(cast: Cast, at: datetime) -> None:
    award = Award.objects.get()
    payments.bank_verified(cast, award)
    awards.meet_conditions(award=award, note="Not begun.", by=cast["officer"], at=at)
    payments.paying_account(cast, award, at=at)


WAY: tuple[tuple[str, str | Callable[[Cast, datetime], Any], datetime], ...] = (
    ("submit", "signatory", grants.WHILE_OPEN),
    ("close the round", "lead", grants.CLOSES),
    ("be assessed", _assess, assessments.SETTLED),
    ("propose", "officer", assessments.SETTLED),
    ("decide", "lead", assessments.DECIDED),
    ("notify", "officer", assessments.NOTIFIED),
    ("be drafted", lambda cast, at: drain(at=at), assessments.NOTIFIED),
    ("be checked", lambda cast, at: payments.checked(cast, award=Award.objects.get()), payments.CHECKED),
    ("clear", "officer", payments.CHECKED),
    ("offer", "officer", payments.OFFERED),
    ("accept the offer", "signatory", payments.ACCEPTED),
    ("be set up", _set_up, payments.ACCEPTED),
    ("go live", "officer", payments.LIVE),
    ("be claimed", lambda cast, at: payments.claim_submitted(cast, award=Award.objects.get()), payments.CLAIMED),
    ("start checking", "officer", payments.APPROVED),
    ("accept the line", "officer", payments.APPROVED),
    ("recommend", "officer", payments.APPROVED),
    ("approve the claim", "lead", payments.APPROVED),
    ("build", "finance", payments.PAID),
    ("release", "independent-approver", payments.PAID),
    ("bank says paid", "officer", payments.SETTLED),
    ("complete", "officer", payments.OVER),
    ("bank sends back", "officer", payments.OVER),
    ("retry", "finance", payments.OVER),
    ("build", "finance", payments.OVER),
    ("release", "independent-approver", payments.OVER),
)
"""The lawful way, each step by who may take it; some are a whole stage of the house's own."""

intruders = st.lists(st.tuples(st.sampled_from(sorted(TRIES)), st.sampled_from([*WHO, "chair"])), max_size=2)
journeys = st.tuples(*[intruders for _ in WAY])


@pytest.fixture(scope="module")
def cast(django_db_setup, django_db_blocker) -> Iterator[Cast]:
    """A draft with every answer, in an open round."""
    with django_db_blocker.unblock(), transaction.atomic():
        people = everybody()
        applying.draft(people)
        yield people
        transaction.set_rollback(True)


@pytest.mark.once
@pytest.mark.django_db
@settings(max_examples=EXAMPLES, derandomize=EXAMPLES < 10)
@given(journey=journeys)
def test_whoever_tries_what_on_the_way_nothing_breaks(cast, journey):
    with transaction.atomic():
        walk(cast, journey)
        holds()
        transaction.set_rollback(True)


@pytest.mark.once
@pytest.mark.django_db
def test_the_way_is_walked_to_its_end_when_nobody_meddles(cast):
    with transaction.atomic():
        assert walk(cast, tuple([] for _ in WAY)) == [name for name, _, _ in WAY]
        assert Payment.objects.get().attempt == 2
        holds()
        transaction.set_rollback(True)


def walk(cast: Cast, journey: tuple[list[tuple[str, str]], ...]) -> list[str]:
    """Before each lawful step whatever the intruders try; refusals are part of it. Returns the lawful steps that were taken."""
    taken = []
    for number, ((name, how, at), tried) in enumerate(zip(WAY, journey, strict=True)):
        for minute, (other, who) in enumerate(tried):
            attempt(TRIES[other], by=cast[who], at=at + timedelta(minutes=3 * number + minute))
        moment = at + timedelta(minutes=3 * number + 2)
        if attempt(TRIES[name], by=cast[how], at=moment) if isinstance(how, str) else attempt(how, cast, moment):
            taken.append(name)
    return taken


def attempt(act: Callable[..., Any], *given: Any, **about: Any) -> bool:
    """Whether it was done. What is not there yet, or not in the state that a stage expects, is as good as refused."""
    try:
        with transaction.atomic():
            act(*given, **about)
    except (Refusal, ObjectDoesNotExist, AssertionError):
        return False
    return True


def holds() -> None:
    assert check_books() == []
    assert not [award for award in Award.objects.all() if award.paid_pence > award.amount_pence]
    assert not [award for award in Award.objects.all() if award.approved_pence > award.amount_pence]
    assert not [budget for budget in Budget.objects.all() if max(budget.paid_pence, budget.committed_pence) > budget.amount_pence]
    assert not Award.objects.filter(state="closed", payments__state__in=("due", "held", "in_run", "released")).exists()
    sealer.seal(at=payments.SETTLED + timedelta(days=1))
    assert verify_all().is_good
    assert both_duties() == []
