"""Save the page of one section: its answers, the files that came with it, the files taken off it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Person
from accounts.refusals import Refused
from applications.actions import answers, assignments, documents
from applications.actions.answers import Outcome, Typed
from applications.actions.files import StorageAway
from applications.models import Application, Assignment, Document


def save(
    *,
    application: Application,
    typed: dict[str, Typed],
    uploads: dict[str, list[Any]] | None = None,
    taken_off: Iterable[Document] = (),
    given_back: Assignment | None = None,
    by: Person,
    at: datetime,
) -> Outcome:
    """All of it or nothing, but that answers which somebody else changed meanwhile are left alone and reported.

    What the writer was asked to write is `given_back` once everything stands.

    Raises what `answers.save_many` and `documents.attach` raise, naming the question in `field`.
    """
    with transaction.atomic():
        outcome = answers.save_many(application=application, typed=typed, by=by, at=at)
        for document in taken_off:
            documents.remove(document=document, by=by, at=at)
        for question, several in (uploads or {}).items():
            try:
                for upload in several:
                    documents.attach(application=application, question=question, upload=upload, by=by, at=at)
            except (Refused, StorageAway) as refused:
                refused.details["field"] = question
                raise
        if given_back is not None and not outcome.stale:
            assignments.give_back(assignment=given_back, by=by, at=at)
    return outcome
