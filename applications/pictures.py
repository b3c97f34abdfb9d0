"""Pictures as our pages show them: drawn anew and no larger than a screen, so that nothing but what can be seen is in them.

What was uploaded stays as it is, under its hash, and can be saved; where it was taken, on what device, and whatever else a file may carry
besides its picture, is in no preview.
"""

from io import BytesIO
from threading import Lock
from typing import IO

from PIL import Image, ImageOps, UnidentifiedImageError

from accounts.refusals import NotAllowedNow, Refused

KINDS = {"image/png": "PNG", "image/jpeg": "JPEG"}
MOST_PIXELS = {"image/png": 40_000_000, "image/jpeg": 120_000_000}
"""Dots that are unpacked: a scanned page at 600 to the inch; a photograph of the largest camera, of which only a part is ever in memory."""
LONGEST_SIDE = 2000
BROKEN = (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, MemoryError)
"""What Pillow raises for pictures that are not what they say."""
_one_at_a_time = Lock()
Image.MAX_IMAGE_PIXELS = None  # we hold them to our own number, before a dot is unpacked


def check_can_be_drawn(opened: IO[bytes], *, name: str, content_type: str) -> None:
    """Raise Refused for a picture with more dots than we would unpack, or whose head cannot be read. Reads the head only."""
    opened.seek(0)
    try:
        with Image.open(opened, formats=[KINDS[content_type]]) as picture:
            width, height = picture.size
    except BROKEN as problem:
        says = f"{name} is not a picture that can be read. Check that it opens on your computer, then save it again."
        raise Refused(says, code="picture_unreadable", field="file") from problem
    finally:
        opened.seek(0)
    most = MOST_PIXELS[content_type]
    if width * height > most:
        says = f"{name} is {width:,} by {height:,} dots. A picture may have at most {most // 1_000_000} million. Save it smaller."
        raise Refused(says, code="picture_too_large", field="file")


def redrawn(opened: IO[bytes], *, name: str, content_type: str) -> bytes:
    """The picture anew, upright, in the same format, with nothing beside it. Raises NotAllowedNow for one that cannot be drawn.

    One at a time in each process, so that the memory it takes is that of one picture.
    """
    try:
        check_can_be_drawn(opened, name=name, content_type=content_type)
        with _one_at_a_time, Image.open(opened, formats=[KINDS[content_type]]) as picture:
            return _drawn(picture)
    except (*BROKEN, Refused) as problem:
        raise NotAllowedNow(f"{name} cannot be shown here. Save it and open it on your computer.", code="picture_unreadable") from problem


def _drawn(picture: Image.Image) -> bytes:
    kind = picture.format
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # JPEG only: unpacks no more than is needed
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    upright = ImageOps.exif_transpose(picture)
    has_holes = kind == "PNG" and (upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info)
    plain = upright.convert("RGBA" if has_holes else "RGB")
    plain.info.clear()
    made = BytesIO()
    plain.save(made, kind, **({"quality": 85} if kind == "JPEG" else {}))
    return made.getvalue()
