"""Files in pieces over a bad line, several at once, used again, cut off, and two kinds in one."""

import pytest
from botocore.exceptions import EndpointConnectionError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.limits import Limit
from accounts.refusals import Refused
from applications import samples
from applications.actions import documents, uploading
from applications.models import Document, Piece, Uploading
from config import limits

QUESTION = "project_plan"


def send(client, to, data, offset):
    return client.post(to, data, content_type="application/octet-stream", headers={"Upload-Offset": str(offset)})


def test_a_file_comes_in_pieces_and_goes_on_where_it_was(as_, draft, applicant, cast, monkeypatch):
    monkeypatch.setattr(uploading, "PIECE", 200)
    whole, path = samples.pdf("The plan"), f"{draft.get_absolute_url()}uploads/"
    about = {"question": QUESTION, "name": "plan.pdf", "size": len(whole), "token": "t1"}
    client = as_(applicant)
    begun = client.post(path, about).json()
    assert (begun["offset"], begun["piece"]) == (0, 200)
    assert send(client, begun["to"], whole[:200], 0).json() == {"offset": 200, "is_done": False}
    lost = send(client, begun["to"], whole[:200], 0)  # its answer never came, so it is sent again
    assert (lost.status_code, lost.json()["offset"]) == (409, 200)
    assert client.post(path, about).json() == begun | {"offset": 200}  # the page was opened again
    assert client.get(begun["to"]).json() == {"offset": 200}
    client.post(path, about | {"name": "old.pdf", "token": "t0"})
    client.post(path, about | {"name": "old.pdf", "token": "t2"})  # it was saved again meanwhile
    assert [one.token for one in Uploading.objects.order_by("pk")] == ["t1", "t2"]
    assert "plan.pdf is not all here: 200\xa0bytes of" in client.get(f"{draft.get_absolute_url()}form/documents/").content.decode()
    assert as_(cast["stranger"]).get(begun["to"]).status_code == 404
    client = as_(applicant)
    offset = 200
    while offset < len(whole):
        answer = send(client, begun["to"], whole[offset : offset + 200], offset).json()
        offset = answer["offset"]
    assert answer["is_done"]
    with Document.objects.get(application=draft).file.open("rb") as opened:
        assert opened.read() == whole
    assert send(client, begun["to"], whole[offset - 200 :], offset - 200).json() == {"offset": len(whole), "is_done": True}  # answer lost
    assert not Piece.objects.exists()
    assert client.post(path, about).json()["offset"] == 0  # chosen anew
    assert Document.objects.count() == 1


@pytest.mark.parametrize("is_attached", [False, True])
def test_what_is_all_here_is_attached_when_the_browser_asks_again(as_, draft, applicant, monkeypatch, is_attached):
    """As when the process is killed, or the storage is away: the file must not be called here while it is not, nor be asked for twice."""
    whole = samples.pdf("The plan")
    client = as_(applicant)
    path = f"{draft.get_absolute_url()}uploads/"
    to = client.post(path, {"question": QUESTION, "name": "plan.pdf", "size": len(whole), "token": "t1"}).json()["to"]

    attach = documents.attach

    def killed(**given):
        if is_attached:
            attach(**given)
        raise OSError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(documents, "attach", killed)
        with pytest.raises(OSError, match="killed"):
            send(client, to, whole, 0)
    assert send(client, to, whole, 0).json()["offset"] == len(whole)
    assert send(client, to, b"", len(whole)).json() == {"offset": len(whole), "is_done": True}
    assert Document.objects.get(application=draft).size == len(whole)


def test_a_storage_that_is_away_gets_its_sentence_and_pieces_wait_for_it(as_, draft, applicant, monkeypatch):
    whole, client = samples.pdf("The plan"), as_(applicant)

    def away(*given, **named):
        raise EndpointConnectionError(endpoint_url="http://bucket")

    to = client.post(
        f"{draft.get_absolute_url()}uploads/", {"question": QUESTION, "name": "plan.pdf", "size": len(whole), "token": "t"}
    ).json()["to"]
    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "save", away)
        page = client.post(
            f"{draft.get_absolute_url()}form/documents/", {QUESTION: SimpleUploadedFile("plan.pdf", whole), "upload": QUESTION}
        )
        assert (page.status_code, "We cannot keep plan.pdf just now" in page.content.decode()) == (200, True)
        told = send(client, to, whole, 0)
        assert (told.status_code, told.json()["code"]) == (503, "storage_away")
        patch.undo()
        assert send(client, to, b"", len(whole)).json()["is_done"]
        patch.setattr(default_storage, "open", away)
        answer = client.get(f"{draft.get_absolute_url()}documents/{Document.objects.get().pk}/?look")
        assert (answer.status_code, "We cannot open plan.pdf just now" in answer.content.decode()) == (503, True)


def test_who_sends_on_what_is_gone_is_told_to_begin_anew(as_, draft, applicant):
    answer = send(as_(applicant), f"{draft.get_absolute_url()}uploads/77/", b"x", 0)
    assert (answer.status_code, answer.json()["code"]) == (409, "upload_gone")


def test_what_cannot_be_kept_is_refused_before_or_at_the_end(as_, draft, applicant):
    path = f"{draft.get_absolute_url()}uploads/"
    client = as_(applicant)
    huge = client.post(path, {"question": QUESTION, "name": "a.pdf", "size": 99_000_000, "token": "t"})
    assert (huge.status_code, "no larger than" in huge.json()["sentence"]) == (400, True)
    endless = client.post(path, {"question": QUESTION, "name": "a.pdf", "size": 3 * 10**9, "token": "t"})
    assert "no larger than" in endless.json()["sentence"]
    begun = client.post(path, {"question": QUESTION, "name": "a.pdf", "size": 20, "token": "t"}).json()
    assert send(client, begun["to"], b"x" * 21, 0).status_code == 400
    refused = send(client, begun["to"], b"\0" * 20, 0)
    assert (refused.status_code, "must be a" in refused.json()["sentence"]) == (400, True)
    assert not Uploading.objects.exists()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (samples.pdf("Cut")[:-40], "not complete"),
        (samples.pdf("Two") + b"PK\x05\x06" + b"\0" * 18, "two files in one"),
        (samples.pdf("More") + b"<html>" + b"x" * 2000, "follows the end"),
    ],
)
def test_a_file_is_all_of_one_thing(draft, applicant, now, data, why):
    with pytest.raises(Refused, match=why):
        documents.attach(application=draft, question=QUESTION, upload=ContentFile(data, name="a.pdf"), by=applicant, at=now)


def test_several_at_once_without_scripts_and_one_used_again(as_, draft, applicant):
    files = {question.id: question for question in draft.version.definition.form.questions() if question.kind == "file"}
    several = next(id for id, question in files.items() if question.at_most > 1)
    other = next(id for id in files if id != several)
    page = f"{draft.get_absolute_url()}form/{draft.version.definition.form.section_of(several).id}/"
    chosen = [SimpleUploadedFile(f"{name}.pdf", samples.pdf(name)) for name in ("one", "two")]
    client = as_(applicant)
    assert client.post(page, {several: chosen, "upload": several}).status_code == 302
    assert draft.documents.kept().filter(question=several).count() == 2
    first = draft.documents.order_by("pk").first()
    assert client.post(page, {"use_again": f"{other}:{first.pk}"}).status_code == 302
    assert draft.documents.get(question=other).sha256 == first.sha256


def test_a_pdf_is_looked_at_in_a_sandbox_and_anything_else_saved(as_, draft, applicant):
    document = documents.attach(
        application=draft, question=QUESTION, upload=ContentFile(samples.pdf("Plan"), name="plan.pdf"), by=applicant, at=draft.started_at
    )
    client, path = as_(applicant), f"{draft.get_absolute_url()}documents/{document.pk}/"
    form = client.get(f"{draft.get_absolute_url()}check/").content.decode()
    assert f"{path}?look" in form
    shown, saved = client.get(f"{path}?look"), client.get(path)
    assert shown["Content-Disposition"].startswith("inline")
    assert "sandbox" in shown["Content-Security-Policy"]
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert saved["Content-Disposition"].startswith("attachment")
    assert b"".join(shown.streaming_content) == b"".join(saved.streaming_content)
    Document.objects.filter(pk=document.pk).update(content_type="text/csv")
    as_file = client.get(f"{path}?look")
    assert as_file["Content-Disposition"].startswith("attachment")
    as_file.close()


def test_beginning_a_file_counts_as_sending_one(as_, draft, applicant, monkeypatch):
    monkeypatch.setattr(limits, "UPLOADS", Limit(1, 3600, "You have sent very many files."))
    client, path = as_(applicant), f"{draft.get_absolute_url()}uploads/"
    about = {"question": QUESTION, "name": "a.pdf", "size": 20}
    first, second = (client.post(path, about | {"token": token}, headers={"Accept": "application/json"}) for token in ("a", "b"))
    assert (first.status_code, second.status_code) == (201, 429)
    assert second.json()["detail"] == "You have sent very many files."
