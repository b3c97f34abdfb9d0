"""Minimal Financial Assistance: what an enterprise group has received in the window that counts (Subsidy Control Act 2022 s.36)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from accounts.refusals import NotAllowedNow
from applications.models.companies import Company, PreviousAward
from grants.money import format_pence
from grants.subsidies import limit_pence, window_start

__all__ = [
    "Given",
    "check_room",
    "counted_pence",
    "given_to_group",
    "knows",
    "limit_pence",
    "lock_group",
    "ours_pence",
    "received_pence",
    "room_pence",
    "total_pence",
    "window_start",
]


@dataclass(frozen=True)
class Given:
    """One sum of assistance to a company of the group: who gave how much when, and whether it was declared or is known to us."""

    body: str
    amount_pence: int
    given_on: date
    company: str = ""
    is_declared: bool = False


Known = Callable[[Iterable[Company], date], list[Given]]
_known: list[Known] = []


def knows(source: Known) -> Known:
    """Register a source of subsidy that we gave ourselves: `source(companies, since) -> [Given]`."""
    _known.append(source)
    return source


def lock_group(company: Company) -> None:
    """Hold the companies of the group, so that two subsidies to it are not given past each other."""
    with transaction.atomic():
        list(Company.objects.in_group_of(company).select_for_update(no_key=True, of=("self",)).order_by("pk").values_list("pk"))


def given_to_group(company: Company, on: date) -> list[Given]:
    """Declared and known assistance to the company's group in the window that counts on a day, newest first."""
    since = window_start(on)
    group = list(Company.objects.in_group_of(company).select_related("organisation").order_by("pk"))
    declared = PreviousAward.objects.filter(company__in=group, removed_at=None, given_on__gte=since, given_on__lte=on)
    names = {one.pk: one.name for one in group}
    found = [Given(row.body, row.amount_pence, row.given_on, names[row.company_id], is_declared=True) for row in declared.order_by("pk")]
    found += [one for source in _known for one in source(group, since)]
    return sorted(found, key=lambda one: one.given_on, reverse=True)


def counted_pence(given: Iterable[Given], on: date) -> int:
    """The gross sum of what was given in the window that counts on a day, its first and last day included."""
    since = window_start(on)
    return sum(one.amount_pence for one in given if since <= one.given_on <= on)


def received_pence(company: Company, on: date) -> int:
    """Declared and known assistance to the company's group since the window began, gross."""
    return counted_pence(given_to_group(company, on), on)


def total_pence(company: Company, on: date, *, said_pence: int = 0) -> int:
    """What counts for the group on a day: from others the larger of what it says in one sum and what it declared one by one, and from us
    what we gave, which nobody is asked to say again."""
    given = given_to_group(company, on)
    declared = counted_pence((one for one in given if one.is_declared), on)
    return max(said_pence, declared) + counted_pence(given, on) - declared


def ours_pence(company: Company, on: date) -> int:
    """What we gave the group ourselves in the window that counts on a day."""
    return counted_pence((one for one in given_to_group(company, on) if not one.is_declared), on)


def room_pence(received: int, on: date) -> int:
    """What may still be given: a total of exactly the limit is within it ("does not exceed", s.36(1))."""
    return max(0, limit_pence(on) - received)


def check_room(company: Company, amount_pence: int, *, on: date, said_pence: int = 0) -> None:
    """Raise NotAllowedNow where this subsidy, given on that day, would take the group over the limit.

    `said_pence` is what the company says that it received from others.
    """
    counted = total_pence(company, on, said_pence=said_pence)
    if amount_pence > room_pence(counted, on):
        raise NotAllowedNow(
            f"The group has received {format_pence(counted)} since {window_start(on):%-d %B %Y}. With {format_pence(amount_pence)} more it "
            f"would exceed the limit of {format_pence(limit_pence(on))} for Minimal Financial Assistance.",
            code="subsidy_limit_exceeded",
        )
