"""The operator's own weights: loaded once, used from their day on, and what they say of a company's account."""

from datetime import date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from accounts.refusals import NotAllowedNow, Refused
from audit.models import Event
from config.doctor import data as doctor
from payments.actions import bank
from payments.models import BankAccount, SortCodeWeights
from tests.stages import applications
from tests.stages import payments as stage

SINCE = stage.NOTIFIED.date()
TABLE = "200000 200009 MOD10 0 0 0 0 0 0 0 0 0 0 0 0 0 1\r\n"
"""Numbers at 20-00-00 must end in nought."""


@pytest.fixture
def load(tmp_path):
    def loaded(text: str = TABLE, *, release: str = "8.50", since: date = SINCE, substitutes: str = "") -> None:
        (tmp_path / "weights.txt").write_text(text, newline="")
        (tmp_path / "substitutes.txt").write_text(substitutes)
        call_command(
            "sortcodes", "load", weights=tmp_path / "weights.txt", substitutes=tmp_path / "substitutes.txt", release=release,
            effective_on=since,
        )  # fmt: skip

    return loaded


@pytest.fixture
def enter(cast):
    """The owner enters an account of a company that has no award yet."""
    company = applications.company(cast)

    def entered(number: str, *, sort_code: str = "200000", at: datetime = stage.ACCEPTED) -> BankAccount:
        return bank.enter(company=company, name="Sample", sort_code=sort_code, account_number=number, by=cast["applicant"], at=at)

    return entered


def test_without_weights_nothing_is_said_to_be_checked(enter):
    account = enter("11112220")
    assert account.get_modulus_display() == "Not checked: no table of weights is loaded"
    assert [finding.severity for finding in doctor.weights()] == ["look"]


def test_a_number_that_cannot_be_is_told_to_the_company_and_changes_nothing(enter, load):
    first = enter("11112220")
    load()
    with pytest.raises(Refused, match="cannot belong to this sort code") as refused:
        enter("11112221")
    assert refused.value.details["field"] == "account_number"
    assert BankAccount.objects.get().pk == first.pk
    assert BankAccount.objects.get().state == "entered"
    assert enter("11112230").modulus == "valid"
    assert enter("11112221", sort_code="300000").modulus == "unchecked"


def test_what_was_entered_before_is_checked_with_the_call_back(cast, load):
    award = stage.accepted(cast)
    account = stage.bank_entered(cast, award, account_number="11112221")
    load()
    called = bank.check(
        account=account, called_on="0121 496 0000", spoke_to="Ann", payee_match="full", by=cast["officer"], at=stage.ACCEPTED
    )
    assert called.modulus == "invalid"
    with pytest.raises(NotAllowedNow, match="does not fit its sort code"):
        bank.verify(account=called, by=cast["lead"], at=stage.ACCEPTED)


def test_a_release_is_used_from_its_day_on(enter, load):
    load(since=stage.ACCEPTED.date() + timedelta(days=1))
    assert enter("11112221").modulus == "no_weights"
    with pytest.raises(Refused, match="cannot belong"):
        enter("11112221", at=stage.ACCEPTED + timedelta(days=1))


def test_loading_is_traced_and_done_once(cast, load):
    load()
    load()
    assert SortCodeWeights.objects.count() == 1
    event = Event.objects.get(kind="sort_code_weights.loaded")
    assert event.after["release"] == "8.50"
    load(release="8.60", since=date(2025, 6, 23))
    assert [finding.severity for finding in doctor.weights()] == ["well"]


@pytest.mark.parametrize(
    ("about", "sentence"),
    [({"text": "rubbish"}, "Line 1 of the weights"), ({"release": ""}, "Name the release"), ({"text": "x" * 1_000_001}, "far larger")],
)
def test_a_file_that_is_none_is_refused_whole(db, load, about, sentence):
    with pytest.raises(CommandError, match=sentence):
        load(**about)
    assert not SortCodeWeights.objects.exists()


def test_a_file_that_is_not_there_is_said_so(db, tmp_path, capsys):
    with pytest.raises(CommandError, match="No such file"):
        call_command("sortcodes", "load", weights=tmp_path / "none.txt", release="1", effective_on=date(2026, 1, 1))
    with pytest.raises(CommandError, match="Say which file"):
        call_command("sortcodes", "load", release="1")
    call_command("sortcodes", "show")
    assert "No weights are loaded" in capsys.readouterr().out
