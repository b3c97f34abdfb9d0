"""Tax numbers, sizes of groups and the register's words, without a database."""

from dataclasses import dataclass, replace
from datetime import date

import pytest

from accounts.refusals import Refused
from applications import companies_house, taxnumbers
from applications.forms.companies import CompanyForm, checked_before
from applications.groups import YearBefore, figures_with, size_of
from grants import identifiers, precheck
from grants.sizes import Limits, in_euro_cents

M = 100_000_000
"""A million pounds in pence."""


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1234567", "01234567"), ("12 34 56", "00123456"), (" sc 123456 ", "SC123456"), ("ni12345", "NI012345"), ("oc301234", "OC301234"),
        ("so300001", "SO300001"), ("CE001234", "CE001234"), ("r0123456", "R0123456"), ("01234567", "01234567"), ("sl-001234", "SL001234"),
    ],
)  # fmt: skip
def test_company_numbers_are_made_regular(typed, number):
    assert identifiers.company_number(typed) == number


@pytest.mark.parametrize("typed", ["", "12345", "123456789", "XX123456", "SC12", "ABCDEFGH", "0123456A", "٠١٢٣٤٥٦٧"])
def test_what_cannot_be_a_company_number_is_refused(typed):
    with pytest.raises(Refused, match="number from Companies House"):
        identifiers.company_number(typed)


@pytest.mark.parametrize(("typed", "utr"), [("3282497350", "3282497350"), ("19558 39661", "1955839661"), ("1955839661k", "1955839661")])
def test_taxpayer_references(typed, utr):
    assert taxnumbers.utr(typed) == utr


@pytest.mark.parametrize("typed", ["2955839661", "3282497351", "328249735", "32824973500", "KK3282497350", ""])
def test_wrong_taxpayer_references(typed):
    with pytest.raises(Refused, match="Unique Taxpayer Reference"):
        taxnumbers.utr(typed)


@pytest.mark.parametrize(
    ("typed", "number"),
    [("GB 980 7806 84", "GB980780684"), ("980780684", "GB980780684"), ("XI980780684", "XI980780684"), ("980780684001", "GB980780684001"),
     ("GBGD001", "GBGD001"), ("ha599", "GBHA599")],
)  # fmt: skip
def test_vat_numbers(typed, number):
    assert taxnumbers.vat_number(typed) == number


@pytest.mark.parametrize("typed", ["980780685", "98078068", "GD500", "HA499", "GB", "FR980780684", "9807806840"])
def test_wrong_vat_numbers(typed):
    with pytest.raises(Refused, match="VAT number"):
        taxnumbers.vat_number(typed)


@dataclass
class Enterprise:
    relation: str
    share_percent: int
    employees: int
    turnover_pence: int
    balance_sheet_pence: int
    earlier: Limits | None = None

    def of_year_before(self):
        return self.earlier or Limits(self.turnover_pence, self.balance_sheet_pence, self.employees)


OWN = Limits(2 * M, 1 * M, 9)
LINKED = Enterprise("linked", 80, 45, 9 * M, 2 * M)
PARTNER = Enterprise("partner", 30, 100, 10 * M, 10 * M)


def test_linked_count_in_full_and_partners_by_their_share_under_the_european_rule():
    assert figures_with(OWN, [LINKED, PARTNER], rule_set="companies_act_2006") == Limits(11 * M, 3 * M, 54)
    assert figures_with(OWN, [LINKED, PARTNER], rule_set="eu_2003_361") == Limits(14 * M, 6 * M, 84)
    assert figures_with(OWN, [], rule_set="eu_2003_361") == OWN


@pytest.mark.parametrize(
    ("own", "related", "rule_set", "size"),
    [
        (Limits(1 * M, 5 * M // 10, 11), [], "companies_act_2006", "micro"),  # two of three
        (Limits(1 * M + 1, 5 * M // 10, 11), [], "companies_act_2006", "small"),
        (Limits(15 * M, 75 * M // 10, 51), [], "companies_act_2006", "small"),
        (Limits(15 * M + 1, 75 * M // 10, 51), [], "companies_act_2006", "medium"),
        (Limits(9 * M, 7 * M, 9), [LINKED], "companies_act_2006", "small"),  # £18m and £9m gross: exactly the group's limits
        (Limits(9 * M + 1, 7 * M, 9), [LINKED], "companies_act_2006", "medium"),
        (OWN, [PARTNER], "companies_act_2006", "small"),  # a partner does not count
        (Limits(1 * M, 1 * M, 10), [], "eu_2003_361", "small"),  # fewer than 10 is asked
        (Limits(1 * M, 1 * M, 9), [], "eu_2003_361", "micro"),
        (Limits(1 * M, 1 * M, 9), [PARTNER], "eu_2003_361", "small"),  # 9 and 30: 39 people
        (Limits(100 * M, 100 * M, 9), [], "eu_2003_361", "large"),
    ],
)
def test_sizes(own, related, rule_set, size):
    assert size_of(own, related, rule_set=rule_set, on=date(2026, 6, 1)) == size


def test_a_public_company_is_large_under_the_companies_act():
    assert size_of(OWN, [], rule_set="companies_act_2006", on=date(2026, 6, 1), is_public_company=True) == "large"


def test_pounds_become_euros_at_the_average_of_the_year_before():
    assert in_euro_cents(Limits(84_662, 84_662, 7), on=date(2025, 6, 1)) == Limits(100_000, 100_000, 7)
    assert in_euro_cents(Limits(86_979, 0, 7), on=date(2024, 12, 31)).turnover_pence == 100_000


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("Private Limited Company", "limited"), ("ltd", "limited"), ("PRI/LTD BY GUAR/NSC", "limited"),
        ("private limited guarant nsc", "limited"), ("Public Limited Company", "plc"), ("plc", "plc"), ("llp", "llp"),
        ("Limited Liability Partnership", "llp"), ("Community Interest Company", "cic"), ("ltd community interest company", "cic"),
        ("Charitable Incorporated Organisation", "charity"), ("Private Unlimited Company", "other"), ("Limited Partnership", "other"),
        ("Royal Charter Company", "other"), ("Overseas Entity", "other"),
    ],
)  # fmt: skip
def test_the_registers_kinds(kind, form):
    assert companies_house.legal_form(kind) == form


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("Active", "active"), ("Active - Proposal to Strike off", "active"), ("active", "active"), ("Liquidation", "insolvent"),
        ("In Administration", "insolvent"), ("voluntary-arrangement", "insolvent"), ("insolvency-proceedings", "insolvent"),
        ("Live but Receiver Manager on at least one charge", "insolvent"), ("dissolved", "dissolved"), ("converted-closed", "dissolved"),
        ("", "dissolved"),
    ],
)  # fmt: skip
def test_the_registers_statuses(words, status):
    assert companies_house.status(words) == status


def test_spellings_of_one_name():
    assert companies_house.is_same_name("Lantern Assay Ltd.", "LANTERN ASSAY LIMITED")
    assert companies_house.is_same_name("Smith & Daughters Ltd", "SMITH AND DAUGHTERS LIMITED")
    assert not companies_house.is_same_name("Lantern Assay Ltd", "LANTERN ASSAYS LIMITED")


SMALL, MEDIUM, BIG = Limits(10 * M, 5 * M, 40), Limits(40 * M, 20 * M, 200), Limits(90 * M, 60 * M, 900)


@pytest.mark.parametrize("rule_set", ["companies_act_2006", "eu_2003_361"])
@pytest.mark.parametrize(
    ("own", "before", "size"),
    [
        (MEDIUM, None, "medium"),
        (MEDIUM, YearBefore(SMALL, "small"), "small"),
        (MEDIUM, YearBefore(MEDIUM, "small"), "medium"),
        (SMALL, YearBefore(MEDIUM, "small"), "small"),
        (SMALL, YearBefore(MEDIUM, "medium"), "medium"),
        (SMALL, YearBefore(SMALL, "medium"), "small"),
        (BIG, YearBefore(MEDIUM, "small"), "medium"),
        (MEDIUM, YearBefore(SMALL), "small"),
    ],
)
def test_a_change_of_size_counts_in_the_second_year_running(rule_set, own, before, size):
    own, before = (own, before) if rule_set == "companies_act_2006" else (_eu(own), before and YearBefore(_eu(before.figures), before.size))
    assert size_of(own, [], rule_set=rule_set, on=date(2026, 6, 1), before=before) == size


NOTHING = Limits(0, 0, 0)
GROWN = Enterprise("linked", 80, 200, 40 * M, 20 * M, earlier=Limits(1 * M, 1 * M, 5))
BOUGHT = Enterprise("linked", 80, 200, 40 * M, 20 * M, earlier=NOTHING)
AS_BEFORE = Enterprise("linked", 80, 200, 40 * M, 20 * M)


@pytest.mark.parametrize(("related", "size"), [(AS_BEFORE, "medium"), (GROWN, "small"), (BOUGHT, "small")])
def test_a_group_counts_in_each_year_with_its_figures_of_that_year(related, size):
    before = YearBefore(OWN)
    assert size_of(OWN, [related], rule_set="companies_act_2006", on=date(2026, 6, 1), before=before) == size


def test_the_higher_limits_of_groups_hold_only_for_a_year_in_which_there_was_one():
    own = Limits(16 * M, 8 * M, 40)  # above £15m and £7.5m, below £18m and £9m gross
    now = Enterprise("linked", 80, 0, 1, 1)
    for earlier, size in ((Limits(1, 1, 1), "small"), (NOTHING, "medium")):
        related = [replace(now, earlier=earlier)]
        assert size_of(own, related, rule_set="companies_act_2006", on=date(2026, 6, 1), before=YearBefore(own, "medium")) == size


def _eu(figures: Limits) -> Limits:
    """The same kind of company under the lower limits of the Recommendation."""
    return Limits(figures.turnover_pence * 2 // 3, figures.balance_sheet_pence * 2 // 3, figures.employees)


def test_the_year_before_is_given_whole_or_not_at_all():
    form = CompanyForm({"earlier_employees": "12"})
    assert {"earlier_turnover_pence", "earlier_balance_sheet_pence"} <= set(form.errors)
    assert not {name for name in CompanyForm({}).errors if name.startswith("earlier")}


def test_a_groups_figures_are_not_carried_over_as_the_companys_own():
    kept = {precheck.session_key("diagcomm"): {"employees": 900, "turnover": 90 * M, "balance_sheet": 60 * M, "postcode": "B1 1AA"}}
    assert checked_before(kept) == {"postcode": "B1 1AA"}
