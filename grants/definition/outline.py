"""The sections that a draft is worked on by: what the builder's task list shows, and which keys each holds."""

from dataclasses import dataclass
from typing import Any

Path = tuple[Any, ...]


@dataclass(frozen=True)
class Section:
    """One task of the builder: top-level keys that belong together."""

    key: str
    title: str
    hint: str
    holds: tuple[str, ...]

    def has(self, path: Path) -> bool:
        """Whether a place of the document belongs to it."""
        return bool(path) and path[0] in self.holds


SECTIONS: tuple[Section, ...] = (
    Section("identity", "What it is", "Name, strand, purpose, who it is for", ("name", "slug", "strand", "purpose", "audience", "control")),
    Section("parties", "Who is behind it", "Funder, granting authority, delivery body, senior officer", ("parties",)),
    Section("route", "How companies come to it", "Open call or not, how rounds follow each other", ("route", "rounds")),
    Section("funding", "Money and rates", "Grants, budget, intervention rates, co-funders", ("funding",)),
    Section("place", "Where and what size", "Postcodes, how the size of a company is judged", ("area", "size_rule")),
    Section("stages", "Stages", "From eligibility to delivery", ("stages", "expression", "interview", "demonstration")),
    Section("form", "Application form", "Sections, questions, conditions, documents", ("form",)),
    Section("eligibility", "Eligibility rules", "What must be true, and what is said when it is not", ("eligibility",)),
    Section("criteria", "Criteria", "Weights, marks, what assessors read", ("criteria",)),
    Section("assessment", "Assessment", "Assessors, threshold, moderation", ("assessment",)),
    Section("decision", "Decision", "Whose agreement large grants need, the reserve list, which words are not sent", ("decision",)),
    Section("award", "Offer and set-up", "Conditions, checks before the offer", ("award",)),
    Section("delivery", "Payment and costs", "Claims, kinds of cost, evidence, assurance", ("delivery",)),
    Section("indicators", "Indicators", "What is counted, and how", ("indicators",)),
    Section("reports", "Report calendar", "What is reported when", ("reports",)),
    Section("subsidy", "Subsidy", "The law the money is given under", ("subsidy",)),
    Section("notices", "Notices", "The programme's own words", ("notices",)),
    Section("retention", "How long records are kept", "Years after the last payment", ("retention",)),
)
BY_KEY = {section.key: section for section in SECTIONS}


def section_of(path: Path) -> Section:
    """The section that a place belongs to; what belongs to none is found in the first."""
    return next((section for section in SECTIONS if section.has(path)), SECTIONS[0])
