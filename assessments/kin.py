"""Which companies belong together with those that applied: their parent, its other companies, their own, a group of the same name, and
those that they named as linked or as a partner when their size was judged.

Everything is a key, a company number or a plain name: what is known of a person is looked up, never compared in pairs.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from applications.models import Company, RelatedEnterprise

LEGAL_FORMS = frozenset({"limited", "ltd", "plc", "llp", "cic", "the"})
WORD = re.compile(r"[^\W_]+")


def plain(name: str) -> str:
    """A name as it is compared: lower case, letters and digits, without its legal form."""
    return " ".join(word for word in WORD.findall(name.lower()) if word not in LEGAL_FORMS)


@dataclass(frozen=True)
class Tie:
    """A company that applied; `is_group` where control binds it to the other, and not a share only."""

    company: int
    is_group: bool


def keys_of(*said: str) -> set[str]:
    """What somebody wrote for a company, as a number and as a plain name."""
    return {key for one in said for key in (one.strip().upper(), plain(one)) if key}


def keys_around(company: Company) -> set[str]:
    """What a company goes by, and what it shares with others of its group."""
    parent = company.group_parent_number.upper()
    return keys_of(company.company_number, company.name, parent, company.enterprise_group) | ({_below(parent)} if parent else set())


def ties_of(companies: Iterable[Company]) -> Mapping[str, set[Tie]]:
    """By key, the companies that applied and are bound to whom it stands for. One query."""
    companies = list(companies)
    found: dict[str, set[Tie]] = defaultdict(set)
    for company in companies:
        parent = company.group_parent_number.upper()
        group = {parent, _below(parent) if parent else "", _below(company.company_number), plain(company.enterprise_group)}
        for key in group - {""}:
            found[key].add(Tie(company.pk, is_group=True))
    related = RelatedEnterprise.objects.filter(company__in=companies, removed_at=None).order_by("pk")
    for pk, name, number, relation in related.values_list("company_id", "name", "company_number", "relation"):
        for key in keys_of(number, name):
            found[key].add(Tie(pk, is_group=relation == RelatedEnterprise.Relation.LINKED))
    return found


def _below(number: str) -> str:
    """The key of every company whose parent has this number."""
    return f"below {number.upper()}"
