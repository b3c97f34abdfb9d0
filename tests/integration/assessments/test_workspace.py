"""The assessor's workspace: autosave, a reading order of one's own, what is hidden, offline work, others' scores afterwards."""

import csv
import io
from fractions import Fraction

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook

from accounts.refusals import NotAllowedNow
from applications.models import Application
from assessments import packs, policies, standings
from assessments.actions import allocation, calibration, pool, reviews
from assessments.models import Assessment
from notifications.models import Notice
from tests.cast import *  # noqa: F403
from tests.stages import applications, grants
from tests.stages import assessments as stages
from tests.stages.assessments import INVITED, REASONS, SCORED

HEADS = b"Application,Row,What,Of,Marks or answer,Comment\n"


def typed(review: Assessment, **about) -> dict[str, str]:
    names = [criterion.id for criterion in review.scheme.criteria]
    marks = {f"marks_{name}": "7" for name in names} | {f"comment_{name}": REASONS for name in names}
    return marks | {"in_scope": "yes", "suitable": "yes", "confidence": "high", "overall_comment": REASONS} | about


class TestAutosave:
    def test_keeps_what_is_typed_and_says_so(self, cast, client, django_assert_max_num_queries, is_postgresql):
        review = stages.accepted(cast)[0]
        client.force_login(review.assessor)
        said = client.post(f"/assess/{review.pk}/save/", {"marks_need": "7", "revision": "0"}).json()
        assert said["words"].startswith("Saved ")
        assert said["revision"] == 1
        assert Assessment.objects.get(pk=review.pk).given()["need"].marks == 7
        with django_assert_max_num_queries(13 + is_postgresql):  # where rows are locked, one that locks
            client.post(f"/assess/{review.pk}/save/", {"marks_need": "8", "revision": "1"})

    def test_says_what_is_wrong_and_keeps_the_rest(self, cast, client):
        review = stages.accepted(cast)[0]
        client.force_login(review.assessor)
        said = client.post(f"/assess/{review.pk}/save/", {"marks_need": "70", "comment_need": REASONS}).json()
        assert "whole number from 0 to 10" in said["words"]
        assert Assessment.objects.get(pk=review.pk).given()["need"].comment == REASONS

    def test_stops_when_another_window_saved(self, cast, client):
        review = stages.accepted(cast)[0]
        client.force_login(review.assessor)
        client.post(f"/assess/{review.pk}/save/", {"marks_need": "7", "revision": "0"})
        answer = client.post(f"/assess/{review.pk}/save/", {"marks_need": "3", "revision": "0"})
        assert (answer.status_code, answer.json()["stop"]) == (409, True)
        assert Assessment.objects.get(pk=review.pk).given()["need"].marks == 7

    def test_is_nobody_elses(self, cast, client):
        review = stages.accepted(cast)[0]
        client.force_login(cast["assessor-2"])
        assert client.post(f"/assess/{review.pk}/save/", {"marks_need": "1"}).status_code == 404


def test_everybody_reads_in_an_order_of_their_own(cast):
    first = stages.invited(cast)
    for _ in range(3):
        stages.invited(cast, round=first[0].application.round)
    orders = {
        tuple(person.assessments.order_by("reading_order").values_list("application_id", flat=True))
        for person in (cast["assessor-1"], cast["assessor-2"], cast["assessor-3"])
    }
    assert len(orders) > 1


class TestIndependence:
    def test_others_scores_are_shown_once_ones_own_is_in_and_without_names(self, cast, client):
        first, second, _ = stages.accepted(cast)
        client.force_login(first.assessor)
        for review, marks in ((second, 3), (first, 8)):
            answer = client.get(f"/assess/{first.pk}/all/")
            assert answer.status_code == 409
            reviews.submit(assessment=review, content=stages.content(review, marks=marks), by=review.assessor, at=SCORED)
        page = client.get(f"/assess/{first.pk}/all/").text
        assert "30.0" in page
        assert "Assessor A" in page
        assert second.assessor.name not in page

    def test_and_hidden_again_when_it_is_returned(self, cast, client):
        first = stages.submitted(cast)[0]
        reviews.return_to_assessor(assessment=first, reason="Look again.", by=cast["officer"], at=SCORED)
        client.force_login(first.assessor)
        assert client.get(f"/assess/{first.pk}/all/").status_code == 409


class TestHidden:
    def test_neither_answers_nor_files_reach_an_assessor_by_any_way_out(self, cast, client):
        hides = "  hidden: [public_summary, project_plan]\n  tie_break: [need, adoption]"
        text = grants.document().replace("evidence_so_far, project_plan]", "evidence_so_far]")
        programme = grants.published(cast, text=text.replace("  tie_break: [need, adoption]", hides))
        round = grants.open_round(cast, programme=programme)
        application = applications.eligible(cast, round=round, given={"public_summary": "Zanzibar words."})
        plan = application.documents.filter(question="project_plan").order_by("pk").first()
        said = ("zanzibar", plan.name.lower())
        first, *others = stages.accepted(cast, application=Application.objects.get(pk=application.pk))
        client.force_login(cast["officer"])
        detail = client.get(f"/manage/applications/{application.reference}/").text.lower()
        assert all(words in detail for words in said), "what nobody may see proves nothing"

        # given: the page, the paper, the sheet, the files, the letters and the lists, while it is written and once all are in
        own, case = f"/assess/{first.pk}/", application.reference
        open_to_them = [f"{own}{page}" for page in ("", "review/", "give-back/", "pack.pdf")]
        open_to_them += ["/assess/", "/assess/done/", "/assess/offline/", "/assess/offline/reviews.csv", "/assess/offline/reviews.xlsx"]
        open_to_them += ["/home/", "/messages/", "/assess/membership/", "/accounts/"]
        shut = [
            f"{own}documents/{plan.pk}/",
            f"/manage/applications/{case}/",
            f"/manage/records/{case}/",
        ]
        shut += [f"/manage/assessment/{round.reference}/{case}/", f"/apply/{case}/documents/{plan.pk}/", "/funder/diagcomm/applications/"]
        shut += [f"/apply/{case}/", f"/manage/cases/{case}/history/"]
        client.force_login(first.assessor)
        for turn in range(2):
            assert {path: client.get(path).status_code for path in shut} == dict.fromkeys(shut, 404)
            assert client.get(f"/manage/applications/?search={said[0]}").status_code == 403
            assert client.get("/api/v1/applications/").status_code in (401, 403)
            for path in [*open_to_them, f"{own}all/"] if turn else open_to_them:
                assert not any(words in self.words(client, path) for words in said), path
            if not turn:
                for review in (*others, first):
                    reviews.submit(assessment=review, content=stages.content(review), by=review.assessor, at=SCORED)
        told = Notice.objects.filter(person=first.assessor)
        assert told.exists()
        assert not any(words in f"{one.subject} {one.body}".lower() for one in told for words in said)

    def words(self, client, path: str) -> str:
        """All that a way out says, in small letters; of a sheet its cells, of a PDF what it is set from."""
        answer = client.get(path)
        assert answer.status_code == 200, path
        if path.endswith(".xlsx"):
            return str(CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()).lower()
        if path.endswith(".pdf"):
            review = Assessment.objects.get(pk=int(path.split("/")[2]))
            return str(packs.compose(review, at=SCORED)).lower()
        return answer.content.decode().lower()


class TestCalibration:
    def test_comes_first_takes_no_place_and_does_not_count(self, cast):
        other = stages.invited(cast)
        first = Application.objects.for_pages().get(pk=applications.eligible(cast, round=other[0].application.round).pk)
        pool.describe(person=cast["assessor-4"], programme=first.round.programme, is_available=False, by=cast["officer"], at=INVITED)
        asked = calibration.set_up(application=first, by=cast["officer"], at=INVITED)
        assert cast["assessor-4"] not in {one.assessor for one in asked}, "who is not available is not asked"
        assert allocation.places_left(first) == 3
        mine = next(one for one in asked if one.assessor == other[0].assessor)
        with pytest.raises(NotAllowedNow) as refusal:
            reviews.accept(assessment=other[0], by=mine.assessor, at=INVITED)
        assert refusal.value.code == "calibrate_first"
        begun = reviews.accept(assessment=mine, by=mine.assessor, at=INVITED)
        reviews.submit(assessment=begun, content=stages.content(begun, marks=5), by=mine.assessor, at=INVITED)
        assert reviews.accept(assessment=other[0], by=mine.assessor, at=INVITED).state == "accepted"
        assert not Assessment.objects.counted().filter(application=first).exists()

    def test_its_application_is_assessed_in_earnest_too_and_nobody_sees_a_score_before(self, cast, client):
        first = Application.objects.for_pages().get(pk=applications.eligible(cast).pk)
        early = calibration.set_up(application=first, by=cast["officer"], at=INVITED)
        for one in early[:2]:
            begun = reviews.accept(assessment=one, by=one.assessor, at=INVITED)
            reviews.submit(assessment=begun, content=stages.content(begun, marks=5), by=one.assessor, at=INVITED)
        client.force_login(early[0].assessor)
        assert client.get(f"/assess/{early[0].pk}/all/").status_code == 409
        stages.planned(cast, first)
        in_earnest = stages.invited(cast, application=first)
        with pytest.raises(NotAllowedNow) as refusal:
            policies.check_all_in(first, at=SCORED)
        assert refusal.value.code == "reviews_waiting"
        taken = [reviews.accept(assessment=one, by=one.assessor, at=INVITED) for one in in_earnest[:2]]
        client.force_login(cast["officer"])
        page = client.get(f"/manage/assessment/{first.round.reference}/{first.reference}/").text
        assert "Scored first by everybody" in page
        assert "Reviews side by side" not in page
        for one in taken:
            reviews.submit(assessment=one, content=stages.content(one), by=one.assessor, at=SCORED)
        assert [vote.total for vote in standings.votes([first])[first.pk]] == [80, 80]

    def test_is_one_application_of_a_round(self, cast):
        first = Application.objects.for_pages().get(pk=applications.eligible(cast).pk)
        second = Application.objects.for_pages().get(pk=applications.eligible(cast, round=first.round).pk)
        calibration.set_up(application=first, by=cast["officer"], at=INVITED)
        with pytest.raises(NotAllowedNow):
            calibration.set_up(application=second, by=cast["officer"], at=INVITED)


class TestOffline:
    def test_the_pack_is_a_pdf(self, cast, client):
        review = stages.accepted(cast)[0]
        client.force_login(review.assessor)
        answer = client.get(f"/assess/{review.pk}/pack.pdf")
        assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
        client.force_login(cast["assessor-4"])
        assert client.get(f"/assess/{review.pk}/pack.pdf").status_code == 404

    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_a_sheet_comes_back_as_if_it_had_been_typed(self, cast, client, kind):
        review = stages.accepted(cast)[0]
        client.force_login(review.assessor)
        client.post(f"/assess/{review.pk}/save/", typed(review, comment_need="=1+1 and more words than that"))
        sheet = client.get(f"/assess/offline/reviews.{kind}").content
        if kind == "csv":
            assert b"'=1+1" in sheet
            sheet = sheet.replace(b",7,", b",9,")
        else:
            rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet)).get_sheet_by_index(0).to_python()
            assert rows[1][5] == "=1+1 and more words than that"
        page = client.post("/assess/offline/", {"file": SimpleUploadedFile(f"s.{kind}", sheet)}).text
        assert "Complete: read it through and submit it" in page
        assert "not kept" not in page
        fresh = Assessment.objects.get(pk=review.pk)
        assert fresh.given()["need"].comment == "=1+1 and more words than that"
        assert fresh.given()["need"].marks == (9 if kind == "csv" else 7)
        done = reviews.submit(assessment=fresh, by=review.assessor, at=SCORED)
        assert done.total == Fraction(90 if kind == "csv" else 70)

    def test_wrong_lines_are_named_and_others_reviews_left_alone(self, cast, client):
        review = stages.accepted(cast)[0]
        client.force_login(review.assessor)
        rows = list(csv.reader(io.StringIO(client.get("/assess/offline/reviews.csv").content.decode("utf-8-sig"))))
        rows[1][4], rows[2][4] = "lots", "80"
        rows += [rows[3], ["PH-9999-ZZZZ", "need", "", "", "7", REASONS], [review.application.reference, "charm", "", "", "7", REASONS]]
        out = io.StringIO()
        csv.writer(out).writerows(rows)
        page = client.post("/assess/offline/", {"file": SimpleUploadedFile("s.csv", out.getvalue().encode())}).text
        assert "Line 2: “lots” is not a whole number of marks." in page
        assert f"Line 12 says “{rows[3][1]}” again, which line 4 said already." in page
        assert "Line 14: there is no criterion “charm”." in page
        assert "Line 3: Marks for “Innovation” must be a whole number from 0 to 10." in page
        assert "<title>Error: " in page
        assert "You have no open review of this application." in page

    def test_an_empty_cell_wipes_out_nothing(self, cast, client):
        review = stages.accepted(cast)[0]
        client.force_login(review.assessor)
        reference = review.application.reference.encode()
        empty = client.get("/assess/offline/reviews.csv").content.replace(reference, reference.lower())
        client.post(f"/assess/{review.pk}/save/", typed(review))
        page = client.post("/assess/offline/", {"file": SimpleUploadedFile("s.csv", empty)}).text
        assert "Complete: read it through" in page
        assert not Assessment.objects.get(pk=review.pk).missing()

    @pytest.mark.parametrize(
        "content",
        [b"", b"a,b\n1,2\n", b"PK\x03\x04nonsense", b"\xff\xfe\x00", HEADS, HEADS + b",need,,,7,\n"],
    )
    def test_another_file_gets_a_sentence(self, cast, client, content):
        client.force_login(cast["assessor-1"])
        page = client.post("/assess/offline/", {"file": SimpleUploadedFile("s.csv", content)})
        assert page.status_code == 200
        assert "<title>Error: " in page.text
