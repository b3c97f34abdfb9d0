"""Pictures as pages show them: nothing but the picture, upright, bounded; what would unpack to too much is refused unread."""

import io
import struct
import zlib
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from accounts.refusals import NotAllowedNow, Refused
from applications import pictures
from applications.actions.files import Opened
from applications.views.files import handed_out
from applications.wholeness import check_whole

ORIENTATION, MAKER, GPS, LATITUDE = 0x0112, 0x010F, 0x8825, 2
SECRET = b"Taken at our secret site"


def photograph(size=(60, 40), **saved):
    """Lying on its side as cameras save them, red at what is its top when it stands, with its maker and the place in it."""
    picture = Image.new("RGB", size, "white")
    picture.paste("red", (0, 0, size[0] // 4, size[1]))
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, SECRET.decode()
    exif.get_ifd(GPS)[LATITUDE] = (52.0, 28.0, 0.0)
    made = io.BytesIO()
    picture.save(made, "JPEG", exif=exif, comment=SECRET, quality=95, **saved)
    return made.getvalue()


def drawn(content, kind):
    return pictures.redrawn(io.BytesIO(content), name="site", content_type=kind)


NOTE = b"\0\0\x01\x0a\x0e\0\0\0Image_UTC_Data1478012345678SEFH".ljust(200, b"\0") + b"\x24\0\0\0SEFT"
"""What telephones of one maker write behind the end of a photograph."""
FILM = b"\0\0\0\x18ftypmp42" + b"\0" * 100_000


def test_a_photograph_may_carry_the_note_of_a_telephone_behind_its_end():
    check_whole(ContentFile(photograph() + NOTE, name="site.jpg"), "image/jpeg")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (photograph() + NOTE + b"<script>alert(1)</script>", "Something else follows the end of site.jpg"),
        (photograph() + NOTE * 50, "Something else follows"),
        (photograph() + FILM, "is not complete"),
        (photograph(xmp=b'<x:xmpmeta GCamera:MotionPhoto="1"/>') + FILM, "site.jpg is a moving photo"),
    ],
)
def test_a_photograph_with_anything_else_behind_its_end_is_refused(content, says):
    with pytest.raises(Refused, match=says):
        check_whole(ContentFile(content, name="site.jpg"), "image/jpeg")


def test_a_photograph_loses_its_place_and_its_device_and_stands_upright():
    original = photograph()
    assert original.count(SECRET) == 2
    shown = drawn(original, "image/jpeg")
    assert SECRET not in shown
    again = Image.open(io.BytesIO(shown))
    assert dict(again.getexif()) == {}
    assert again.size == (40, 60)
    red, green, _ = again.getpixel((20, 3))
    assert red > 200 > 100 > green
    assert again.getpixel((20, 55))[1] > 200


def test_a_large_picture_is_made_as_small_as_a_screen():
    for kind, name in pictures.KINDS.items():
        made = io.BytesIO()
        Image.new("L", (3_000, 600), 200).save(made, name)
        assert Image.open(io.BytesIO(drawn(made.getvalue(), kind))).size == (2000, 400)


def test_a_drawing_keeps_its_holes_and_loses_its_words():
    made = io.BytesIO()
    words = PngInfo()
    words.add_text("Comment", SECRET.decode())
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(made, "PNG", pnginfo=words)
    behind = made.getvalue() + b"<script>alert(1)</script>"
    shown = drawn(behind, "image/png")
    assert SECRET in behind
    assert SECRET not in shown
    assert b"<script" not in shown
    assert Image.open(io.BytesIO(shown)).getpixel((5, 5))[3] == 0


def bomb(side):
    """A PNG of a few bytes that says that it is `side` dots wide and high."""

    def chunk(kind, data):
        return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack("!IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def test_a_picture_that_unpacks_to_too_much_is_refused_when_it_comes():
    with pytest.raises(Refused, match=r"plan\.png is 30,000 by 30,000 dots. A picture may have at most 40 million"):
        check_whole(ContentFile(bomb(30_000), name="plan.png"), "image/png")
    with pytest.raises(NotAllowedNow, match="cannot be shown here"):
        drawn(bomb(30_000), "image/png")


def test_what_only_begins_as_a_picture_is_refused():
    head = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
    with pytest.raises(Refused, match="not a picture that can be read"):
        check_whole(ContentFile(head + b"IEND\xaeB`\x82", name="plan.png"), "image/png")
    with pytest.raises(NotAllowedNow, match="cannot be shown here"):
        drawn(bomb(200), "image/png")


def test_what_is_shown_is_drawn_anew_and_what_is_saved_is_the_original():
    original = photograph()
    kept = SimpleNamespace(file=SimpleNamespace(open=lambda mode: io.BytesIO(original)), name="site.jpg", content_type="image/jpeg")
    shown, saved = handed_out(kept, Opened(), shown=True), handed_out(kept, Opened())
    assert SECRET not in shown.content
    assert "sandbox" in shown["Content-Security-Policy"]
    assert b"".join(saved.streaming_content) == original
    assert saved["Content-Disposition"].startswith("attachment")
