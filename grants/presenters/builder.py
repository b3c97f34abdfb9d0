"""The pages on which a draft is written: the task list with its gate, one section, one group, what somebody else changed meanwhile."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from django.urls import reverse

from design.words import in_words, moment_in_words
from grants.definition import (
    Definition,
    Problem,
    editing,
    labels,
    loading,
    outline,
    proportion,
    references,
    slots,
    surgery,
    yaml_text,
)
from grants.models import ProgrammeVersion, SectionTask
from grants.presenters import staff
from workflow import staffing

Path = tuple[Any, ...]


class Draft:
    """A draft being written, read once for the page."""

    def __init__(self, version: ProgrammeVersion) -> None:
        self.version, self.programme, self.slug = version, version.programme, version.programme.slug

    @cached_property
    def values(self) -> dict[str, Any]:
        values: dict[str, Any] = yaml_text.kept(self.version.document).values
        return values

    @cached_property
    def began_as(self) -> dict[str, Any]:
        """What the draft began as: the version published last, or the programme that it is a copy of; nothing for one written anew."""
        source = self.programme.published_version or self.programme.cloned_from
        values: dict[str, Any] = yaml_text.kept(source.document).values if source else {}
        return values

    @cached_property
    def _examined(self) -> tuple[Definition, list[Problem]]:
        return loading.examine(self.version.document, source="The draft")

    @property
    def definition(self) -> Definition:
        return self._examined[0]

    @property
    def problems(self) -> list[Problem]:
        """What does not hold together yet."""
        return self._examined[1]

    @cached_property
    def tasks(self) -> dict[str, SectionTask]:
        return {task.section: task for task in self.version.section_tasks.select_related("owner", "ready_by")}

    def model(self, path: Path) -> Any:
        """The model of the group at a path, or None where there can be no group."""
        return slots.model_at(self.values, path)

    def section_problems(self, section: outline.Section) -> list[Problem]:
        return [each for each in self.problems if outline.section_of(each.steps) is section]

    def url(self, name: str, *arguments: str) -> str:
        return reverse(f"grants:{name}", args=[self.slug, *arguments])

    def href(self, path: Path) -> str:
        """The page on which a place is written: a group's own, for a list the page of the group around it."""
        around = path[:-1] if path and slots.list_at(self.values, path) else path
        if len(around) <= 1:
            return self.url("draft_section", outline.section_of(path or around).key)
        return self.url("draft_part", joined(around))


def joined(path: Path) -> str:
    """`form/sections/0/questions` as an address says it."""
    return "/".join(map(str, path))


def split(where: str) -> Path:
    """The path that an address names."""
    return tuple(int(step) if step.isdecimal() else step for step in where.strip("/").split("/") if step)


def task_page(draft: Draft, at: datetime) -> dict[str, Any]:
    """The task list: every section with its owner and its status, and what stands between the draft and its publication."""
    return {
        "draft": draft,
        "version": draft.version,
        "title": f"Draft of version {draft.version.number}",
        "crumbs": [*crumbs(draft)[:-2], ("Draft", "")],
        "tasks": [_task(draft, section) for section in outline.SECTIONS],
        "missing": missing(draft, at),
        "warnings": proportion.warnings(draft.definition),
        "edited": f"Last changed {moment_in_words(draft.version.edited_at)} by {draft.version.edited_by}"
        if draft.version.edited_at
        else "",
        "version_href": staff.version_href(draft.version),
        "links": [
            ("See it as an applicant", reverse("manage_applications:preview", args=[draft.slug])),
            ("See it as an assessor", draft.url("draft_assessor")),
            ("See its public page", draft.url("draft_public")),
            ("Try the rules on example companies", draft.url("draft_rules")),
            ("Rehearse the whole journey", draft.url("rehearsals")),
            ("Write it as text, or paste another", draft.url("draft_text", "all")),
            ("Download it", reverse("grants:document", args=[draft.slug, draft.version.number])),
        ],
    }


def _task(draft: Draft, section: outline.Section) -> dict[str, Any]:
    wrong, task = draft.section_problems(section), draft.tasks.get(section.key)
    owner = f"{task.owner} writes it. " if task and task.owner else ""
    row = {"title": section.title, "href": draft.url("draft_section", section.key), "hint": f"{owner}{section.hint}"}
    if wrong:
        return row | {"status": f"{len(wrong)} to mend", "tone": "waiting"}
    if task and task.ready_at:
        return row | {"status": "Completed"}
    if task and task.owner:
        return row | {"status": "Being written", "tone": "active"}
    is_changed = any(draft.values.get(key) != draft.began_as.get(key) for key in section.holds)
    return row | ({"status": "Changed", "tone": "active"} if is_changed else {"status": "Unchanged", "tone": "neutral"})


def missing(draft: Draft, at: datetime) -> list[dict[str, str]]:
    """Everything that keeps the draft from being published, by name, each with the page where it is put right."""
    found = [
        {"text": labels.in_words(each.sentence), "where": _called(draft, each.steps), "href": where(draft, each.steps)}
        for each in draft.problems
    ]
    for section in outline.SECTIONS:
        task = draft.tasks.get(section.key)
        if task and task.owner and not task.ready_at:
            found.append(
                {
                    "text": f"{task.owner} has not said that it is ready.",
                    "where": section.title,
                    "href": draft.url("draft_section", section.key),
                }
            )
    if not draft.definition.parties.senior_officer:
        found.append(
            {
                "text": "No senior officer responsible is named (GovS 015, requirement 1).",
                "where": "Who is behind it",
                "href": draft.url("draft_section", "parties"),
            }
        )
    home = staff.programme_href(draft.programme)
    agreeing = draft.definition.decision.agreeing()
    unstaffed = staffing.check(draft.slug, draft.programme.control(), at=at, agreeing=agreeing)
    return found + [{"text": finding.sentence, "where": "People", "href": home} for finding in unstaffed]


def _called(draft: Draft, place: Path) -> str:
    """The section that a place lies in, and the title of what in it: one rule of twelve is not found by its section's name."""
    section = outline.section_of(place).title
    items = [place[:length] for length in range(len(place), 1, -1) if isinstance(place[length - 1], int)]
    inside = next((each for each in items if isinstance(surgery.get(draft.values, each), Mapping)), None)
    return f"{section}, “{title_of(surgery.get(draft.values, inside), inside)}”" if inside else section


def where(draft: Draft, place: Path) -> str:
    """The page of the group that a place lies in."""
    path = place
    while path and draft.model(path) is None and slots.list_at(draft.values, path) is None:
        path = path[:-1]
    return draft.href(path or place[:1])


def crumbs(draft: Draft, path: Path = ()) -> list[tuple[str, str]]:
    """From the list of programmes down to the page: programme, draft, section, groups around it."""
    found = [("Programmes", reverse("grants:manage")), (draft.programme.name, staff.programme_href(draft.programme))]
    found.append((f"Draft of version {draft.version.number}", draft.url("draft")))
    for length in range(1, len(path)):
        around = path[:length]
        if length == 1:
            found.append((outline.section_of(around).title, draft.href(around)))
        elif draft.model(around) is not None:
            found.append((title_of(surgery.get(draft.values, around), around), draft.href(around)))
    return [*found, (title_of(surgery.get(draft.values, path), path) or "", "")]


def group_page(draft: Draft, path: Path, form: Any) -> dict[str, Any]:
    """One group: its own keys as a form, the lists and the groups within it."""
    held = surgery.get(draft.values, path)
    item = isinstance(path[-1], int)
    return {
        "draft": draft,
        "form": form,
        "path": joined(path),
        "crumbs": crumbs(draft, path),
        "title": title_of(held, path),
        "caption": labels.noun(str(path[-2] if item else path[-1])).capitalize() if item else outline.section_of(path).title,
        "save_href": draft.url("draft_part", joined(path)),
        "to_mend": _problems(draft, path),
        "lists": _lists(draft, path, draft.model(path)) if held is not None else [],
        "groups": _groups(draft, path, draft.model(path)) if held is not None else [],
        "rename_href": draft.url("draft_rename", joined(path)) if item and isinstance(held, Mapping) and "id" in held else "",
        "short_name": held.get("id", "") if isinstance(held, Mapping) else "",
        "remove_href": draft.url("draft_remove", joined(path)) if _may_go(draft, path, held) else "",
        "is_missing": held is None,
        "list_title": crumbs(draft, path)[-2][0] if item else "",
    }


def section_page(draft: Draft, section: outline.Section, form: Any, path: Path, people: Any) -> dict[str, Any]:
    """One section: what it holds, who writes it, whether it is ready."""
    model = draft.model(path)
    names = section.holds if not path else ()
    task = draft.tasks.get(section.key)
    is_list = bool(slots.list_at(draft.values, section.holds[:1])) and len(section.holds) == 1
    lists = [_list(draft, section.holds[:1])] if is_list else _lists(draft, path, model, names)
    return {
        "draft": draft,
        "section": section,
        "form": form if form is not None and form.slots else None,
        "crumbs": [*crumbs(draft)[:-1], (section.title, "")],
        "title": section.title,
        "caption": f"{draft.programme.name}, draft of version {draft.version.number}",
        "save_href": draft.url("draft_part", joined(path)) if path else draft.url("draft_section", section.key),
        "to_mend": [labels.in_words(each.sentence) for each in draft.section_problems(section)],
        "lists": lists,
        "groups": [] if is_list else _groups(draft, path, model, names),
        "text_hrefs": [(key, draft.url("draft_text", key)) for key in section.holds if isinstance(draft.values.get(key), (dict, list))],
        "task": task,
        "owner_href": draft.url("draft_owner", section.key),
        "ready_href": draft.url("draft_ready", section.key),
        "ready": f"{task.ready_by} said on {in_words(task.ready_at)} that it is ready." if task and task.ready_at else "",
        "people": people,
        "is_missing": False,
    }


def text_crumbs(draft: Draft, key: str) -> list[tuple[str, str]]:
    """The way to a text page."""
    section = outline.section_of((key,))
    around = [(section.title, draft.url("draft_section", section.key))] if key else []
    return [*crumbs(draft)[:-1], *around, ("As text", "")]


def _problems(draft: Draft, path: Path) -> list[str]:
    return [labels.in_words(each.sentence) for each in draft.problems if each.steps[: len(path)] == path]


def _may_go(draft: Draft, path: Path, held: Any) -> bool:
    if held is None:
        return False
    slot = slots.slot_at(draft.values, path)
    return isinstance(path[-1], int) or bool(slot and not slot.is_required)


def _lists(draft: Draft, path: Path, model: Any, only: Iterable[str] = ()) -> list[dict[str, Any]]:
    wanted = list(only)
    return [_list(draft, (*path, slot.name)) for slot in slots.slots(model) if slot.kind == "parts" and (not wanted or slot.name in wanted)]


def _list(draft: Draft, path: Path) -> dict[str, Any]:
    """A list of groups, each with its page and the buttons that move it."""
    held = surgery.get(draft.values, path) or []
    slot = slots.list_at(draft.values, path)
    last = len(held) - 1
    return {
        "id": _anchor(path),
        "title": slot.label if slot and len(path) > 1 else "",
        "one": labels.one(str(path[-1])),
        "add_href": draft.url("draft_new", joined(path)),
        "rows": [
            {
                "title": title_of(item, (*path, index)),
                "facts": facts_of(item),
                "href": draft.url("draft_part", joined((*path, index))),
                "move_href": draft.url("draft_move", joined((*path, index))),
                "remove_href": draft.url("draft_remove", joined((*path, index))),
                "id": f"{_anchor(path)}-{index}",
                "is_first": index == 0,
                "is_last": index == last,
                "problems": _problems(draft, (*path, index)),
            }
            for index, item in enumerate(held)
        ],
    }


def button_to_go_on(draft: Draft, path: Path, way: str) -> str:
    """The button that moves an item, once moved, further the same way, or back from the end: where whoever uses the keyboard goes on."""
    last = len(surgery.get(draft.values, path[:-1]) or []) - 1
    index = max(0, min(last, path[-1] + (-1 if way == "up" else 1)))
    way = {0: "down", last: "up"}.get(index, way)
    return f"{_anchor(path[:-1])}-{index}-{way}"


def _anchor(path: Path) -> str:
    return joined(path).replace("/", "-")


def _groups(draft: Draft, path: Path, model: Any, only: Iterable[str] = ()) -> list[dict[str, Any]]:
    wanted = list(only)
    return [
        {
            "title": slot.label,
            "href": draft.url("draft_part", joined((*path, slot.name))),
            "status": "Filled in" if surgery.get(draft.values, (*path, slot.name)) is not None else "Not filled in",
        }
        for slot in slots.slots(model)
        if slot.kind == "part" and (not wanted or slot.name in wanted)
    ]


def title_of(held: Any, path: Path) -> str:
    """What a group or an item is called on pages."""
    if isinstance(held, Mapping):
        for name in ("title", "label", "name", "topic", "words", "up_to", "sentence"):
            if held.get(name) and (name != "name" or len(path) > 1):
                return str(held[name]) if len(str(held[name])) <= 90 else f"{str(held[name])[:89]}…"
        if "percent" in held:
            sizes = ", ".join(labels.value(str(size)) for size in held.get("sizes", []))
            return f"{held['percent']} %" + (f" for {sizes.lower()}" if sizes else "")
    if path and isinstance(path[-1], int):
        return f"{labels.noun(str(path[-2])).capitalize()} {path[-1] + 1}"
    return labels.LABELS.get(str(path[-1])) or str(path[-1]).replace("_", " ").capitalize() if path else ""


def facts_of(item: Any) -> str:
    """A few words about an item of a list."""
    if not isinstance(item, Mapping):
        return ""
    said = []
    if "kind" in item:
        said.append(labels.value(str(item["kind"]).replace(".", " ")))
    if "weight" in item:
        said.append(f"Weight {item['weight']}")
    if "on_fail" in item:
        said.append(labels.value(str(item["on_fail"])))
    if "low" in item:
        said.append(f"{item.get('low')} to {item.get('high')} marks")
    if "percent" in item and "title" in item:
        said.append(f"{item['percent']} %")
    if "questions" in item:
        count = len(item["questions"])
        said.append(f"{count} question{'' if count == 1 else 's'}")
    if item.get("when"):
        said.append("asked only where it applies")
    if item.get("due") and isinstance(item["due"], str):
        said.append(labels.value(item["due"]))
    return ". ".join(said)


def stored_now(draft: Draft, form: Any) -> list[tuple[str, str]]:
    """What is stored now under each key that the form would write otherwise: shown beside what was typed."""
    held = surgery.get(draft.values, form.path) or {}
    wanted = {name: value for name, value in form.changes().items() if name not in form.errors}
    return [
        (slot.label, _said(held.get(slot.name))) for slot in form.slots if slot.name in wanted and wanted[slot.name] != held.get(slot.name)
    ]


def _said(value: Any) -> str:
    if value is None:
        return "Nothing"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def uses_of(draft: Draft, path: Path) -> str:
    """What an item is called by expressions and lists, for the page that renames it."""
    return str((surgery.get(draft.values, path) or {}).get("id", ""))


def used_by(draft: Draft, kind: references.Kind, id: str) -> list[str]:
    """The places that use an id, each in a line."""
    return [str(use) for use in references.uses(editing.values(draft.version.document), kind, id)]


def lines_of(refused: loading.DocumentRefused, document: str, key: str) -> list[str]:
    """What is wrong with a text, with lines counted in the section that is on the page."""
    first = document[: document.find(surgery.part_of(document, key))].count("\n") if key else 0
    return [f"Line {each.line - first}, {each.path}: {each.sentence}" if each.line else each.sentence for each in refused.problems]
