"""The audit pages' ready strings."""

import json
from collections.abc import Iterable
from typing import Any

from django.db.models import Min, QuerySet
from django.forms import Form
from django.http import HttpRequest
from django.urls import reverse

from accounts.access import reach
from accounts.roles import Permission
from audit import sealer, tree
from audit.checks.report import Report
from audit.models import Checkpoint, Event, StreamHead
from design.words import moment_in_words
from reporting.presenters import trail
from reporting.sentences import PHRASES

STREAM_COLUMNS = ["Stream", "About", {"label": "Events", "numeric": True}, "Last event"]
CHECKPOINT_COLUMNS = ["Signed", {"label": "Events", "numeric": True}, "Root", "Key", {"label": "Document", "hide_label": True}]


def streams_page(request: HttpRequest, search: Form, found: list[StreamHead], size: int) -> dict[str, Any]:
    shown, last = found[:size], Checkpoint.objects.order_by("-pk").first()
    titles = trail.stream_titles(head.stream for head in shown)
    more = {"before": shown[-1].last_at.isoformat(), "after": shown[-1].stream} if len(found) > size else {}
    return {
        "search": search,
        "columns": STREAM_COLUMNS,
        "rows": [
            [
                {"text": head.stream, "href": reverse("reporting:audit_stream", args=[head.stream])},
                titles.get(head.stream, ""),
                f"{head.sequence:,}",
                moment_in_words(head.last_at),
            ]
            for head in shown
        ],
        "next": query(request, **more) if more else "",
        "newest": query(request) if "before" in request.GET else "",
        "is_searched": any(request.GET.get(name) for name in ("q", "kind")),
        "sealed": sealer.size(),
        "last": last,
        "may_verify_all": reach(request.user, Permission.AUDIT_VIEW).everywhere,
    }


def stream_page(request: HttpRequest, head: StreamHead, search: Form, found: list[Event], size: int) -> dict[str, Any]:
    shown = found[:size]
    first = Event.objects.filter(stream=head.stream).aggregate(at=Min("at"))["at"]
    return {
        "stream": head.stream,
        "title": trail.stream_titles([head.stream]).get(head.stream, head.stream),
        "facts": f"{_events(head.sequence)}, from {moment_in_words(first)} to {moment_in_words(head.last_at)}.",
        "search": search,
        "events": trail.timeline(shown, full=True, link=True),
        "next": query(request, before=shown[-1].sequence) if len(found) > size else "",
        "newest": query(request) if "before" in request.GET else "",
        "is_narrowed": any(value for name, value in request.GET.items() if name != "before"),
    }


def _events(number: int) -> str:
    return "1 event" if number == 1 else f"{number:,} events"


def kinds_in(events: QuerySet[Event]) -> list[tuple[str, str]]:
    """The kinds that occur in these events, as choices."""
    kinds = events.order_by("kind").values_list("kind", flat=True).distinct()
    return [(kind, kind_in_words(kind)) for kind in kinds]


def kind_in_words(kind: str) -> str:
    """`application.clear_referral` is “Application: clear referral”."""
    noun, _, verb = kind.partition(".")
    return f"{noun.replace('_', ' ').capitalize()}: {verb.replace('_', ' ')}" if verb and kind in PHRASES else kind


def event_page(event: Event) -> dict[str, Any]:
    (told,) = trail.timeline([event], full=True)
    return {
        "event": event,
        "told": told,
        "facts": [
            ("Stream and sequence", event.name),
            ("Kind", event.kind),
            ("Moment (UTC)", event.content["at"]),
            ("Subject", event.subject or "–"),
            ("Request", event.request_id or "–"),
            ("Hash (SHA-256)", event.hash),
            ("Hash of the event before", event.content["previous"]),
            ("Place in the sealed order", f"{event.place:,}" if event.place else "Not sealed yet"),
            ("In the last checkpoint", _inclusion(event)),
        ],
        "bytes": json.dumps(event.content, indent=2, ensure_ascii=False),
        "commitments": [(path, text) for path, text in event.commitments.items()],
    }


def _inclusion(event: Event) -> str:
    """Whether the last checkpoint covers the event, proved anew."""
    last = Checkpoint.objects.order_by("-pk").first()
    if last is None or not event.place or event.place > last.size:
        return "Not covered yet"
    proof = tree.inclusion_proof(sealer.Sealed(), event.place - 1, last.size)
    leaf = tree.leaf_hash(bytes.fromhex(event.hash))
    holds = tree.includes(leaf=leaf, index=event.place - 1, size=last.size, proof=proof, root=bytes.fromhex(last.root))
    about = f"the checkpoint of {moment_in_words(last.at)} over {last.size:,} events"
    return f"Proved by {len(proof)} hashes to be in {about}" if holds else f"Not what {about} was signed over"


def verified_page(report: Report, *, stream: str = "") -> dict[str, Any]:
    newer = report.newer_than_last_checkpoint
    return {
        "stream": stream,
        "report": report,
        "sentence": report.sentence(),
        "others": report.problems[1:],
        "facts": [
            ("Events", f"{report.events:,}"),
            ("Sealed", f"{report.sealed:,}"),
            ("Newer than the last checkpoint", f"{newer:,}"),
            ("Personal values still held", f"{report.personal_values:,}"),
            ("Checkpoints" if not stream else "Checkpoint", f"{report.checkpoints:,}"),
            ("Time taken", f"{report.seconds:.2f} s"),
        ]
        + [("Signed with the key", key) for key in report.keys],
    }


def checkpoint_rows(found: Iterable[Checkpoint]) -> list[list[Any]]:
    return [
        [
            moment_in_words(checkpoint.at),
            f"{checkpoint.size:,}",
            checkpoint.root[:16] + "…",
            checkpoint.key_id[:16] + "…",
            {
                "text": "Download",
                "href": reverse("reporting:audit_checkpoint", args=[checkpoint.pk]),
                "about": f"over {checkpoint.size} events",
            },
        ]
        for checkpoint in found
    ]


def query(request: HttpRequest, **changed: Any) -> str:
    """The page's own address with its filters, at another place in the list."""
    parameters = request.GET.copy()
    for name in ("before", "after"):
        parameters.pop(name, None)
    for name, value in changed.items():
        parameters[name] = str(value)
    return f"?{parameters.urlencode()}"
