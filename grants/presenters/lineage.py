"""Copies of programmes: what a copy takes over, and what became different since."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from accounts.models import Person
from design.tones import tone_of
from design.words import in_words
from grants.definition import carried, differences, inherited, labels, outline, surgery, yaml_text
from grants.models import Programme, ProgrammeVersion
from grants.presenters import builder
from grants.presenters.staff import programme_href, version_href

MOST_WORDS = 160
"""Letters of a value that lists show: enough to know it again."""
MODELS = {"subsidy": "SubsidyBasis"}
COLUMNS = ["Programme", "State", "Copied", "From version"]


def before_cloning(source: Programme) -> dict[str, Any]:
    """What the copy takes over, counted."""
    version = source.published_version or source.latest_version
    taken: list[tuple[str, str]] = []
    if version:
        definition = version.definition
        taken = [
            ("Copied from", f"{source.name}, version {version.number}"),
            ("Form", f"{len(list(definition.form.questions()))} questions in {len(definition.form.sections)} sections"),
            ("Rules", str(len(definition.eligibility.rules))),
            ("Criteria and weights", ", ".join(f"{one.title} {one.weight}" for one in definition.criteria) or "None"),
            ("Indicators and reports", f"{len(definition.indicators)} and {len(definition.reports)}"),
            ("Notices", str(len(definition.notices))),
            ("People", "Everybody who holds a role on it holds the same role on the copy"),
        ]
    return {"source": source, "taken": taken, "back_href": programme_href(source)}


def page(programme: Programme, person: Person) -> dict[str, Any]:
    """The parent with the difference in words, and the copies made of this programme that the person may see."""
    parent = programme.cloned_from
    mine = programme.published_version or programme.latest_version
    copies = Programme.objects.visible_to(person).filter(cloned_from__programme=programme).select_related("cloned_from")
    may_see_parent = parent is not None and Programme.objects.visible_to(person).filter(pk=parent.programme_id).exists()
    return {
        "programme": programme,
        "back_href": programme_href(programme),
        "manage_href": reverse("grants:manage"),
        "parent": parent,
        "parent_href": version_href(parent) if parent and may_see_parent else "",
        "changes": differences.between(parent.definition, mine.definition) if parent and mine else [],
        "mine": mine,
        "columns": COLUMNS,
        "copies": [
            [
                {"text": copy.name, "href": programme_href(copy)},
                {"tag": copy.state_now.label, "tone": tone_of(copy.state)},
                in_words(copy.created_at),
                str(copy.cloned_from.number) if copy.cloned_from else "",
            ]
            for copy in copies.order_by("created_at", "pk")
        ],
    }


def carried_over(draft: builder.Draft) -> list[dict[str, str]]:
    """Where a copy for another strand still speaks of the strand it came from, each page once."""
    source = draft.programme.cloned_from
    if source is None or source.programme.strand == draft.values.get("strand"):
        return []
    found: dict[str, dict[str, str]] = {}
    for path, words in carried.places(draft.values, source.programme.strand):
        around = path[:-1] if isinstance(path[-1], str) else path[:-2]
        title = builder.title_of(surgery.get(draft.values, around), around) if len(around) > 1 else ""
        section = outline.section_of(path).title
        found.setdefault(builder.where(draft, path), {"where": section, "title": title, "words": words})
    return [one | {"href": href} for href, one in found.items()]


def still_as_in_parent(version: ProgrammeVersion) -> list[dict[str, str]]:
    """What a copy still says as its parent does, and nobody has said that it is right: each place with its words and its page."""
    programme, source = version.programme, version.programme.cloned_from
    if source is None:
        return []
    draft = builder.Draft(version)
    said = set(programme.kept_as_copied.values_list("place", flat=True))
    paths = inherited.places(draft.values, yaml_text.kept(source.document).values)
    return [
        {
            "key": inherited.key(path),
            "title": _called(path),
            "words": _in_brief(surgery.get(draft.values, path)),
            "href": builder.where(draft, path),
        }
        for path in paths
        if inherited.key(path) not in said
    ]


def copied_page(draft: builder.Draft) -> dict[str, Any]:
    """What is still as in the parent, what was said to be right as it is and by whom, and where the other strand is still named."""
    kept = draft.programme.kept_as_copied.select_related("kept_by").order_by("kept_at", "pk")
    return {
        "draft": draft,
        "copied_href": draft.url("draft_copied"),
        "parent": draft.programme.cloned_from,
        "rows": still_as_in_parent(draft.version),
        "carried": carried_over(draft),
        "kept": [
            {"title": _called(inherited.BY_KEY[one.place]), "who": f"{one.kept_by}, {in_words(one.kept_at)}"}
            for one in kept
            if one.place in inherited.BY_KEY
        ],
        "crumbs": [*builder.crumbs(draft)[:-1], ("As it was copied", "")],
    }


def _called(path: inherited.Path) -> str:
    """What a place is called: a whole section by its title, a single value by its label."""
    section = outline.section_of(path)
    if len(path) == 1:
        return section.title if section.holds == path else labels.label("", str(path[0]))
    return labels.label(MODELS.get(str(path[0]), ""), str(path[-1]))


def _in_brief(value: Any) -> str:
    """A value in one line: a text as it is, a list by the names in it, a group by the names of what it holds."""
    if isinstance(value, Mapping):
        words = _names([held for held in value.values() if isinstance(held, list) for held in held] or [*value.values()])
    else:
        words = _names(value) if isinstance(value, list) else str(value)
    return words if len(words) <= MOST_WORDS else f"{words[:MOST_WORDS]}…"


def _names(items: list[Any]) -> str:
    named = [builder.title_of(item, ()) if isinstance(item, Mapping) else str(item) for item in items]
    weights = [f" {item['weight']}" if isinstance(item, Mapping) and "weight" in item else "" for item in items]
    return ", ".join(f"{name}{weight}" for name, weight in zip(named, weights, strict=True) if name)
