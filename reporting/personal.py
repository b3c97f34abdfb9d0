"""What we hold about one person, for that person to take away (UK GDPR articles 15 and 20)."""

from datetime import datetime
from typing import Any

from django.db import models

from accounts.models import Person, RoleAssignment
from applications.actions import equality
from applications.models import Answer, AnswerRevision, Document, Message
from grants.models import Programme
from notifications.models import Notice

FORMAT = "pumphouse/personal-data/1"
ROWS_AT_MOST = 5_000
"""Of one kind; the export says where there are more."""


def export(person: Person, *, at: datetime) -> dict[str, Any]:
    """Account, roles and messages in full, what the person wrote and attached, and every record that names them, by kind and number.

    What others wrote in the same record is theirs and is left out.
    """
    return {
        "format": FORMAT,
        "exported_at": at.isoformat(),
        "person": {"id": person.pk, "name": person.name, "email": person.email, "created_at": person.created_at.isoformat()},
        "roles": [
            {"role": row.role, "scope": row.scope, "starts_at": _instant(row.starts_at), "ends_at": _instant(row.ends_at)}
            for row in RoleAssignment.objects.filter(person=person).order_by("pk")
        ],
        "messages": list(
            _plain(Notice.objects.to(person).order_by("pk").values("kind", "subject", "body", "created_at", "read_at", "sent_at"))
        ),
        "answers": list(_plain(_written_by(person, Answer, "application__reference", "question"))),
        "earlier_answers": list(_plain(_written_by(person, AnswerRevision, "answer__application__reference", "answer__question"))),
        "questions_and_answers": list(
            _plain(Message.objects.filter(sent_by=person).order_by("pk").values("application__reference", "body", "sent_at"))
        ),
        "documents": list(
            _plain(
                Document.objects.filter(uploaded_by=person).order_by("pk").values("application__reference", "name", "sha256", "uploaded_at")
            )
        ),
        "equality_answers": _equality(person),
        "named_in": named_in(person),
    }


def _equality(person: Person) -> dict[str, dict[str, str]]:
    """What the person said of themselves, by programme: found by the person alone."""
    said = {slug: equality.own(person=person, programme=slug) for slug in Programme.objects.values_list("slug", flat=True)}
    return {slug: answers for slug, answers in said.items() if answers}


def named_in(person: Person) -> list[dict[str, Any]]:
    """Every record that names the person, by kind, the part they play in it, and the numbers of the first of them."""
    found = []
    for relation in Person._meta.get_fields(include_hidden=True):
        field = getattr(relation, "field", None)
        if not isinstance(relation, models.ForeignObjectRel) or not isinstance(field, models.ForeignKey):
            continue
        rows = relation.related_model._base_manager.filter(**{field.attname: person.pk}).order_by("pk")
        ids = list(rows.values_list("pk", flat=True)[:ROWS_AT_MOST])
        if ids:
            part = str(field.verbose_name)
            found.append({"kind": str(relation.related_model._meta.verbose_name), "part": part, "count": rows.count(), "ids": ids})
    return sorted(found, key=lambda row: (row["kind"], row["part"]))


def _written_by(person: Person, model: Any, *about: str) -> Any:
    """Answers under the person's name."""
    return model.objects.filter(saved_by=person).order_by("pk").values(*about, "value", "saved_at")[:ROWS_AT_MOST]


def _plain(rows: Any) -> Any:
    for row in rows:
        yield {name.replace("__", "_"): _instant(value) if isinstance(value, datetime) else value for name, value in row.items()}


def _instant(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
