"""An advance that was not earned: asked back, seen at the bank by one person, confirmed by another; or waived by two."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client

from accounts.models import Person
from accounts.refusals import Denied, NotAllowedNow, Refused
from design.words import pounds_exact
from notifications.delivery import drain
from payments import due
from payments.actions import awards, claims, recoveries
from payments.books import check_books
from payments.models import Award, LedgerEntry, Recovery
from reporting import figures
from reporting.presenters.figures import payments_chart
from tests.cast import everybody
from tests.integration.payments.test_advances_and_outcomes import advanced, checked, document, paid, shown
from tests.stages import grants
from tests.stages import payments as stage
from workflow.engine import available_steps

CAME = stage.SETTLED + timedelta(days=20)
DUE_ON = (stage.SETTLED + timedelta(days=30)).date()


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def stage_set(django_db_setup, django_db_blocker) -> Iterator[tuple[dict[str, Person], Award]]:
    """An award whose advance is in the company's account, and no milestone covers it; each test's own changes are rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        people = everybody()
        award = stage.live(people, round=grants.open_round(people, programme=grants.published(people, text=document())))
        advanced(people, award)
        paid(people, award)
        yield people, Award.objects.get(pk=award.pk)
        transaction.set_rollback(True)


@pytest.fixture
def cast(stage_set):
    return stage_set[0]


@pytest.fixture
def unearned(stage_set):
    return Award.objects.get(pk=stage_set[1].pk)


def asked(cast, award, pence=None):
    about = {"amount_pence": pence or due.advance_left(award), "reason": "The work stopped.", "due_on": DUE_ON}
    return recoveries.ask(award=award, **about, by=cast["officer"], at=stage.SETTLED)


def received(cast, recovery, pence=None, *, by="finance"):
    about = {"pence": pence or recovery.amount_pence, "on": CAME.date(), "bank_reference": "FPI 0042"}
    return recoveries.receive(recovery=recovery, **about, by=cast[by], at=CAME)


def test_it_is_paid_back_and_the_award_is_completed(cast, unearned):
    quarter = unearned.paid_pence
    with pytest.raises(NotAllowedNow, match="claimed for, paid back or waived"):
        awards.complete(award=unearned, by=cast["officer"], at=stage.SETTLED)
    recovery = asked(cast, unearned)
    with pytest.raises(NotAllowedNow, match="Money is still asked back"):
        awards.complete(award=unearned, by=cast["officer"], at=stage.SETTLED)
    came = received(cast, recovery)
    assert Award.objects.get(pk=unearned.pk).paid_pence == quarter, "one person's word moves no money"
    with pytest.raises(Denied, match="You recorded a repayment on this award, so somebody else"):
        recoveries.confirm(recovery=came, by=cast["finance"], at=CAME)
    recoveries.confirm(recovery=came, by=cast["lead"], at=CAME)
    after = Award.objects.get(pk=unearned.pk)
    assert (after.paid_pence, after.approved_pence, due.advance_left(after)) == (0, 0, 0)
    entry = LedgerEntry.objects.get(kind="recovery")
    assert (entry.amount_pence, entry.source, entry.external_ref, entry.note) == (quarter, "recovery", recovery.reference, "FPI 0042")
    assert check_books() == []
    read = figures.for_programme(after.programme, at=CAME)
    assert sum(month.paid_pence for month in read.paid_by_month) == read["paid_pence"] == 0
    table = payments_chart(read)
    assert [column["label"] for column in table["columns"][1:]] == ["Reached companies", "Came back", "Paid"]
    assert {row[2] for row in table["rows"]} >= {pounds_exact(quarter)}
    with pytest.raises(NotAllowedNow, match="is paid back now"):
        recoveries.confirm(recovery=came, by=cast["lead"], at=CAME)
    done = awards.complete(award=after, by=cast["officer"], at=stage.OVER)
    assert done.state == "completed"
    done.release_commitment(at=stage.OVER)
    assert Award.objects.get(pk=done.pk).committed_pence == 0, "what came back can be given to somebody else"
    assert check_books() == []


def test_what_is_asked_back_is_not_worked_off_and_what_came_back_can_be_earned(cast, unearned):
    quarter, cap = unearned.paid_pence, unearned.milestones.get(number=1).cap_pence
    recovery = asked(cast, unearned, pence=quarter - 100)
    done = claims.approve(claim=checked(cast, shown(cast, unearned, 1), at=stage.CLAIMED), by=cast["lead"], at=stage.APPROVED)
    assert (done.offset_pence, done.approved_pence) == (100, cap - 100)
    part = recoveries.confirm(recovery=received(cast, recovery, pence=quarter - 200), by=cast["lead"], at=CAME)
    assert (part.received_pence, due.advance_left(unearned)) == (quarter - 200, 100)
    second = claims.approve(claim=checked(cast, shown(cast, unearned, 2), at=stage.CLAIMED), by=cast["lead"], at=stage.APPROVED)
    assert second.offset_pence == 100
    paid(cast, unearned, at=CAME)
    third = claims.approve(claim=checked(cast, shown(cast, unearned, 3), at=stage.CLAIMED), by=cast["lead"], at=stage.APPROVED)
    paid(cast, unearned, at=CAME)
    after = Award.objects.get(pk=unearned.pk)
    assert third.offset_pence == 0
    assert after.paid_pence == after.approved_pence == after.amount_pence
    assert check_books() == []


def test_it_is_waived_by_two_people(cast, unearned):
    recovery = asked(cast, unearned)
    with pytest.raises(Denied):
        recoveries.ask_waiver(recovery=recovery, note="Insolvent.", by=cast["officer"], at=CAME)
    proposed = recoveries.ask_waiver(recovery=recovery, note="It is insolvent.", by=cast["lead"], at=CAME)
    with pytest.raises(Denied):
        recoveries.waive(recovery=proposed, by=cast["lead"], at=CAME)
    again = recoveries.keep_asking(recovery=proposed, note="Wait for the liquidator.", by=cast["independent-approver"], at=CAME)
    assert (again.state, again.waiver_reason) == ("raised", "")
    proposed = recoveries.ask_waiver(recovery=again, note="Nothing was left.", by=cast["lead"], at=CAME)
    recoveries.waive(recovery=proposed, by=cast["independent-approver"], at=CAME)
    after = Award.objects.get(pk=unearned.pk)
    assert (after.paid_pence, due.advance_left(after)) == (unearned.paid_pence, 0)
    assert check_books() == []
    assert awards.complete(award=after, by=cast["officer"], at=stage.OVER).state == "completed"


def test_what_cannot_be_is_said(cast, unearned):
    left = due.advance_left(unearned)
    with pytest.raises(Refused, match="so much is not covered"):
        asked(cast, unearned, pence=left + 1)
    recovery = asked(cast, unearned, pence=left - 100)
    with pytest.raises(Refused, match=r"Ask for between £0\.01 and £1\.00"):
        asked(cast, unearned, pence=101)
    with pytest.raises(Refused, match="Enter what came in, up to that"):
        received(cast, recovery, pence=left)
    with pytest.raises(Refused, match="after it was asked for"):
        recoveries.receive(recovery=recovery, pence=1, on=DUE_ON, bank_reference="x", by=cast["finance"], at=CAME)
    with pytest.raises(Denied):
        received(cast, recovery, by="signatory")
    wrong = recoveries.mistake(recovery=received(cast, recovery), note="It was a donation.", by=cast["lead"], at=CAME)
    assert (wrong.state, wrong.received_pence, wrong.received_by) == ("raised", 0, None)
    recoveries.cancel(recovery=wrong, note="They go on with the work.", by=cast["officer"], at=CAME)
    assert due.advance_left(unearned) == left
    assert [one.step.name for one in available_steps(Recovery.objects.get(), cast["lead"], at=CAME)] == []


def test_it_is_done_by_page(cast, settings, unearned):
    """By pages, so that nobody needs anything else: officer, company, finance, lead."""
    settings.DEMO = True

    def at_home(who):
        client = Client()
        client.force_login(cast[who])
        return client

    def text_of(response):
        return " ".join(response.content.decode().split())

    home = f"/manage/awards/{unearned.reference}/"
    officer = at_home("officer")
    assert "Ask for the advance back" in text_of(officer.get(home))
    form = officer.get(f"{home}repayments/ask/").context["form"]
    due_on = form.initial["due_on"]
    day = {"due_on_day": due_on.day, "due_on_month": due_on.month, "due_on_year": due_on.year}
    given = {"amount_pence": f"{unearned.paid_pence / 100:.2f}", "reason": "The work stopped."} | day
    assert "The company is asked" in text_of(officer.post(f"{home}repayments/ask/", given, follow=True))
    recovery = Recovery.objects.get()
    drain(at=recovery.created_at)
    told = text_of(at_home("applicant").get(f"/apply/awards/{unearned.reference}/"))
    assert all(word in told for word in ("Money to pay back", "The work stopped.", "87654321", recovery.reference))
    page = recovery.get_absolute_url()
    on = recovery.created_at.date()
    came = {"pence": given["amount_pence"], "on_day": on.day, "on_month": on.month, "on_year": on.year, "bank_reference": "FPI 0042"}
    assert "Somebody else confirms it" in text_of(at_home("finance").post(page, came, follow=True))
    lead = at_home("lead")
    assert recovery.reference in text_of(lead.get("/home/"))
    assert "in the books" in text_of(lead.post(f"{page}confirm/", follow=True))
    assert Recovery.objects.get().state == "recovered"
