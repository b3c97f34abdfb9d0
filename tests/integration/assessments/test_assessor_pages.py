"""The assessor's pages: nothing opens before the declaration, nothing typed is lost, nobody looks over another's shoulder."""

import re

import pytest

from assessments.actions import reviews
from assessments.models import Assessment, Conflict, Score
from tests.cast import *  # noqa: F403
from tests.stages import assessments as stages
from tests.stages.assessments import INVITED, REASONS, SCORED

SECRET = "Two hospitals have offered a site"
"""A sentence of the sample answers, and of nothing else."""


def fresh(assessment: Assessment) -> Assessment:
    return Assessment.objects.get(pk=assessment.pk)


def get(client, person, path: str, **about):
    client.force_login(person)
    return client.get(path, **about)


def post(client, person, path: str, data: dict, **about):
    client.force_login(person)
    return client.post(path, data, **about)


def typed(assessment: Assessment, **changes) -> dict[str, str]:
    """A complete form as a browser sends it, with changes."""
    names = [criterion.id for criterion in assessment.scheme.criteria]
    data = {"act": "submit", "revision": str(fresh(assessment).revision), "in_scope": "yes", "suitable": "yes", "overall_comment": REASONS}
    data |= {f"marks_{name}": "8" for name in names} | {f"comment_{name}": REASONS for name in names}
    return data | changes


def test_the_queue_says_what_is_due_when(client, cast):
    first = stages.invited(cast)[0]
    page = get(client, first.assessor, "/assess/").content.decode()
    assert first.application.title in page
    assert "To accept or decline" in page or "Overdue" in page
    assert "14 November 2026" in page
    assert SECRET not in page


def test_the_declaration_shows_names_and_no_content(client, cast):
    first = stages.invited(cast)[0]
    page = get(client, first.assessor, f"/assess/{first.pk}/").content.decode()
    for shown in (first.application.title, first.application.company.name, "Ann Applicant", "Sigrid Signatory"):
        assert shown in page
    assert SECRET not in page


def test_the_review_does_not_open_before_the_declaration(client, cast):
    first = stages.invited(cast)[0]
    response = get(client, first.assessor, f"/assess/{first.pk}/review/")
    assert (response.status_code, response["Location"]) == (302, f"/assess/{first.pk}/")


def test_accepting_opens_it(client, cast):
    first = stages.invited(cast)[0]
    response = post(client, first.assessor, f"/assess/{first.pk}/", {"answer": "accept", "reason": ""}, follow=True)
    assert response.redirect_chain == [(f"/assess/{first.pk}/review/", 302)]
    assert SECRET in response.content.decode()


@pytest.mark.parametrize(("answer", "state"), [("conflict", "conflicted"), ("decline", "declined")])
def test_giving_it_back_asks_for_a_reason_and_closes_it(client, cast, answer, state):
    first = stages.invited(cast)[0]
    page = post(client, first.assessor, f"/assess/{first.pk}/", {"answer": answer, "reason": " "})
    assert "Say in a sentence what the reason is." in page.content.decode()
    assert fresh(first).state == "invited"
    post(client, first.assessor, f"/assess/{first.pk}/", {"answer": answer, "reason": "My sister works there."})
    assert fresh(first).state == state
    for path in (f"/assess/{first.pk}/review/", f"/assess/{first.pk}/give-back/"):
        assert get(client, first.assessor, path).status_code == 404


def test_saying_nothing_is_answered_with_a_sentence(client, cast):
    first = stages.invited(cast)[0]
    page = post(client, first.assessor, f"/assess/{first.pk}/", {"answer": ""}).content.decode()
    assert "Say whether you have a conflict of interest." in page
    assert "<title>Error: " in page


@pytest.mark.parametrize("who", ["assessor-2", "assessor-4", "stranger", "applicant", "officer", "lead", "chair", "auditor", "funder"])
def test_a_review_is_nobody_elses(client, cast, who):
    first = stages.accepted(cast)[0]
    for path in (f"/assess/{first.pk}/", f"/assess/{first.pk}/review/", f"/assess/{first.pk}/give-back/"):
        assert get(client, cast[who], path).status_code == 404
    assert post(client, cast[who], f"/assess/{first.pk}/review/", typed(first)).status_code == 404
    assert fresh(first).state == "accepted"


def test_nobody_gets_in_without_signing_in(client, cast):
    first = stages.accepted(cast)[0]
    for path in ("/assess/", f"/assess/{first.pk}/review/", "/manage/assessment/"):
        response = client.get(path)
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/")


def test_a_conflict_found_after_acceptance_closes_page_and_document(client, cast):
    first = stages.accepted(cast)[0]
    document = first.application.documents.first()
    path = f"/assess/{first.pk}/documents/{document.pk}/"
    opened = get(client, first.assessor, path)
    assert b"".join(opened.streaming_content)
    Conflict.objects.create(
        person=first.assessor, application=first.application, kind="found", ground="employer", status="confirmed",
        recorded_at=INVITED, recorded_by=cast["officer"],
    )  # fmt: skip
    assert get(client, first.assessor, path).status_code == 404
    assert get(client, first.assessor, f"/assess/{first.pk}/review/").status_code == 404
    assert post(client, first.assessor, f"/assess/{first.pk}/review/", typed(first)).status_code == 404


def test_a_document_of_another_application_is_not_served(client, cast):
    first = stages.accepted(cast)[0]
    other = stages.accepted(cast, round=first.application.round)[1].application.documents.first()
    assert get(client, first.assessor, f"/assess/{first.pk}/documents/{other.pk}/").status_code == 404


def test_a_document_is_a_download_of_the_type_found_in_it(client, cast):
    first = stages.accepted(cast)[0]
    document = first.application.documents.first()
    response = get(client, first.assessor, f"/assess/{first.pk}/documents/{document.pk}/")
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert b"".join(response.streaming_content)


@pytest.mark.parametrize("verdict", ["waiting", "infected"])
def test_a_document_in_quarantine_opens_to_nobody(client, cast, verdict):
    first = stages.accepted(cast)[0]
    document = first.application.documents.first()
    first.application.documents.update(scan_state=verdict, scanned_at=INVITED)
    of_staff = f"{first.application.get_absolute_url()}documents/{document.pk}/"
    asked = {path: [cast[who] for who in ("officer", "lead", "applicant")] for path in (of_staff, f"{of_staff}?look")}
    asked |= {f"/assess/{first.pk}/documents/{document.pk}/{look}": [first.assessor] for look in ("", "?look")}
    told = {(path, person.name): get(client, person, path).status_code for path, people in asked.items() for person in people}
    assert set(told.values()) == {404, 409}, told
    assert {status for (path, _), status in told.items() if path.startswith(of_staff)} == {409}


def test_half_is_saved_and_shown_again(client, cast):
    first = stages.accepted(cast)[0]
    data = {"act": "save", "revision": "0", "marks_need": "7", "comment_need": "So far so good"}
    page = post(client, first.assessor, f"/assess/{first.pk}/review/", data, follow=True).content.decode()
    assert "Saved. You can go on later." in page
    assert "So far so good" in page
    assert "14.0 of 20.0 so far" in page
    assert fresh(first).state == "accepted"


@pytest.mark.parametrize("marks", ["eleven", "11", "-1", "7.5", "8 of 10", "9" * 40, "٣"])
def test_bad_marks_get_a_sentence_and_keep_what_was_typed(client, cast, marks):
    first = stages.accepted(cast)[0]
    page = post(client, first.assessor, f"/assess/{first.pk}/review/", typed(first, marks_need=marks)).content.decode()
    assert re.search(r"Marks for “Need” must be a whole number from 0 to 10|Ensure this value has at most", page)
    assert f'value="{marks}"' in page
    assert fresh(first).state == "accepted"
    assert Score.objects.get(assessment=first, criterion="innovation").marks == 8
    assert not Score.objects.filter(assessment=first, criterion="need", marks__isnull=False).exists()


def test_a_missing_comment_is_named_and_everything_else_kept(client, cast):
    first = stages.accepted(cast)[0]
    page = post(client, first.assessor, f"/assess/{first.pk}/review/", typed(first, comment_need="", suitable="")).content.decode()
    assert "Give the reasons for your marks for “Need” in at least 20 characters." in page
    assert "Say whether the application is suitable for funding." in page
    assert page.count(REASONS) >= 6
    assert fresh(first).overall_comment == REASONS


def test_an_over_long_comment_is_refused_and_kept(client, cast):
    first = stages.accepted(cast)[0]
    long = "x" * 4001
    page = post(client, first.assessor, f"/assess/{first.pk}/review/", typed(first, comment_need=long)).content.decode()
    assert "Shorten your reasons for “Need” to 4000 characters; they have 4001." in page
    assert ' maxlength="4000"' not in page, "nothing is cut off while it is pasted"
    assert long in page


def test_a_complete_review_is_submitted_and_then_only_read(client, cast):
    first = stages.accepted(cast)[0]
    response = post(client, first.assessor, f"/assess/{first.pk}/review/", typed(first, marks_need="7"), follow=True)
    assert "Review submitted" in response.content.decode()
    assert fresh(first).total == 78
    page = get(client, first.assessor, f"/assess/{first.pk}/review/").content.decode()
    assert "7 of 10" in page
    assert 'name="marks_need"' not in page


def test_a_second_press_of_submit_is_answered_with_a_sentence(client, cast):
    first = stages.accepted(cast)[0]
    data = typed(first)
    post(client, first.assessor, f"/assess/{first.pk}/review/", data)
    page = post(client, first.assessor, f"/assess/{first.pk}/review/", data)
    assert page.status_code == 200
    assert "so it cannot be changed" in page.content.decode()
    assert first.papers.count() == 1


def test_two_windows_lose_neither_text(client, cast):
    first = stages.accepted(cast)[0]
    reviews.save(assessment=first, content=stages.content(first, marks=5), by=first.assessor, at=SCORED)
    mine = typed(first, revision="0", act="save", comment_need="My other words", marks_adoption="5")
    page = post(client, first.assessor, f"/assess/{first.pk}/review/", mine)
    text = page.content.decode()
    assert "saved in another window since you opened it" in text
    assert "My other words" in text
    assert text.count("The other window saved: 5 marks, and these reasons:") == len(first.scheme.criteria) - 1, "only where it differs"
    assert "no-store" in page["Cache-Control"], "going back to the page must not show what was overtaken"
    assert Score.objects.get(assessment=first, criterion="need").marks == 5
    assert 'name="revision" value="1"' in text


def test_markup_in_a_comment_is_shown_as_text(client, cast):
    first = stages.accepted(cast)[0]
    page = post(
        client,
        first.assessor,
        f"/assess/{first.pk}/review/",
        typed(first, act="save", comment_need="<script>alert(1)</script>"),
        follow=True,
    ).content.decode()
    assert "<script>alert(1)</script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_get_changes_nothing(client, cast):
    first = stages.invited(cast)[0]
    for path in (f"/assess/{first.pk}/?answer=accept", f"/assess/{first.pk}/review/?act=submit"):
        get(client, first.assessor, path)
    assert fresh(first).state == "invited"


def test_scores_of_others_are_on_no_page_of_an_assessor(client, cast):
    first, second, _ = stages.accepted(cast)
    words = "Only Ben would put it in these words, exactly so."
    content = stages.content(second)
    content = type(content)(marks=content.marks, comments=content.comments, closing={**content.closing, "overall_comment": words})
    reviews.submit(assessment=second, content=content, by=second.assessor, at=SCORED)
    for path in ("/assess/", "/assess/done/", f"/assess/{first.pk}/review/"):
        assert words not in get(client, first.assessor, path).content.decode()
    reviews.submit(assessment=first, content=stages.content(first), by=first.assessor, at=SCORED)
    assert words not in get(client, first.assessor, f"/assess/{first.pk}/review/").content.decode()
    assert f"{first.application.company.name}. Submitted 5 November 2026." in get(client, first.assessor, "/assess/done/").content.decode()


@pytest.mark.parametrize("cursor", ["x", "1-2", "1-2-3", "-", "99999999999999999999-1-1", "²-²-²", "1-2-3-4"])
def test_a_cursor_that_is_none_starts_again(client, cast, cursor):
    stages.invited(cast)
    assert get(client, cast["assessor-1"], "/assess/", data={"after": cursor}).status_code == 200


def test_the_queue_costs_the_same_for_one_and_for_many(client, cast, django_assert_max_num_queries):
    first = stages.invited(cast)[0]
    client.force_login(first.assessor)
    with django_assert_max_num_queries(12) as one:
        client.get("/assess/")
    for _ in range(3):
        stages.accepted(cast, round=first.application.round)
    with django_assert_max_num_queries(12) as many:
        client.get("/assess/")
    assert len(many) == len(one)
