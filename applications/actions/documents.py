"""Attach and remove the files that support an answer."""

from datetime import datetime

from django.core.files import File
from django.db import transaction

from accounts.access import require
from accounts.models import Person
from accounts.refusals import Refused
from accounts.roles import Permission
from applications import uploads
from applications.actions.files import Opened, fetched, first_state, open_file, stored
from applications.models import Application, Document
from applications.models.documents import RESPONSE
from applications.notices import officers_of
from applications.policies import check_can_be_edited
from applications.wholeness import check_whole
from audit import trail
from notifications import outbox
from notifications.outbox import Letter
from workflow.models import Case

State = Application.State
RESPONSE_TYPES, RESPONSE_MEGABYTES, RESPONSE_FILES = {"pdf", "docx", "xlsx", "png", "jpg"}, 10, 3
"""What may come with a response to the assessors."""


def attach(*, application: Application, question: str, upload: File, by: Person, at: datetime) -> Document:
    """Keep an uploaded file with a question, in private storage, under its hash.

    Raises Refused for a question that takes no files, one file too many, the same file twice, or a file that may not be kept.
    """
    require(by, Permission.APPLICATION_EDIT, on=application)
    asked = next((each for each in application.version.definition.form.questions() if each.id == question), None)
    if asked is None or asked.kind != "file":
        raise Refused("This question does not take files.", code="question_unknown", field="file")
    inspected = uploads.inspect(upload, accepts=set(asked.types), max_bytes=asked.max_megabytes * uploads.MEGABYTE)
    check_whole(upload, inspected.content_type)
    check_can_be_edited(application, at=at)
    document = _inspected(application, question, inspected, by=by, at=at)
    with stored(document, upload), transaction.atomic():
        Case.objects.hold(application.case_id)
        fresh = Application.objects.select_related("case", "round", "version", "company__organisation").get(pk=application.pk)
        check_can_be_edited(fresh, at=at, questions=[question])
        _add(document, fresh, at_most=asked.at_most, by=by, at=at)
    return document


def attach_to_response(*, application: Application, upload: File, by: Person, at: datetime) -> Document:
    """Keep a file that comes with the company's response to its assessors. Whether one may come now is the caller's to know."""
    require(by, Permission.APPLICATION_EDIT, on=application)
    inspected = uploads.inspect(upload, accepts=RESPONSE_TYPES, max_bytes=RESPONSE_MEGABYTES * uploads.MEGABYTE)
    check_whole(upload, inspected.content_type)
    document = _inspected(application, RESPONSE, inspected, by=by, at=at)
    with stored(document, upload), transaction.atomic():
        Case.objects.hold(application.case_id)
        _add(document, application, at_most=RESPONSE_FILES, by=by, at=at)
    return document


def take_from_response(*, document: Document, by: Person, at: datetime) -> None:
    """Take a file back that came with a response. Whether that may be now is the caller's to know."""
    require(by, Permission.APPLICATION_EDIT, on=document.application)
    with transaction.atomic():
        Case.objects.hold(document.application.case_id)
        _take_off(document, by=by, at=at)


def _add(document: Document, application: Application, *, at_most: int, by: Person, at: datetime) -> None:
    """Keep the row, unless the same file is there or no more may be."""
    kept = list(application.documents.kept().filter(question=document.question).values_list("sha256", "name"))
    if document.sha256 in dict(kept):
        raise Refused(f"You have already added this file, as {dict(kept)[document.sha256]}.", code="document_twice", field="file")
    if len(kept) >= at_most:
        sentence = f"You can add {at_most} file{'' if at_most == 1 else 's'} here. Remove one first."
        raise Refused(sentence, code="documents_too_many", field="file")
    document.save(force_insert=True)
    if document.scan_state == Document.Scan.WAITING:
        outbox.put("document.scan", {"document": document.pk}, key=f"document.scan:{document.pk}", at=at)
    trail.record(
        stream=application.stream,
        kind="document.attached",
        actor=by.pk,
        at=at,
        subject=f"applications.document:{document.pk}",
        after={
            "question": document.question, "sha256": document.sha256, "size": document.size, "content_type": document.content_type,
        },
        personal={"name": document.name},
    )  # fmt: skip


def use_again(*, document: Document, question: str, by: Person, at: datetime) -> Document:
    """Attach to another question a file that the application holds already, without sending it again. Raises as `attach`."""
    with fetched(document) as opened:
        return attach(application=document.application, question=question, upload=File(opened, document.name), by=by, at=at)


def _inspected(application: Application, question: str, inspected: uploads.Inspected, *, by: Person, at: datetime) -> Document:
    """The row before it is kept."""
    return Document(
        application=application,
        question=question,
        name=inspected.name,
        content_type=inspected.content_type,
        size=inspected.size,
        sha256=inspected.sha256,
        scan_state=first_state(),
        uploaded_at=at,
        uploaded_by=by,
    )


def open_document(*, document: Document, shown: bool = False, by: Person, at: datetime) -> Opened:
    """Let somebody who may read the document have it: written down, by a link that expires where it lies in a bucket.

    What is `shown` in place is handed out by us, with our word to the browser to run nothing of it.
    """
    subject, stream = f"applications.document:{document.pk}", document.application.stream
    return open_file(kept=document, kind="document.opened", stream=stream, subject=subject, by=by, at=at, embedded=shown)


def settle_scan(*, document: Document, found: str, by: Person, at: datetime) -> None:
    """Write down the scanner's verdict; whoever uploaded an infected file is told. A second verdict changes nothing."""
    state = Document.Scan.INFECTED if found else Document.Scan.CLEAN
    with transaction.atomic():
        waiting = Document.objects.filter(pk=document.pk, scan_state=Document.Scan.WAITING)
        if not waiting.update(scan_state=state, scan_found=found[:200], scanned_at=at):
            return
        trail.record(
            stream=document.application.stream,
            kind="document.scanned",
            actor=by.pk,
            at=at,
            subject=f"applications.document:{document.pk}",
            after={"question": document.question, "sha256": document.sha256, "verdict": str(state)},
        )
        if found and document.removed_at is None:
            for number, letter in enumerate(_of_virus(document, found)):
                key = f"document.infected:{document.pk}:{number}"
                outbox.send_notice("document.infected", letter, at=at, stream=document.application.stream, key=key)


def _of_virus(document: Document, found: str) -> list[Letter]:
    """To whoever added the file; where it was sent in before the verdict, to the officers too, who can ask for another."""
    application, subject = document.application, f"A virus was found in {document.name}"
    said = f"The virus scanner found {found} in {document.name}, "
    can_be_changed = application.state in (State.DRAFT, State.INVITED, State.CHANGES_REQUESTED)
    then = (
        "Remove it and upload a clean copy: the application cannot be sent in with it."
        if can_be_changed
        else "Your application stands. We may ask you for a clean copy; you can also send a message from its page."
    )
    yours = f"{said}which you added to {application.reference}. Nobody can open the file. {then}"
    letters = [Letter(document.uploaded_by, subject, yours, application.get_absolute_url())]
    if can_be_changed:
        return letters
    ours = f"{said}which came with {application.reference}. Nobody can open it. You can ask for a clean copy: request changes on its page."
    return letters + [Letter(person, subject, ours, application.staff_path()) for person in officers_of(application)]


def remove(*, document: Document, by: Person, at: datetime) -> None:
    """Take a file off a draft. The row stays, marked; papers already sent in keep naming its hash."""
    application = document.application
    require(by, Permission.APPLICATION_EDIT, on=application)
    with transaction.atomic():
        Case.objects.hold(application.case_id)
        fresh = Application.objects.select_related("round", "version").get(pk=application.pk)
        check_can_be_edited(fresh, at=at, questions=[document.question])
        _take_off(document, by=by, at=at)


def _take_off(document: Document, *, by: Person, at: datetime) -> None:
    if not Document.objects.filter(pk=document.pk, removed_at=None).update(removed_at=at, removed_by=by):
        return
    trail.record(
        stream=document.application.stream,
        kind="document.removed",
        actor=by.pk,
        at=at,
        subject=f"applications.document:{document.pk}",
        before={"question": document.question, "sha256": document.sha256},
    )
