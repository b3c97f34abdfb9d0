"""The eligibility check for visitors: no account, every reason at once, the same rules as a submission."""

from datetime import UTC, date, datetime

import pytest

from grants import precheck
from grants.definition import parse
from tests.stages.grants import CLOSES, OPENS, document

DIAGCOMM = parse(document())
ROUND = precheck.round_facts(DIAGCOMM, None) | {"reference": "DIAGCOMM-1", "opens_at": OPENS, "closes_at": CLOSES}
AT = datetime(2026, 10, 1, tzinfo=UTC)
GOOD = {
    "legal_form": "limited",
    "status": "active",
    "postcode": "B15 2TT",
    "employees": 12,
    "turnover": 90_000_000,
    "balance_sheet": 40_000_000,
    "is_insolvent": False,
    "mfa_received": 0,
    "grant": 2_100_000,
    "project_cost": 3_000_000,
    "starts_on": date(2027, 2, 1),
    "ends_on": date(2028, 1, 31),
    "answers.diagnostic_use": "detection",
    "answers.has_started": False,
}


def outcomes(**changes):
    given = GOOD | {name.replace("answers__", "answers."): value for name, value in changes.items()}
    return {outcome.id: outcome for outcome in precheck.answer(DIAGCOMM, given, round_facts=ROUND, at=AT)}


def failing(**changes):
    return {id for id, outcome in outcomes(**changes).items() if not outcome.passed}


def test_a_good_case_meets_every_rule():
    assert not failing()


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"legal_form": "sole_trader"}, "active_company"),
        ({"status": "dormant"}, "active_company"),
        ({"postcode": "BS1 1AA"}, "in_area"),
        ({"postcode": "CV9 1AA"}, "area_is_sure"),
        ({"is_insolvent": True}, "solvent"),
        ({"answers__diagnostic_use": "none"}, "diagnostic"),
        ({"answers__has_started": True}, "not_started"),
        ({"starts_on": date(2026, 10, 30), "ends_on": date(2027, 3, 1)}, "not_started"),
        ({"ends_on": date(2028, 2, 1)}, "length"),
        ({"grant": 999_999}, "grant_size"),
        ({"grant": 4_000_001, "project_cost": 9_000_000}, "grant_size"),
        ({"grant": 2_100_001}, "rate"),
        ({"mfa_received": 29_400_001}, "assistance_room"),
    ],
)
def test_each_rule_stands_alone(changes, rule):
    assert failing(**changes) == {rule}


def test_limits_themselves_are_met():
    assert not failing(mfa_received=29_400_000)
    assert not failing(grant=1_000_000)
    assert not failing(grant=4_000_000, project_cost=6_000_000)


def test_a_medium_company_gets_half():
    medium = {"employees": 120, "turnover": 2_000_000_000, "balance_sheet": 1_000_000_000}
    assert failing(**medium) == {"rate"}
    assert not failing(**medium, grant=1_500_000)


def test_a_plc_is_large():
    assert failing(legal_form="plc") == {"sme", "rate"}


def test_a_large_company_gets_nothing():
    found = outcomes(employees=300, turnover=6_000_000_000)
    assert found["sme"].sentence == "With its whole group counted your company is large: 300 people, turnover £60,000,000."
    assert found["rate"].sentence.endswith("the most for your company is 0 %.")


def test_an_edge_postcode_is_referred_not_rejected():
    assert outcomes(postcode="CV9 1AA")["area_is_sure"].on_fail == "refer"


def test_the_sentence_quotes_the_values():
    assert outcomes(mfa_received=30_000_000)["assistance_room"].sentence == (
        "Since 1 April 2024 your group has received £300,000. "
        "With this grant it would be £321,000, more than the £315,000 that the law allows."
    )


def test_what_is_left_empty_is_not_known():
    empty = precheck.answer(DIAGCOMM, {}, round_facts=ROUND, at=AT)
    assert len(empty) == 11
    assert all(outcome.missing and outcome.on_fail == "refer" for outcome in empty)


def test_what_only_we_know_is_left_for_later():
    assert [rule.id for rule in precheck.rules_left_out(DIAGCOMM)] == ["no_overdue_report"]
    assert "overdue_reports" not in precheck.asks(DIAGCOMM)


def test_only_what_the_rules_read_is_asked():
    assert precheck.asks(parse(document("demo-open"))) == ["grant", "project_cost", "starts_on", "ends_on"]


def test_the_size_goes_by_the_programme_s_rule():
    eu = parse(document().replace("size_rule: companies_act_2006", "size_rule: eu_2003_361"))
    fifty = GOOD | {"employees": 50, "turnover": 150_000_000, "balance_sheet": 60_000_000}
    sizes = [precheck.facts(each, fifty, round_facts=ROUND, at=AT)["company"]["size"] for each in (DIAGCOMM, eu)]
    assert sizes == ["small", "medium"], "at most 50 people by the Act, fewer than 50 by the Recommendation"
    euros = precheck.facts(eu, GOOD | {"employees": 12, "turnover": 8_600_000_000}, round_facts=ROUND, at=AT)["company"]["size"]
    assert euros == "small", "the balance sheet alone is within the limit; turnover in pounds is taken as euro"
