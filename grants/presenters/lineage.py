"""Copies of programmes: what a copy takes over, and what became different since."""

from typing import Any

from django.urls import reverse

from accounts.models import Person
from design.tones import tone_of
from design.words import in_words
from grants.definition import carried, differences, outline, surgery
from grants.models import Programme
from grants.presenters import builder
from grants.presenters.staff import programme_href, version_href

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
