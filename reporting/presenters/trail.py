"""Audit events for pages and exports: a sentence each, with the names that belong to the numbers, and what changed."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Concat
from django.urls import reverse

from accounts.models import Organisation, Person
from accounts.roles import Role
from applications.models import Application
from audit import personal
from audit.models import Event
from design.words import in_words, moment_in_words, pounds
from grants.models import Programme
from payments.models import PaymentRun
from reporting.sentences import sentence

PERSON_KEYS = re.compile(r"(^|_)(person|assessor|owner|by)$")
WHOLE_DAY = re.compile(r"\d{4}-\d\d-\d\d")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
LONGEST = 300
LABELS = {"note": "Reason", "ip": "Address of the request", "sha256": "SHA-256"}
HEADS = ["Position", "Stream", "Sequence", "At (UTC)", "Kind", "What happened", "Person", "On behalf of", "Subject", "Changes", "Hash"]


@dataclass(frozen=True)
class People:
    """The names behind the numbers of people in some events, read in one query."""

    names: dict[int, str]
    system: frozenset[int]

    @classmethod
    def in_events(cls, events: Iterable[Event]) -> "People":
        wanted = {pk for event in events for pk in _people_in(event)}
        found = list(Person.objects.filter(pk__in=wanted).values_list("pk", "name", "email"))
        return cls({pk: name for pk, name, _ in found}, frozenset(pk for pk, _, email in found if email == Person.SYSTEM_EMAIL))

    def name(self, pk: int | None) -> str:
        if pk is None:
            return "Somebody"
        return "The system" if pk in self.system else self.names.get(pk, f"Person {pk}")


def timeline(events: list[Event], *, full: bool, link: bool = False) -> list[dict[str, Any]]:
    """Dicts for the `timeline` tag. `full`: with every personal value still held, as auditors read it; else with the reasons given only."""
    people, held = People.in_events(events), personal.opened(events)
    return [_told(event, people, held.get(event.pk, {}), full=full, link=link) for event in events]


def _told(event: Event, people: People, held: dict[str, str], *, full: bool, link: bool) -> dict[str, Any]:
    told = {
        "title": sentence(event.kind, who=people.name(event.actor), values=spoken(event, people)),
        "at": event.at,
        "by": f"on behalf of {people.name(event.on_behalf_of)}" if event.on_behalf_of else "",
        "text": _reason(event, held),
        "details": changes(event, people) + (_personal(event, held) if full else []),
    }
    if link:
        told |= {"href": reverse("reporting:audit_event", args=[event.stream, event.sequence]), "link": "The recorded event"}
    return told


def export_rows(events: Iterable[Event], *, chunk: int = 500) -> Iterator[list[str]]:
    """One row an event, in the order given, reading names chunk by chunk."""
    waiting: list[Event] = []
    for event in events:
        waiting.append(event)
        if len(waiting) == chunk:
            yield from _rows(waiting)
            waiting = []
    yield from _rows(waiting)


def _rows(events: list[Event]) -> Iterator[list[str]]:
    people = People.in_events(events)
    for event in events:
        yield [
            str(event.place or ""), event.stream, str(event.sequence), event.content["at"], event.kind,
            sentence(event.kind, who=people.name(event.actor), values=spoken(event, people)),
            people.name(event.actor), people.name(event.on_behalf_of) if event.on_behalf_of else "", event.subject,
            "; ".join(f"{name}: {change}" for name, change in changes(event, people)), event.hash,
        ]  # fmt: skip


def changes(event: Event, people: People) -> list[tuple[str, str]]:
    """(what, "before → after") for every value the event holds."""
    before, after = event.before, event.after
    rows = []
    for key in [*before, *(key for key in after if key not in before)]:
        was, now = (written(event, key, side.get(key), people) for side in (before, after))
        rows.append((label(key), now if key not in before else was if key not in after else now if was == now else f"{was} → {now}"))
    return rows


def spoken(event: Event, people: People) -> dict[str, str]:
    """The event's values for its sentence: what is after, and what was before as `before_…`; what is not given is left out."""
    sides = (("", event.after), ("before_", event.before))
    values = {}
    for prefix, side in sides:
        for key, value in side.items():
            if value in (None, ""):
                continue
            text = written(event, key, value, people)
            values[prefix + key] = _lower(text) if key in ("state", "role") or key.endswith("_outcome") else text
            if isinstance(value, dict):
                values[f"{prefix}{key}_names"] = _few([label(name).lower() for name in value])
    if "good" in event.after:
        values["result"] = "it verifies" if event.after["good"] else "it does not verify"
    return values


def written(event: Event, key: str, value: Any, people: People) -> str:
    """One value for people: money in pounds, moments in words, states by their label, people by name."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, int):
        if key.endswith("_pence"):
            return pounds(value)
        if key.endswith("_bp"):
            return f"{value / 100:g}%"
        return people.name(value) if PERSON_KEYS.search(key) else str(value)
    if isinstance(value, list):
        return ", ".join(written(event, key, item, people) for item in value) or "–"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {written(event, name, item, people)}" for name, item in value.items()) or "–"
    return _text(event, key, value)


def _text(event: Event, key: str, value: str) -> str:
    if key == "role" and value in Role.values:
        return str(Role(value).label)
    if MOMENT.match(value):
        return moment_in_words(datetime.fromisoformat(value))
    if WHOLE_DAY.fullmatch(value):
        return in_words(date.fromisoformat(value))
    return _choice(event.subject, key, value)


def _choice(subject: str, key: str, value: str) -> str:
    """The label of a choice, such as a state, where the subject's model knows one."""
    try:
        field = apps.get_model(subject.partition(":")[0])._meta.get_field(key)
    except (LookupError, ValueError, FieldDoesNotExist):
        return _word(key, value)
    return str(dict(getattr(field, "flatchoices", None) or []).get(value, value))


def _word(key: str, value: str) -> str:
    """A code without a label, such as `companies_house`, as words."""
    return value.replace("_", " ") if key in ("check", "category", "outcome") else value


def label(key: str) -> str:
    """A key as a heading: `grant_requested_pence` is “Grant requested”."""
    return LABELS.get(key) or re.sub(r"_(pence|at|on|bp)$", "", key).replace("_", " ").capitalize().replace(" sha256", " (SHA-256)")


def _reason(event: Event, held: dict[str, str]) -> str:
    for path in ("note", "reason"):
        if path in held:
            return f"“{_opened(held[path])}”"
        if path in event.commitments:
            return "The reason has been erased."
    return ""


def _personal(event: Event, held: dict[str, str]) -> list[tuple[str, str]]:
    return [
        (label(path), _opened(held[path]) if path in held else "Erased") for path in event.commitments if path not in ("note", "reason")
    ]


def _opened(text: str) -> str:
    value = json.loads(text)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    plain = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST]}…"


def _people_in(event: Event) -> set[int]:
    found = {event.actor, event.on_behalf_of}
    for side in (event.before, event.after):
        found |= {value for key, value in side.items() if PERSON_KEYS.search(key) and isinstance(value, int)}
    return {pk for pk in found if pk is not None}


def _few(names: list[str]) -> str:
    """The first three names, and how many more there are."""
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def stream_titles(streams: Iterable[str]) -> dict[str, str]:
    """Stream to what it is about: an application's title, a company's or person's name."""
    named: dict[str, set[str]] = {}
    for stream in streams:
        kind, _, key = stream.partition(":")
        named.setdefault(kind, set()).add(key)
    cases = Application.objects.filter(reference__in=named.get("case", ()))
    titled = Concat("company__organisation__name", Case(When(~Q(title=""), then=Concat(Value(": "), "title")), default=Value("")))
    runs = PaymentRun.objects.filter(reference__in=named.get("payment_run", ()))
    found = [
        _titles("case", cases, "reference", titled),
        _titles("programme", Programme.objects.filter(slug__in=named.get("programme", ())), "slug", F("name")),
        _titles("payment_run", runs, "reference", Concat(Value("Payment run of "), "programme__name")),
    ]
    for kind, model in (("organisation", Organisation), ("person", Person)):
        ids = [int(key) for key in named.get(kind, ()) if key.isdigit()]
        found.append(_titles(kind, model._default_manager.filter(pk__in=ids), "pk", F("name")))
    first, *others = found
    return {"system": "The installation itself"} | {f"{kind}:{key}": title for kind, key, title in first.union(*others, all=True)}


def _titles(kind: str, records: QuerySet, key: str, title: Any) -> QuerySet:
    """Kind, key and title of each, all as text."""
    return records.order_by().values_list(Value(kind), Cast(key, CharField()), Cast(title, CharField()))
