"""Changes to chosen sections after an application was sent in: before and after, and back to where it was."""

import json
from datetime import timedelta

import pytest

from accounts.refusals import Denied, NotAllowedNow, Refused
from applications.actions import answers, applications, changes
from applications.models import Answer, Application
from notifications import delivery
from notifications.models import Notice
from tests.integration.applications.test_pages import texts
from tests.stages import applications as stages
from workflow import deadlines

WHY = "Say which hospital lends you the samples."
SIGNED = {"name": "Sigrid Signatory", "position": "Director"}


@pytest.fixture
def until(now):
    return now + timedelta(days=14)


@pytest.fixture
def sent(cast, open_now, now) -> Application:
    return stages.eligible(cast, round=open_now, at=now)


@pytest.fixture
def asked(sent, cast, until, now) -> Application:
    """Its first section is to be changed, after the round has closed."""
    return changes.request(application=sent, sections=["project"], until=until, note=WHY, by=cast["officer"], at=now)


def change(application, by, at, **values):
    for question, value in values.items():
        answers.save(application=application, question=question, value=value, by=by, at=at)


def test_only_the_chosen_sections_open_and_both_papers_are_kept(asked, cast, open_now, colleague, now):
    late = open_now.closes_at + timedelta(days=1)
    before = asked.current_paper()
    change(asked, colleague, late, project_title="Samples lent by Sandwell")
    with pytest.raises(NotAllowedNow, match="Nobody asked for changes to"):
        change(asked, colleague, late, grant_requested=1_000_00)
    assert Application.objects.get(pk=asked.pk).title == asked.title  # until it is sent in, it says what was sent
    again = changes.sign_and_resubmit(application=asked, reply="Named it.", **SIGNED, key="k", by=cast["signatory"], at=late)
    after = again.current_paper()
    assert (again.state, again.title, again.changes_until) == ("eligible", "Samples lent by Sandwell", None)
    assert (before.number, after.number) == (1, 2)
    assert again.receipt_sha256 == after.sha256 != before.sha256
    assert json.loads(before.document)["title"] == asked.title
    assert again.submitted_at == asked.submitted_at  # it came in time
    once_more = changes.sign_and_resubmit(application=again, reply="Named it.", **SIGNED, key="k", by=cast["signatory"], at=late)
    assert once_more.papers.count() == 2
    told = Notice.objects.filter(kind="application.resubmitted")
    assert set(told.values_list("person__name", "is_urgent")) == {
        (cast[who].name, who != "officer") for who in ("applicant", "colleague", "signatory", "officer")
    }, "a receipt comes at once"
    assert told.count() == 4
    delivery.drain(at=late, leave=("notice.mail",))
    assert after.receipt.written_at == late


def test_a_rule_broken_by_the_changes_goes_to_an_officer(asked, cast, colleague, now):
    change(asked, colleague, now, has_started=True)
    again = changes.sign_and_resubmit(application=asked, reply="We began.", **SIGNED, by=cast["signatory"], at=now)
    assert again.state == "referred"


def test_they_are_due_by_our_clock_unless_an_officer_gives_time(asked, cast, officer, colleague, until, now):
    deadlines.fire_due(at=until - timedelta(days=2))
    assert Notice.objects.filter(kind="application.changes_due_soon", person=colleague).exists()
    deadlines.fire_due(at=until)
    assert Notice.objects.filter(kind="application.changes_overdue", person=officer).exists()
    with pytest.raises(NotAllowedNow, match="were due at"):
        change(asked, colleague, until, project_title="Late")
    with pytest.raises(Refused, match="later date"):
        changes.give_time(application=asked, until=until, note="Illness.", by=officer, at=now)
    later = changes.give_time(application=asked, until=until + timedelta(days=3), note="Illness.", by=officer, at=until)
    change(later, colleague, until, project_title="In time after all")


def test_going_on_without_puts_back_what_was_sent_and_keeps_what_was_typed(asked, officer, colleague, now):
    change(asked, colleague, now, project_title="Half a thought")
    kept = changes.keep_as_sent(application=asked, note="No answer came.", by=officer, at=now)
    answer = Answer.objects.get(application=asked, question="project_title")
    assert (kept.state, answer.value, kept.title) == ("eligible", asked.title, asked.title)
    assert answer.earlier.order_by("-revision").first().value == "Half a thought"


def test_who_may_ask_and_for_what(sent, cast, officer, until, now):
    about = {"application": sent, "note": WHY, "at": now}
    with pytest.raises(Denied):
        changes.request(**about, sections=["project"], until=until, by=cast["monitor"])
    with pytest.raises(Refused, match="at least one section"):
        changes.request(**about, sections=[], until=until, by=officer)
    with pytest.raises(Refused, match="this application's form"):
        changes.request(**about, sections=["nonsense"], until=until, by=officer)
    with pytest.raises(Refused, match="in the future"):
        changes.request(**about, sections=["project"], until=now, by=officer)
    draft = applications.reopen(application=sent, by=cast["applicant"], at=now)
    with pytest.raises(NotAllowedNow):
        changes.request(**about | {"application": draft}, sections=["project"], until=until, by=officer)


def test_the_pages_from_asking_to_before_and_after(as_, sent, cast, officer, signatory):
    asks = f"{sent.staff_path()}changes/"
    posted = {"sections": ["project"], "note": WHY, "day_day": "1", "day_month": "3", "day_year": "2030", "time": "17:00"}
    client = as_(officer)
    assert "Choose at least one section" in texts(client.post(asks, posted | {"sections": []}))
    assert client.post(asks, posted).status_code == 302
    client = as_(signatory)
    page = texts(client.get(f"{sent.get_absolute_url()}changes/"))
    assert WHY in page
    assert "Not changed yet" in page
    assert client.get(f"{sent.get_absolute_url()}form/finance/").status_code in (302, 404)
    change(Application.objects.for_pages().get(pk=sent.pk), cast["colleague"], sent.submitted_at, project_title="Samples from Sandwell")
    assert "added: Sandwell" in texts(client.get(f"{sent.get_absolute_url()}changes/"))
    signed = SIGNED | {"agreed": "on", "reply": "We named it.", "key": "once"}
    answer = client.post(f"{sent.get_absolute_url()}changes/", signed, follow=True)
    assert "Application received" in texts(answer)
    detail = texts(as_(officer).get(sent.staff_path()))
    assert "We named it." in detail
    assert "Before and after" in detail


@pytest.mark.parametrize(
    ("question", "cell", "now_says", "words"),
    [
        ("milestones", "deliverable", "Samples from Sandwell", "added: Sandwell"),
        ("milestones", "success", "A signed Sandwell protocol", "added: Sandwell"),
        ("costs", "category", "other", "added: Other"),
    ],
)
def test_no_change_in_a_table_goes_unseen(as_, sent, cast, applicant, until, now, question, cell, now_says, words):
    asked = changes.request(application=sent, sections=["money"], until=until, note=WHY, by=cast["officer"], at=now)
    rows = asked.values()[question]
    change(asked, applicant, now, **{question: [rows[0] | {cell: now_says}, *rows[1:]]})
    for page in ("changes", f"history/{question}"):
        assert words in texts(as_(applicant).get(f"{sent.get_absolute_url()}{page}/")), page
    changes.sign_and_resubmit(application=asked, reply="Done.", **SIGNED, key="k", by=cast["signatory"], at=now)
    assert words in texts(as_(cast["officer"]).get(sent.staff_path()))


def test_questions_and_answers_are_on_a_page_before_they_are_in_a_mail(as_, draft, officer, applicant, cast):
    theirs, ours = f"{draft.get_absolute_url()}messages/", f"{draft.staff_path()}messages/"
    client = as_(applicant)
    assert "Enter your message" in texts(client.post(theirs, {"body": "  "}))
    assert client.post(theirs, {"body": "May a bicycle count as equipment?"}).status_code == 302
    client = as_(officer)
    assert "Answer a question about" in texts(client.get("/home/"))
    assert "bicycle" in texts(client.get(ours))
    assert client.post(ours, {"body": "It may, with a quote."}).status_code == 302
    assert "Answer a question about" not in texts(client.get("/home/"))
    assert "with a quote" in texts(as_(applicant).get(theirs))
    told = Notice.objects.filter(kind="message.sent").exclude(person=officer)
    assert set(told.values_list("body", flat=True)) == {"It may, with a quote."}
    assert as_(cast["monitor"]).post(ours, {"body": "Hello"}).status_code == 403
    assert as_(cast["stranger"]).get(theirs).status_code == 404
