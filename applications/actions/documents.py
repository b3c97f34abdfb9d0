"""Attach and remove the files that support an answer."""

from datetime import datetime

from django.core.files import File
from django.db import IntegrityError, transaction

from accounts.access import require
from accounts.models import Person
from accounts.refusals import Refused
from accounts.roles import Permission
from applications import uploads
from applications.models import Application, Document
from applications.policies import check_can_be_edited
from audit import trail
from workflow.models import Case


def attach(*, application: Application, question: str, upload: File, by: Person, at: datetime) -> Document:
    """Keep an uploaded file with a question, in private storage, under its hash.

    Raises Refused for a question that takes no files, one file too many, the same file twice, or a file that may not be kept.
    """
    require(by, Permission.APPLICATION_EDIT, on=application)
    asked = next((each for each in application.version.definition.form.questions() if each.id == question), None)
    if asked is None or asked.kind != "file":
        raise Refused("This question does not take files.", code="question_unknown", field="file")
    inspected = uploads.inspect(upload, accepts=set(asked.types), max_bytes=asked.max_megabytes * uploads.MEGABYTE)
    with transaction.atomic():
        Case.objects.select_for_update(no_key=True).get(pk=application.case_id)
        fresh = Application.objects.select_related("case", "round", "version", "company__organisation").get(pk=application.pk)
        check_can_be_edited(fresh, at=at)
        kept = list(fresh.documents.kept().filter(question=question).values_list("sha256", "name"))
        if inspected.sha256 in dict(kept):
            raise Refused(f"You have already added this file, as {dict(kept)[inspected.sha256]}.", code="document_twice", field="file")
        if len(kept) >= asked.at_most:
            raise Refused(
                f"You can add {asked.at_most} file{'' if asked.at_most == 1 else 's'} here. Remove one first.",
                code="documents_too_many",
                field="file",
            )
        document = _keep(fresh, question, upload, inspected, by=by, at=at)
        trail.record(
            stream=fresh.stream,
            kind="document.attached",
            actor=by.pk,
            at=at,
            subject=f"applications.document:{document.pk}",
            after={"question": question, "sha256": document.sha256, "size": document.size, "content_type": document.content_type},
            personal={"name": document.name},
        )
    return document


def _keep(application: Application, question: str, upload: File, inspected: uploads.Inspected, *, by: Person, at: datetime) -> Document:
    document = Document(
        application=application,
        question=question,
        name=inspected.name,
        content_type=inspected.content_type,
        size=inspected.size,
        sha256=inspected.sha256,
        uploaded_at=at,
        uploaded_by=by,
    )
    document.file.save(inspected.name, upload, save=False)
    try:
        with transaction.atomic():
            document.save(force_insert=True)
    except IntegrityError:
        document.file.delete(save=False)
        raise
    return document


def remove(*, document: Document, by: Person, at: datetime) -> None:
    """Take a file off a draft. The row stays, marked; papers already sent in keep naming its hash."""
    application = document.application
    require(by, Permission.APPLICATION_EDIT, on=application)
    with transaction.atomic():
        Case.objects.select_for_update(no_key=True).get(pk=application.case_id)
        check_can_be_edited(Application.objects.get(pk=application.pk), at=at)
        if not Document.objects.filter(pk=document.pk, removed_at=None).update(removed_at=at, removed_by=by):
            return
        trail.record(
            stream=application.stream,
            kind="document.removed",
            actor=by.pk,
            at=at,
            subject=f"applications.document:{document.pk}",
            before={"question": document.question, "sha256": document.sha256},
        )
