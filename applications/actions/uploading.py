"""Take a file in pieces: begin, add, and attach it when the last byte is here. A broken line costs one piece."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from tempfile import SpooledTemporaryFile

from django.core.files import File
from django.db import transaction
from django.db.models import Sum

from accounts.access import require
from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refusal, Refused
from accounts.roles import Permission
from applications.actions import documents
from applications.actions.files import StorageAway
from applications.models import Application, Piece, Uploading
from applications.policies import check_can_be_edited
from applications.uploads import MEGABYTE, safe_name, too_large

PIECE = 256 * 1024
"""The bytes that a browser sends at a time; one is refused that is four times as long."""
LASTS = timedelta(days=1)
AT_ONCE = 10
"""Files of one application that may be on their way."""


class WrongOffset(NotAllowedNow):
    """We have another number of bytes than the browser thought: `details["offset"]`."""

    code = "wrong_offset"


class Gone(NotAllowedNow):
    """What was here of the file is not any more: it was refused, or took longer than a day."""

    code = "upload_gone"

    def __init__(self) -> None:
        super().__init__("What was here of it is gone. Choose it again.")


@dataclass(frozen=True)
class Progress:
    """How many bytes are here, and whether they are attached as a document."""

    uploading: Uploading
    offset: int
    is_done: bool = False


def begin(*, application: Application, question: str, name: str, size: int, token: str, by: Person, at: datetime) -> Progress:
    """Begin, or go on with what the same person began before with the same file. What is a day old goes, and what was here of it as it was.

    Raises Refused for a question without files or a file that is empty or too large: before a byte is sent.
    """
    require(by, Permission.APPLICATION_EDIT, on=application)
    check_can_be_edited(application, at=at, questions=())
    asked = next((each for each in application.version.definition.form.questions() if each.id == question), None)
    if asked is None or asked.kind != "file":
        raise Refused("This question does not take files.", code="question_unknown", field="file")
    shown = safe_name(name, "")
    if size <= 0:
        raise Refused(f"{shown} is empty. Choose a file with something in it.", code="document_empty", field="file")
    if size > asked.max_megabytes * MEGABYTE:
        raise Refused(too_large(shown, size, asked.max_megabytes * MEGABYTE), code="document_too_large", field="file")
    Uploading.objects.filter(begun_at__lt=at - LASTS).delete()
    before = application.uploadings.filter(question=question, begun_by=by)
    before.filter(token=token).exclude(attached_at=None).delete()
    before.filter(name=shown).exclude(token=token).delete()
    begun, is_new = Uploading.objects.get_or_create(
        application=application, question=question, token=token, begun_by=by, defaults={"name": shown, "size": size, "begun_at": at}
    )
    if is_new and application.uploadings.filter(attached_at=None).count() > AT_ONCE:
        begun.delete()
        raise NotAllowedNow("Too many files are on their way. Wait until some of them are here.", code="too_many_uploads")
    return Progress(begun, here(begun))


def half_here(application: Application, *, by: Person, at: datetime) -> list[tuple[Uploading, int]]:
    """What this person began to send and did not finish, with the bytes that are here; not what is too old to go on with."""
    begun = application.uploadings.filter(begun_by=by, begun_at__gte=at - LASTS).annotate(bytes_here=Sum("pieces__length"))
    return [(one, one.bytes_here) for one in begun.order_by("pk") if one.bytes_here]


def here(uploading: Uploading) -> int:
    """How many bytes we have, from the first on."""
    return uploading.pieces.aggregate(sum=Sum("length"))["sum"] or 0


def add(*, uploading: Uploading, offset: int, data: bytes, by: Person, at: datetime) -> Progress:
    """Keep the next piece; the last one attaches the file. No bytes at the end attach what is all here and was not attached.

    Raises Gone, WrongOffset, and what attaching raises: then the upload is over, but for StorageAway and what goes wrong of itself, which
    leave the pieces, so that the same can be asked again.
    """
    require(by, Permission.APPLICATION_EDIT, on=uploading.application)
    with transaction.atomic():
        locked = Uploading.objects.select_for_update(no_key=True).filter(pk=uploading.pk).first()
        if locked is None:
            raise Gone
        if locked.attached_at:
            return Progress(locked, locked.size, is_done=True)
        so_far = here(locked)
        if offset != so_far:
            raise WrongOffset("Go on from where we are.", offset=so_far)
        if bool(data) is (so_far == locked.size) or len(data) > 4 * PIECE or so_far + len(data) > locked.size:
            raise Refused("This piece is empty or too long.", code="piece_unfit", field="file")
        if data:
            Piece.objects.create(uploading=locked, offset=offset, length=len(data), data=data)
    if so_far + len(data) < uploading.size:
        return Progress(uploading, so_far + len(data))
    _attach(uploading, by=by, at=at)
    return Progress(uploading, uploading.size, is_done=True)


def _attach(uploading: Uploading, *, by: Person, at: datetime) -> None:
    """Put the pieces together and attach them; they go once that is done or refused."""
    try:
        with SpooledTemporaryFile(max_size=MEGABYTE) as whole:
            for piece in uploading.pieces.order_by("offset").iterator(chunk_size=1):
                whole.write(bytes(piece.data))
            if whole.tell() < uploading.size:
                raise Gone
            whole.seek(0)
            upload = File(whole, uploading.name)
            upload.size = uploading.size
            documents.attach(application=uploading.application, question=uploading.question, upload=upload, by=by, at=at)
    except Gone:
        if not Uploading.objects.filter(pk=uploading.pk).exclude(attached_at=None).exists():
            raise
        return
    except StorageAway:
        raise  # the pieces stay
    except Refusal as refusal:
        if refusal.code != "document_twice" or not _came_before(uploading):
            uploading.delete()
            raise
    with transaction.atomic():
        Uploading.objects.filter(pk=uploading.pk).update(attached_at=at)
        uploading.pieces.all().delete()


def _came_before(uploading: Uploading) -> bool:
    """Whether it was attached by an earlier request, which was cut off before it could say so."""
    kept = uploading.application.documents.kept().filter(question=uploading.question, size=uploading.size)
    return kept.filter(uploaded_by=uploading.begun_by, uploaded_at__gte=uploading.begun_at).exists()
