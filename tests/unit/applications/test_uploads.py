"""What a file is, told by its content alone."""

import io
import zipfile

import pytest
from django.core.files.base import ContentFile

from accounts.refusals import Refused
from applications import uploads
from applications.wholeness import check_whole

PDF = b"%PDF-1.4\nwords\n%%EOF"
EVERYTHING = {"pdf", "png", "jpg", "docx", "xlsx", "csv", "txt"}


def office(folder, *extra):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", f"{folder}document.xml", *extra):
            archive.writestr(name, "<x/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (PDF, "plan.pdf", "application/pdf"),
        (PDF, "plan.docx", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 20, "x", "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\0" * 20, "x.png", "image/jpeg"),
        (office("word/"), "x.zip", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (office("xl/"), "x", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("a,b\n1,é\n".encode(), "x.csv", "text/csv"),
        (b"plain words", "x.pdf", "text/plain"),
        (b"MZ\x90\x00", "x.pdf", ""),
        (b"<html><script>alert(1)</script>", "x.txt", ""),
        (b"GIF89a\x01\x00", "x.png", ""),
        (b"PK\x03\x04broken", "x.docx", ""),
        (office("other/"), "x.docx", ""),
        (b"\xff\xfe\x00w", "x.txt", ""),
    ],
)
def test_the_type_is_what_is_in_it(content, name, kind):
    assert uploads.found_type(ContentFile(content, name=name)) == kind


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (office("word/", "word/vbaProject.bin"), "has macros in it"),
        (office("word/"), "This is a Word file: save or export it"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a photo as telephones keep them"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 500, "old or has a password"),
        (b"MZ\x90\0" + b"\0" * 20, "This is a program"),
        (office("other/"), "This is an archive: unpack it"),
        (b"<html><script>alert(1)</script>", "save or export it as PDF"),
        (b"%PDF-1.4\ntrailer<</Root 1 0 R/Encrypt 9 0 R>>\n%%EOF", "is encrypted: it has a password, or limits on"),
        (b"%PDF-1.4\ntrailer<</Root 1 0 R/Encrypt<</Filter/Standard>>>>\n%%EOF", "Print it to a new PDF"),
        (b"%PDF-1.4\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF", "has no pages"),
    ],
)
def test_what_is_not_taken_gets_its_sentence_and_what_to_do(content, sentence):
    upload = ContentFile(content, name="plan.pdf")
    with pytest.raises(Refused, match=sentence):
        check_whole(upload, uploads.inspect(upload, accepts={"pdf"}, max_bytes=uploads.MEGABYTE).content_type)


def test_a_long_name_is_cut_and_keeps_its_ending():
    shown = uploads.safe_name("Отчёт 😀🚀 " * 40 + ".csv", "")
    assert (len(shown), shown[-4:]) == (100, ".csv")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("plan.pdf", "plan.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("..\\..\\boot.ini", "boot-ini.pdf"),
        ("plan.pdf.exe", "plan-pdf-exe.pdf"),
        ("plan.PDF.pdf", "plan.pdf"),
        ("\x00\x1f.pdf", "document.pdf"),
        ("", "document.pdf"),
        (None, "document.pdf"),
        ('a"b<c>.pdf', "a-b-c.pdf"),
        ("x" * 300 + ".pdf", "x" * 90 + ".pdf"),
        ("résumé.pdf", "résumé.pdf"),
        ("\u202egpj.exe", "gpj-exe.pdf"),
    ],
)
def test_names_are_made_safe(name, safe):
    assert uploads.safe_name(name, "pdf") == safe


def test_the_limit_is_exact_to_the_byte():
    def inspect(size):
        return uploads.inspect(ContentFile(PDF.ljust(size, b"x"), name="a.pdf"), accepts={"pdf"}, max_bytes=1000)

    assert inspect(999).size == 999
    assert inspect(1000).size == 1000
    with pytest.raises(Refused, match="no larger than"):
        inspect(1001)


@pytest.mark.parametrize(
    ("size", "says"),
    [
        (10 * uploads.MEGABYTE + 1, "is 1 byte too large"),
        (10 * uploads.MEGABYTE + 2000, "is 2,000 bytes too large"),
        (12_000_000, "is 11.4 MB"),
    ],
)
def test_a_file_just_over_its_limit_is_not_said_to_be_as_large_as_the_limit(size, says):
    assert uploads.too_large("a.pdf", size, 10 * uploads.MEGABYTE) == f"a.pdf {says}. Files must be no larger than 10 MB."


def test_an_empty_file_and_another_kind_get_their_sentences():
    with pytest.raises(Refused, match=r"a\.pdf is empty"):
        uploads.inspect(ContentFile(b"", name="a.pdf"), accepts={"pdf"}, max_bytes=1000)
    with pytest.raises(Refused, match="must be a PNG, JPEG or Excel file"):
        uploads.inspect(ContentFile(PDF, name="a.png"), accepts={"png", "jpg", "xlsx"}, max_bytes=1000)


def test_an_archive_that_unpacks_to_too_much_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("word/document.xml", b"0" * (uploads.MAX_UNPACKED + 1))
    with pytest.raises(Refused, match=r"a\.docx unpacks to far more"):
        uploads.inspect(ContentFile(out.getvalue(), name="a.docx"), accepts=EVERYTHING, max_bytes=uploads.MEGABYTE)


def test_an_archive_with_a_long_list_of_contents_is_refused_before_it_is_read(monkeypatch):
    """`zipfile` reads the list whole: two hundred thousand names in ten megabytes would be hundreds in memory."""
    whole = office("word/", *(f"word/{number}" for number in range(40)))
    monkeypatch.setattr(uploads, "MAX_DIRECTORY", 1500)
    read = []
    monkeypatch.setattr(uploads.zipfile.ZipFile, "infolist", lambda archive: read.append(archive) or [])
    for content in (whole, whole[:-2] + b"\x05\0words"):
        with pytest.raises(Refused, match="unpacks to far more"):
            uploads.found_type(ContentFile(content, name="x.docx"))
    end = whole.rfind(b"PK\x05\x06")
    said = (b"PK\x06\x06".ljust(40, b"\0") + (3000).to_bytes(8, "little") + bytes(8)) + b"PK\x06\x07".ljust(20, b"\0")
    large = whole[:end] + said + whole[end : end + 12] + b"\xff" * 8 + b"\0\0"
    with pytest.raises(Refused, match="unpacks to far more"):
        uploads.check_unpacks(io.BytesIO(large))
    assert read == []
    uploads.found_type(ContentFile(office("word/"), name="x.docx"))
    assert len(read) == 1
