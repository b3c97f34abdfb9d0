"""What is in proportion to the size of a grant: defaults that warn, and never refuse.

A small grant asks for few words, few checks, few claims and few reports; a larger one for more. A funder may have reasons to differ.
"""

from dataclasses import dataclass

from grants.definition.document import Definition
from grants.money import format_pence


@dataclass(frozen=True)
class Band:
    """What fits grants up to this size. `checks` are words of which each is looked for in the titles and ids of the checks."""

    up_to_pence: int
    words: int
    claims: int
    checks: tuple[str, ...]
    reports: tuple[str, ...]
    """Of `half-yearly`, `close`, `year`."""


BANDS: tuple[Band, ...] = (
    Band(1_000_000, 600, 2, ("companies house", "sanctions"), ("close", "year")),
    Band(2_500_000, 1_200, 4, ("companies house", "sanctions", "accounts"), ("close", "year")),
    Band(5_000_000, 2_000, 4, ("companies house", "sanctions", "accounts", "director"), ("half-yearly", "close", "year")),
)
VIREMENT_PERCENT = 10
_REPORTS = {"half-yearly": "a half-yearly report", "close": "a report at the end", "year": "a report twelve months after the end"}


def warnings(definition: Definition) -> list[str]:
    """What is out of proportion to the programme's largest grant, in sentences, and rates that pay nothing.

    Above the largest band there are no defaults.
    """
    return _rates_of_nothing(definition) + _out_of_proportion(definition)


def _rates_of_nothing(definition: Definition) -> list[str]:
    """A rate of 0 % lets companies apply that can be paid nothing."""
    return [
        f"The rate for {' and '.join(rate.sizes)} companies is 0 %: they may apply, and get nothing. Leave the rate out, or say what it is."
        for rate in definition.funding.rates
        if rate.percent == 0
    ]


def _out_of_proportion(definition: Definition) -> list[str]:
    largest = definition.funding.grant_max
    band = next((each for each in BANDS if largest <= each.up_to_pence), None)
    if band is None:
        return []
    size = f"for grants up to {format_pence(largest)}"
    found = []
    if definition.form.words_in_all > band.words:
        found.append(f"The form asks for {definition.form.words_in_all:,} words in all; {band.words:,} are usual {size}.")
    if definition.delivery.claims_at_most > band.claims:
        found.append(f"Up to {definition.delivery.claims_at_most} claims are taken; {band.claims} are usual {size}.")
    told = " ".join(f"{check.id.replace('_', ' ')} {check.title}" for check in definition.award.checklist).lower()
    found += [f"No check before the offer is about {check}, which is usual {size}." for check in band.checks if check not in told]
    owed = _reports(definition)
    found += [f"There is no {_REPORTS[kind].removeprefix('a ')}, which is usual {size}." for kind in band.reports if kind not in owed]
    found += [f"There is {_REPORTS[kind]}, more than is usual {size}." for kind in sorted(owed - set(band.reports))]
    if definition.delivery.virement_percent < VIREMENT_PERCENT:
        found.append(
            f"Moving {definition.delivery.virement_percent} % between kinds of cost already needs our word; {VIREMENT_PERCENT} % is usual."
        )
    return found


def _reports(definition: Definition) -> set[str]:
    found = set()
    for report in definition.reports:
        if report.every_months:
            found.add("half-yearly")
        elif report.after == "end":
            found.add("year" if report.months >= 6 else "close")
    return found
