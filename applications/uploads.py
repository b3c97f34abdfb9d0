"""What an uploaded file really is: judged by its content, never by the name or type that came with it."""

import codecs
import hashlib
import os
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any, Protocol

import puremagic

from accounts.refusals import Refused

MEGABYTE = 1024 * 1024
HEAD_BYTES = 8192
MAX_UNPACKED = 200 * MEGABYTE
MAX_MEMBERS = 5000
MAX_DIRECTORY = 2 * MEGABYTE
"""Bytes of an archive's list of contents: four hundred for each member."""
TAIL = 65_535 + 22 + 20 + 56
"""Bytes at an archive's end within which that list is described."""
WINDOWS = "cp1252"
"""How Excel writes a CSV file on a British machine, unless it is asked for UTF-8: with a pound sign in it, that is no UTF-8."""
CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1f]")
BOMB = "{} unpacks to far more than it should. Save it again, or as a PDF."
THIS = "This file"
OFFICE = {
    "word/": ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xl/": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "ppt/": ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
}
TYPES = {
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    **{mime: kind for kind, mime in OFFICE.values()},
    "text/csv": "csv",
    "text/plain": "txt",
}
"""Every type that may be uploaded, and the ending that its name is given."""
PHOTOS = (b"heic", b"heix", b"heif", b"mif1", b"msf1", b"hevc")
WORDS = {"pdf": "PDF", "png": "PNG", "jpg": "JPEG", "docx": "Word", "xlsx": "Excel", "pptx": "PowerPoint", "csv": "CSV", "txt": "text"}


class Upload(Protocol):
    """What Django hands over for an uploaded file."""

    @property
    def name(self) -> str | None: ...
    @property
    def size(self) -> int: ...
    @property
    def file(self) -> Any: ...

    def seek(self, offset: int, /) -> int: ...
    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True)
class Inspected:
    """A file that may be kept: safe name, type found in it, size in bytes, SHA-256."""

    name: str
    content_type: str
    size: int
    sha256: str


def inspect(upload: Upload, *, accepts: set[str], max_bytes: int) -> Inspected:
    """Read the file once and say what it is. `accepts` are kinds such as {"pdf", "docx"}.

    Raises Refused for a file that is empty, too large, of another kind, or an archive that would unpack to too much.
    """
    shown = safe_name(upload.name, "")
    if not upload.size:
        raise Refused(f"{shown} is empty. Choose a file with something in it.", code="document_empty", field="file")
    if upload.size > max_bytes:
        raise Refused(too_large(shown, upload.size, max_bytes), code="document_too_large", field="file")
    content_type = found_type(upload)
    kind = TYPES.get(content_type, "")
    if kind not in accepts:
        listed = [WORDS[known] for known in WORDS if known in accepts]
        may_be = listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} or {listed[-1]}"
        raise Refused(
            f"{shown} must be {'an' if may_be[0] in 'AEIOU' else 'a'} {may_be} file. {_instead(upload, kind, may_be)}",
            code="document_type",
            field="file",
        )
    return Inspected(safe_name(upload.name, kind), content_type, upload.size, _sha256(upload))


def _instead(upload: Upload, kind: str, may_be: str) -> str:
    """What a file of a kind that is not taken is, where we know it, and what to do."""
    upload.seek(0)
    head = upload.read(16)
    upload.seek(0)
    if kind:
        return f"This is {'an' if WORDS[kind][0] in 'AEIOU' else 'a'} {WORDS[kind]} file: save or export it as {may_be}."
    if head[4:8] == b"ftyp" and head[8:12] in PHOTOS:
        return "This is a photo as telephones keep them (HEIC): export it, or print it to a PDF."
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "This is an Office file that is old or has a password: save it again without one, in a newer format or as a PDF."
    if head.startswith(b"PK\x03\x04"):
        return "This is an archive: unpack it, and upload what is in it file by file."
    if head.startswith(b"MZ"):
        return "This is a program."
    return f"What is in it is something else: open it, and save or export it as {may_be}."


def too_large(name: str, size: int, max_bytes: int) -> str:
    """The sentence for a file over its limit, which says how far even where both would be rounded to one number."""
    over = size - max_bytes
    is_near = f"{size / MEGABYTE:.1f}" == f"{max_bytes / MEGABYTE:.1f}"
    how = f"{over:,} byte{'' if over == 1 else 's'} too large" if is_near else f"{size / MEGABYTE:.1f} MB"
    return f"{name} is {how}. Files must be no larger than {max_bytes // MEGABYTE} MB."


def found_type(upload: Upload) -> str:
    """The media type of the content; "" where it is none of ours."""
    upload.seek(0)
    head = upload.read(HEAD_BYTES)
    upload.seek(0)
    if head.startswith(b"PK\x03\x04"):
        return _office_type(upload)
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head.startswith(codecs.BOM_UTF8):
        return _text_type(upload, head)
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        found = []
    for match in found:
        if match.mime_type in ("image/png", "image/jpeg"):
            return match.mime_type
    return "" if found else _text_type(upload, head)


def _office_type(upload: Upload) -> str:
    shown = safe_name(upload.name, "")
    try:
        with _archive(upload.file, shown) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
                raise Refused(BOMB.format(shown), code="document_bomb", field="file")
            names = {member.filename for member in members}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return ""
    finally:
        upload.seek(0)
    if any(name.endswith("vbaProject.bin") for name in names):
        raise Refused(f"{shown} has macros in it. Save it again without them, or as a PDF.", code="document_macros", field="file")
    if "[Content_Types].xml" not in names:
        return ""
    return next((mime for folder, (_, mime) in OFFICE.items() if any(name.startswith(folder) for name in names)), "")


@contextmanager
def _archive(file: Any, shown: str = THIS) -> Iterator[zipfile.ZipFile]:
    """An archive, opened only where its list of contents is short: it is read whole into memory. Raises Refused for a long one."""
    file.seek(0, os.SEEK_END)
    file.seek(max(0, file.tell() - TAIL))
    if _directory_bytes(file.read()) > MAX_DIRECTORY:
        raise Refused(BOMB.format(shown), code="document_bomb", field="file")
    file.seek(0)
    with zipfile.ZipFile(file) as archive:
        yield archive


def _directory_bytes(tail: bytes) -> int:
    """How long an archive says that its list of contents is, found where `zipfile` looks for it."""
    end = len(tail) - 22 if tail[-22:-18] == b"PK\x05\x06" and tail.endswith(b"\0\0") else tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 16:
        return 0
    if end >= 76 and tail[end - 20 : end - 16] == b"PK\x06\x07":
        return int.from_bytes(tail[end - 36 : end - 28], "little")
    return int.from_bytes(tail[end + 12 : end + 16], "little")


def check_unpacks(archive: IO[bytes], *, most: int = MAX_UNPACKED) -> None:
    """Unpack a workbook to nowhere before a reader may have it: what an archive says of its own size need not be so.

    Raises Refused for one that is larger than `most` when unpacked, holds more than it says, or cannot be unpacked.
    """
    try:
        with _archive(archive) as members:
            if sum(member.file_size for member in members.infolist()) > most:
                raise Refused(BOMB.format(THIS), code="document_bomb", field="file")
            for member in members.infolist():
                with members.open(member) as opened:
                    while opened.read(MEGABYTE):
                        pass
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        raise Refused("This file cannot be unpacked. Save it again as XLSX or CSV.", code="workbook_unreadable", field="file") from error
    finally:
        archive.seek(0)


def _text_type(upload: Upload, head: bytes) -> str:
    if b"\0" in head:
        return ""
    try:
        text = head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start >= len(head) - 4:
            text = head[: error.start].decode("utf-8-sig")
        elif not str(upload.name).lower().endswith(".csv") or CONTROLS.search(head):
            return ""
        else:
            text = head.decode(WINDOWS, errors="replace")
    if re.search(r"<\s*(html|script|svg|!doctype)", text, re.IGNORECASE):
        return ""
    return "text/csv" if str(upload.name).lower().endswith(".csv") else "text/plain"


def _sha256(upload: Upload) -> str:
    upload.seek(0)
    digest = hashlib.sha256()
    while chunk := upload.read(MEGABYTE):
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()


def safe_name(name: str | None, kind: str) -> str:
    """The name to show and to save under: no folders, no control characters, one ending, and that the one of its content."""
    last = PurePosixPath(str(name or "").replace("\\", "/")).name
    plain = unicodedata.normalize("NFC", "".join(letter for letter in last if unicodedata.category(letter)[0] != "C"))
    stem = re.sub(r'[<>:"/|?*]+', "-", plain)
    if not kind:
        short = stem.strip(" .-")
        ending = PurePosixPath(short).suffix[:10]
        return (short if len(short) <= 100 else short[: 100 - len(ending)] + ending) or "document"
    endings = "|".join([*WORDS, "jpeg"])
    stem = re.sub(rf"(\.({endings}))+$", "", stem, flags=re.IGNORECASE).strip(" .-").replace(".", "-") or "document"
    return f"{stem[:90]}.{kind}"
