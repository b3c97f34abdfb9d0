"""PDFs that leave the house: tagged, the same for the same words, and deaf to what is typed into them."""

import io
from datetime import UTC, datetime

from pypdf import PdfReader

from design import papers

AT = datetime(2027, 3, 1, 10, 42, tzinfo=UTC)


def paper(*parts, title="A receipt", **about):
    return papers.Paper(title=title, sender="The cluster", reference="DIAGCOMM-7K2M", dated=AT, parts=list(parts), **about)


def read(body):
    reader = PdfReader(io.BytesIO(body))
    return reader, "\n".join(page.extract_text() for page in reader.pages)


def test_a_paper_is_tagged_titled_and_says_its_language():
    every = [
        papers.heading("Facts"),
        papers.facts([("SHA-256", "ab" * 32), ("Company", "A & B Ltd")], exact=["SHA-256"]),
        papers.bullets(["one", "two"]),
        papers.numbered(["first"]),
        papers.table("Costs", ["What", "Amount"], [["Labour", "£10"]], numeric=["Amount"], total=["Total", "£10"]),
        papers.together(papers.heading("Asked", 2), papers.quiet("Small words."), sticks=True),
        papers.sign("Sigrid", "Director"),
    ]
    reader, said = read(papers.write(paper(*every, lead="We have it.", addressee=["A Ltd", ""], footer="Not a contract")))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"].startswith("en")
    assert root["/StructTreeRoot"]
    assert b"pdfuaid" in root["/Metadata"].get_data()
    assert reader.metadata.title == "A receipt"
    assert all(
        words in said
        for words in ("ab" * 32, "A & B Ltd", "Labour", "Total", "Small words.", "Sigrid", "We have it.", "Not a contract", "Page 1 of 1")
    )


def test_the_same_words_are_the_same_bytes():
    assert papers.write(paper(papers.text("Once"))) == papers.write(paper(papers.text("Once")))
    assert papers.write(paper(papers.text("Once"))) != papers.write(paper(papers.text("Twice")))


def test_what_is_typed_is_never_an_instruction():
    typed = '#panic("no") *bold* $x$ @ref <label> #read("/etc/passwd") \\u{41} "quoted"'
    assert typed.replace(" ", "") in read(papers.write(paper(papers.text(typed))))[1].replace(" ", "").replace("\n", "").replace("’", "'")


def test_characters_without_a_shape_are_written_as_numbers_and_never_stop_a_paper():
    _, said = read(papers.write(paper(papers.text("日本 \U0001f600 α ≥ Ж\x00\x07\ufffe"), title="Tools 漢")))
    assert all(number in said for number in ("[U+65E5][U+672C]", "[U+1F600]", "[U+6F22]", "α ≥ Ж"))
    assert "typeface lacks some characters" in said
    assert "typeface lacks" not in read(papers.write(paper(papers.text("Plain"))))[1]


def test_empty_lines_begin_paragraphs_and_long_text_runs_over_pages():
    reader, said = read(papers.write(paper(papers.text("One\r\ntwo\n\n\n\nthree\n\n" + "word " * 3000))))
    assert len(reader.pages) > 2
    assert "One\ntwo" in said
