"""The main job, small: companies through the whole journey on this database, and what it must come to."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.refusals import Refused
from applications.models import Application, Company
from audit.models import Event
from payments.models import Award, Payment
from reporting.demo import records
from workflow import separation
from workflow.models import StepTaken

HEADS = "Title,Description,Currency,Amount Awarded,Award Date,Recipient Org:Name,Recipient Org:Company Number,Recipient Org:Postal Code\n"
ROWS = (
    "Innovation Grant,Acme Rail Ltd measures track wear.,GBP,24970,2016-10-03,Acme Rail Ltd,01234567,CV4 7AL\n"
    "Innovation Grant,Sensing the weather.,GBP,15000,2016-10-03,Weather Works,,SW1H 0TL\n"
    "Something else,Not asked for.,GBP,500,2016-11-01,Other Org,,B1 1AA\n"
)
TODAY = date(2026, 11, 22)
KEYS = {
    "applications", "awarded_pence", "claimed_pence", "paid_pence", "budget_left_pence", "payment_runs", "audit_events", "audit_verified",
    "books_balanced",
}  # fmt: skip


def run(*arguments: str) -> dict:
    out = StringIO()
    call_command("demo", *arguments, "--json", stdout=out)
    lines = out.getvalue().strip().splitlines()
    assert len(lines) == 1, "one line, one object"
    return json.loads(lines[0])


@pytest.fixture
def awards_csv(tmp_path):
    path = tmp_path / "awards.csv"
    path.write_text(HEADS + ROWS)
    return path


@pytest.mark.once
@pytest.mark.parametrize("slug", ["devicomm", "datacomm", "digicomm"])
def test_each_of_the_other_programmes_goes_the_whole_way(db, slug):
    found = run("--companies", "1", "--programme", slug)
    assert found["audit_verified"]
    assert found["books_balanced"]
    assert 0 < found["paid_pence"] == found["awarded_pence"]
    if slug == "devicomm":
        assert set(StepTaken.objects.values_list("step", flat=True)) >= {"invite"}


def assert_nobody_did_both() -> None:
    """On no stream did one person carry out two duties that must stay apart."""
    done: dict[tuple[str, int], set[str]] = {}
    for stream, by, duty in StepTaken.objects.exclude(duty="").exclude(stream__startswith="programme:").values_list("stream", "by", "duty"):
        done.setdefault((stream, by), set()).add(duty)
    for (stream, _), duties in done.items():
        for pair in separation.TABLES["small_team"]:
            assert not pair <= duties or len(pair) == 1, f"{stream}: one person carried out {sorted(pair)}"


def test_a_few_go_the_whole_way_on_either_database_and_then_it_refuses_one_that_holds_applications(db):
    found = run("--companies", "2")
    assert set(found) == KEYS
    assert found["audit_verified"] is True
    assert found["books_balanced"] is True
    assert found["paid_pence"] > 0
    with pytest.raises(CommandError, match="empty one"):
        call_command("demo", "--companies", "1")


@pytest.mark.once
def test_fictional_companies_meet_everything_and_imported_awards_go_straight_through(db, awards_csv):
    found = run("--input", str(awards_csv), "--filter", "innovation grant")
    assert sum(found["applications"].values()) == 2 + 8
    assert set(found["applications"]) >= {"approved", "ineligible"}
    assert 0 < found["paid_pence"] <= found["claimed_pence"] <= found["awarded_pence"]
    assert found["budget_left_pence"] >= 0
    assert found["payment_runs"]
    assert found["audit_events"] == Event.objects.count()
    assert Payment.objects.exclude(state=Payment.State.SETTLED).count() == 0
    taken = set(StepTaken.objects.values_list("step", flat=True))
    assert taken >= {"clear_referral", "refuse_referral", "query", "confirm_exclusion", "declare_conflict", "release", "settle", "accept"}
    assert_nobody_did_both()
    assert_imported_awards_kept_amounts_and_dates_but_not_names()
    assert found["audit_verified"] is True
    assert found["books_balanced"] is True


def assert_imported_awards_kept_amounts_and_dates_but_not_names() -> None:
    imported = Award.objects.filter(programme__slug="demo-open").order_by("amount_pence")
    assert [award.amount_pence for award in imported] == [15_000_00, 24_970_00]
    assert all(award.application.decided_at.date() >= date(2016, 9, 20) for award in imported)
    names = set(Company.objects.values_list("organisation__name", flat=True))
    assert not names & {"Acme Rail Ltd", "Weather Works"}
    assert not Company.objects.filter(company_number="01234567").exists()
    assert not Application.objects.filter(public_summary__icontains="Acme").exists()
    applied = Application.objects.filter(round__programme__slug="demo-open")
    assert {application.state for application in applied} == {"approved"}
    assert not StepTaken.objects.filter(
        step__in=["query", "propose_exclusion", "refuse_referral"], stream__in=[f"case:{one.reference}" for one in applied]
    ).exists()


def test_real_names_are_kept_when_asked_for_and_absent_numbers_are_marked(awards_csv):
    kept, left_out = records.imported(awards_csv, text="innovation", limit=None, real_names=True, today=TODAY)
    assert (kept[0].name, kept[0].company_number, kept[0].is_number_synthetic) == ("Acme Rail Ltd", "01234567", False)
    assert kept[1].is_number_synthetic
    assert left_out == 0


def test_awards_that_came_to_nothing_are_left_out_and_counted(tmp_path):
    path = tmp_path / "awards.csv"
    path.write_text(HEADS + ROWS + "Innovation Grant,Never begun.,GBP,0,2016-10-03,Other Org,,B1 1AA\n")
    kept, left_out = records.imported(path, text="innovation", limit=None, real_names=False, today=TODAY)
    assert (len(kept), left_out) == (2, 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,2\n", "has no column"),
        (HEADS + "T,D,GBP,lots,2016-10-03,N,,\n", "Line 2: Amount Awarded"),
        (HEADS + "T,D,GBP,100,soon,N,,\n", "Line 2: Award Date"),
        (HEADS, "no rows below"),
        (HEADS.replace(",", ";"), "separated by commas"),
        (HEADS + "T,D,GBP,100,2099-01-01,N,,\n", "Line 2: Award Date is 2099-01-01, and that is still to come"),
        (HEADS + "T,D,GBP,100,0001-01-01,N,,\n", "is the year right"),
        (HEADS + "T,D,EUR,100,2016-10-03,N,,\n", "Line 2: Currency is “EUR”"),
        (HEADS + "T,D,GBP,-100,2016-10-03,N,,\n", "must not be negative"),
        (HEADS + "T,D,GBP,0,2016-10-03,N,,\n", "but for 1 of less than £100"),
        (HEADS + "T,D,GBP,100,2016-10-03,,,\n", "Line 2: Recipient Org:Name is empty"),
        (HEADS + "T,a\0b,GBP,100,2016-10-03,N,,\n", "Line 2: Description has a character"),
        (HEADS + "T,caf\udce9,GBP,100,2016-10-03,N,,\n", "not in UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_gets_a_sentence(tmp_path, text, says):
    path = tmp_path / "bad.csv"
    path.write_text(text, errors="surrogateescape")
    with pytest.raises(Refused, match=says):
        records.imported(path, text="", limit=None, real_names=False, today=TODAY)
