"""The figures by which a company's size is judged: its own, and those of the enterprises it belongs with."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Protocol

from grants import sizes
from grants.sizes import Limits


class Related(Protocol):
    """An enterprise that a company is linked with (more than half) or a partner of (a quarter to a half)."""

    relation: str
    share_percent: int
    employees: int
    turnover_pence: int
    balance_sheet_pence: int

    def of_year_before(self) -> Limits:
        """Its figures of the year before; this year's where it named no others."""
        ...


def figures_with(own: Limits, related: Iterable[Related], *, rule_set: str, is_year_before: bool = False) -> Limits:
    """The company's figures with those of its group, of one year.

    Companies Act 2006: the parent and all its subsidiaries, before what they owe each other is set off (gross). Recommendation 2003/361
    article 6: linked enterprises in full, partners by their share.
    """
    total = [Fraction(figure) for figure in own]
    for one in related:
        share = Fraction(1) if one.relation == "linked" else Fraction(one.share_percent, 100)
        if one.relation == "linked" or rule_set == "eu_2003_361":
            this_year = Limits(one.turnover_pence, one.balance_sheet_pence, one.employees)
            for place, figure in enumerate(one.of_year_before() if is_year_before else this_year):
                total[place] += figure * share
    return Limits(*(int(figure + Fraction(1, 2)) for figure in total))


@dataclass(frozen=True)
class YearBefore:
    """A company's figures of the year before, and as what size it counted then ("" where it did not say: by those figures)."""

    figures: Limits
    size: str = ""


def size_of(
    own: Limits, related: Iterable[Related], *, rule_set: str, on: date, before: YearBefore | None = None, is_public_company: bool = False
) -> str:
    """micro, small, medium or large by the named rule set, the group counted. A public company is large under the Companies Act.

    A limit that is passed, or not passed any more, counts in the second year running (Companies Act 2006 s.382(2), Recommendation 2003/361
    article 4(2)). Limit by limit that is the middle one of three sizes: by this year's figures, by last year's, and what it counted as
    last year. The other enterprises of the group count in each year with their figures of it; both years go by the limits in force now.
    """
    related = list(related)
    size = _of_one_year(own, related, rule_set=rule_set, on=on, is_public_company=is_public_company)
    if before is None:
        return size
    earlier = _of_one_year(before.figures, related, rule_set=rule_set, on=on, is_public_company=is_public_company, is_year_before=True)
    return sorted((size, earlier, before.size or earlier), key=sizes.ALL.index)[1]


def _of_one_year(
    own: Limits, related: list[Related], *, rule_set: str, on: date, is_public_company: bool, is_year_before: bool = False
) -> str:
    figures = figures_with(own, related, rule_set=rule_set, is_year_before=is_year_before)
    if rule_set == "eu_2003_361":
        return sizes.by_eu(sizes.in_euro_cents(figures, on=on))
    if is_public_company:
        return sizes.LARGE
    # an enterprise with nothing the year before did not belong then, so that the higher limits of groups do not hold for that year
    is_gross = any(one.relation == "linked" and (not is_year_before or any(one.of_year_before())) for one in related)
    return sizes.by_companies_act(figures, year_began_on=on, is_gross=is_gross)
