"""Draws as pages show them: what is frozen, what decided, who came first."""

import json
from collections.abc import Iterable
from typing import Any

from assessments.models import Draw
from design.words import moment_in_words

DRAW_COLUMNS = ["Frozen", {"label": "Places", "numeric": True}, {"label": "Drawn from", "numeric": True}, "Decided by", "Held"]
PUBLIC_COLUMNS = ["Draw", "Programme", "Decided by", "Held"]
TICKET_COLUMNS = [{"label": "Place"}, "Application", "Ticket", "Outcome"]


def draw_rows(draws: list[Draw]) -> list[list[Any]]:
    """The draws of a round, the last first."""
    rows = []
    for one in draws:
        frozen = json.loads(one.frozen)
        name = {"text": moment_in_words(one.frozen_at), "href": one.get_absolute_url(), "hint": one.frozen_sha256[:16]}
        rows.append(
            [name, frozen["places"], len(frozen["references"]), one.source, moment_in_words(one.drawn_at) if one.drawn_at else "Not yet"]
        )
    return rows


def public_rows(draws: Iterable[Draw]) -> list[list[Any]]:
    """Draws as anybody sees them, each with the way to its record."""
    return [
        [
            {"text": f"{one.round.title}, frozen {moment_in_words(one.frozen_at)}", "href": one.get_absolute_url()},
            one.round.programme.name,
            one.source,
            moment_in_words(one.drawn_at) if one.drawn_at else "Not yet",
        ]
        for one in draws
    ]


def facts(draw: Draw) -> list[tuple[str, Any]]:
    """What is published of a draw."""
    frozen = json.loads(draw.frozen)
    rows = [
        ("Round", draw.round.title),
        ("Places", frozen["places"]),
        ("Drawn from", f"{len(frozen['references'])} applications"),
        ("Frozen", moment_in_words(draw.frozen_at)),
        ("Hash of the list", draw.frozen_sha256),
        ("Public value that decides", draw.source),
    ]
    rows += [("Secret committed to", draw.secret_sha256)] if draw.secret_sha256 else []
    if draw.drawn_at:
        rows += [("Held", moment_in_words(draw.drawn_at)), ("The value", draw.public_value)]
        rows += [("The secret", draw.secret)] if draw.secret else []
    return rows


def tickets(draw: Draw) -> list[list[Any]]:
    """Who came where."""
    places = json.loads(draw.frozen)["places"]
    return [
        [one["place"], one["reference"], one["ticket"], "Drawn" if one["place"] <= places else f"Reserve {one['place'] - places}"]
        for one in draw.tickets or []
    ]


def references(draw: Draw) -> list[str]:
    return json.loads(draw.frozen)["references"]
