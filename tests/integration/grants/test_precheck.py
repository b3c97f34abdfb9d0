"""The eligibility check for visitors: no account, every reason at once, the same rules as a submission."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import yaml

from grants import precheck, rehearsing
from grants.definition import parse
from grants.forms.examples import ExampleForm
from grants.forms.programmes import PreCheckForm
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


def richer():
    """DIAGCOMM with rules on a calculated value, on rows of a group, on one kind of cost and on what only we know."""
    values = yaml.safe_load(document())
    asked = next(each["questions"] for each in values["form"]["sections"] if "grant_requested" in {one["id"] for one in each["questions"]})
    each = {"kind": "calculated", "shown_as": "money", "value": "answers.grant_requested / answers.heads"}
    cells = [{"id": "beds", "kind": "number", "label": "Beds"}, {"id": "share", "kind": "percent", "label": "Share"}]
    asked += [
        {"id": "heads", "kind": "number", "label": "How many will work on it?", "required": False},
        {"id": "per_head", "label": "Grant for each of them"} | each,
        {"id": "sites", "kind": "group", "label": "Where?", "row": "site", "required": False, "at_most": 4, "questions": cells},
    ]
    rules = {
        "cheap": "answers.per_head < 1000000",
        "roomy": "sum(answers.sites.map(site, site.beds)) >= 10 && answers.sites.all(site, site.share < 60.0)",
        "labour": 'costs.by_category["labour"] > 100',
        "trade": 'company.sic_codes.exists(code, code.startsWith("72"))',
    }
    same = {"code": "other", "on_fail": "reject", "sentence": "No."}
    values["eligibility"]["rules"] += [{"id": id, "title": f"It is {id}", "must": must} | same for id, must in rules.items()]
    return parse(yaml.safe_dump(values, sort_keys=False, allow_unicode=True))


RICHER = richer()


def test_a_calculated_value_is_asked_by_what_it_is_worked_out_from_and_nothing_is_asked_twice():
    assert [name for name in precheck.asks(RICHER) if name in ("grant", "answers.heads", "answers.grant_requested", "sic_codes")] == [
        "sic_codes", "grant", "answers.heads",
    ]  # fmt: skip
    given = GOOD | {"answers.heads": 2, "sic_codes": ["72190"]}
    found = {each.id: each for each in precheck.answer(RICHER, given, round_facts=ROUND, at=AT)}
    assert not found["cheap"].passed
    assert found["trade"].passed
    assert {each.id: each for each in precheck.answer(RICHER, GOOD, round_facts=ROUND, at=AT)}["cheap"].missing


def test_the_rules_that_it_does_not_try_are_named_with_why():
    assert precheck.left_out(RICHER) == [
        ("No report of an earlier award is overdue.", "It goes by what we know of you, or by what you confirm when you apply"),
        ("It is roomy", "It goes by what you list in the form under “Where?”"),
        ("It is labour", f"It goes by what you list in the form under “{RICHER.form.question('costs').label}”"),
    ]
    form = PreCheckForm(RICHER, {"answers__heads": "2"})
    assert form.is_valid()
    assert "answers__sites" not in form.fields
    assert form.given()["sic_codes"] is None, "left empty is not known, not known to be none"


class TestExampleCompanies:
    TYPED = {
        "name": "Two sites", "answers__heads": "3", "grant": "20,000", "sites__0__beds": "7", "sites__0__share": "50.5",
        "sites__1__beds": "4", "sites__1__share": "9", "costs__0__category": "labour", "costs__0__amount_pence": "300",
        "overdue_reports": "1",
    }  # fmt: skip

    def said(self, **instead):
        form = ExampleForm(RICHER, self.TYPED | instead)
        assert form.is_valid(), form.errors
        stored = precheck.taken_up(precheck.kept(form.given()))
        return {each.id: each for each in rehearsing.answer(RICHER, stored, AT)}

    def test_they_are_given_rows_and_what_only_we_know(self):
        found = self.said()
        assert all(found[rule].passed for rule in ("cheap", "roomy", "labour"))
        assert (found["no_overdue_report"].passed, found["no_overdue_report"].missing) == (False, ())

    @pytest.mark.parametrize(
        ("rule", "instead"),
        [
            ("roomy", {"sites__1__beds": "2"}),
            ("roomy", {"sites__0__share": "60"}),
            ("labour", {"costs__0__category": "materials"}),
            ("cheap", {"answers__heads": "2"}),
        ],
    )
    def test_every_cell_counts(self, rule, instead):
        assert (self.said(**instead)[rule].passed, self.said(**instead)[rule].missing) == (False, ())

    def test_another_row_is_asked_for_without_losing_or_judging_what_is_typed(self):
        form = ExampleForm(RICHER, {"more": "sites", "rows_sites": "2", "sites__0__beds": "not a number"})
        sites = next(table for table in form.tables() if table.question.id == "sites")
        assert (len(sites.rows), sites.count.value(), sites.can_grow) == (3, 3, True)
        assert sites.rows[0][0].value() == "not a number"
        assert not form.errors
        full = ExampleForm(RICHER, {"more": "sites", "rows_sites": "99"})
        assert [len(table.rows) for table in full.tables() if table.question.id == "sites"] == [4], "no more than the group takes"

    def test_what_is_kept_takes_its_types_again(self):
        form = ExampleForm(RICHER, self.TYPED)
        assert form.is_valid()
        kept = precheck.kept(form.given())
        assert kept["answers.sites"] == [{"beds": 7, "share": "50.5"}, {"beds": 4, "share": "9"}]
        facts = precheck.facts(RICHER, precheck.taken_up(kept), round_facts=ROUND, at=AT)
        assert facts["answers"]["sites"][0]["share"] == Decimal("50.5")
