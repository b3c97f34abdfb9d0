"""Whether a file is all of one thing: not cut off on its way, and not two kinds in one."""

import re

from accounts.refusals import Refused
from applications import pictures
from applications.uploads import Upload, safe_name

TAIL = 66 * 1024
"""Bytes at the end in which an archive keeps its index: 22 and a comment of up to 65,535."""
ENDS = {"application/pdf": b"%%EOF", "image/png": b"IEND\xaeB`\x82", "image/jpeg": b"\xff\xd9"}
"""What the last bytes of a whole file are."""
SLACK = {"application/pdf": 1024, "image/jpeg": 8 * 1024}
"""Bytes that may follow the end: writers of PDF add some, and many telephones a note of the time and the like to a photograph."""
ANOTHER = re.compile(rb"PK\x03\x04|%PDF-|<\s*(html|script|svg|\?php|!doctype)", re.IGNORECASE)
"""How something begins that a note is not: an archive, a PDF, a page or a script."""
MOVES = re.compile(rb"MotionPhoto|MicroVideo")
"""What telephones write into a photograph behind whose end they keep a short film."""

ENCRYPTED = re.compile(rb"/Encrypt\s*(\d+\s+\d+\s+R|<<)")
NO_PAGES = re.compile(rb"/Count\s+0\b")
A_PAGE = re.compile(rb"/Type\s*/Page\b|/ObjStm")
"""A page, or objects packed so that pages may be among them."""


def check_whole(upload: Upload, content_type: str) -> None:
    """Raise Refused for a PDF or picture that ends too soon, or that hides an archive or anything else behind its end.

    And for a picture that would unpack to more than we would draw.
    """
    if content_type not in ENDS:
        return
    upload.seek(max(upload.size - TAIL, 0))
    tail = upload.read(TAIL)
    upload.seek(0)
    shown, end = safe_name(upload.name, ""), ENDS[content_type]
    if b"PK\x05\x06" in tail:
        raise Refused(f"{shown} is two files in one. Save it again as one kind of file.", code="document_polyglot", field="file")
    found = tail.rfind(end)
    rest = tail[found + len(end) :]
    is_whole = found >= 0 and len(rest) <= SLACK.get(content_type, 64) and not (content_type == "image/jpeg" and ANOTHER.search(rest))
    if not is_whole and content_type == "image/jpeg" and MOVES.search(_head(upload)):
        raise Refused(
            f"{shown} is a moving photo: behind the picture is a short film. Save it as a still picture, and upload that.",
            code="picture_moves",
            field="file",
        )
    if found < 0:
        raise Refused(
            f"{shown} is not complete: its end is missing. Check that it opens on your computer, then upload it again.",
            code="document_cut_off",
            field="file",
        )
    if not is_whole:
        raise Refused(f"Something else follows the end of {shown}. Save it again.", code="document_polyglot", field="file")
    if content_type == "application/pdf":
        _check_can_be_read(upload, tail, shown)
    if content_type in pictures.KINDS:
        pictures.check_can_be_drawn(upload.file, name=shown, content_type=content_type)


def _head(upload: Upload) -> bytes:
    head = upload.read(2 * TAIL)
    upload.seek(0)
    return head


def _check_can_be_read(upload: Upload, tail: bytes, shown: str) -> None:
    """Raise Refused for a PDF that is encrypted, or has no page: it says so at its end, or at its beginning.

    Whether an encrypted one opens without a password, only a reader of PDF can tell, and we would have to trust it with anything.
    """
    if ENCRYPTED.search(tail) or ENCRYPTED.search(_head(upload)):
        raise Refused(
            f"{shown} is encrypted: it has a password, or limits on changing, copying or printing it, so those who are to read it may not "
            "be able to open it. Print it to a new PDF, and upload that.",
            code="document_protected",
            field="file",
        )
    if upload.size <= TAIL and NO_PAGES.search(tail) and not A_PAGE.search(tail):
        raise Refused(f"{shown} has no pages. Save it again from the program that you wrote it in.", code="document_empty", field="file")
