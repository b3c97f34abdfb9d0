"""Sharing out the writing, handing a company over, and what staff type on the telephone."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from accounts.models import Person, RoleAssignment
from accounts.refusals import Denied, Refused
from accounts.roles import Role
from applications.actions import answers, assignments, assisted, teams
from applications.models import Answer, AssistedAnswer
from notifications.models import Notice
from tests.integration.applications.test_pages import posted, texts
from tests.stages import applications as stages
from workflow import deadlines


def test_a_part_goes_to_a_colleague_and_back_to_me(as_, draft, applicant, colleague, now):
    due = (now + timedelta(days=3)).date()
    part = {"section": "case", "question": "", "due_on": due, "note": "You know the market."}
    made = assignments.assign(application=draft, **part, to=colleague, by=applicant, at=now)
    assert Notice.objects.filter(kind="assignment", person=colleague, body__contains="know the market").exists()
    client = as_(colleague)
    assert "asks you to write this section" in texts(client.get(f"{draft.get_absolute_url()}form/case/"))
    assert "With you, due" in texts(client.get(f"{draft.get_absolute_url()}form/"))
    assert "asks you to, by" in texts(client.get("/home/"))
    deadlines.fire_due(at=datetime.combine(due, assignments.MORNING))
    assert Notice.objects.filter(person=colleague, subject__startswith="Due today").count() == 1
    page, typed = f"{draft.get_absolute_url()}form/case/", posted(draft, "case", {"need": "Sepsis kills.", "give_back": made.pk})
    assert client.post(page, typed).url == f"{draft.get_absolute_url()}form/"
    assert Answer.objects.get(application=draft, question="need").value == "Sepsis kills."
    assert Notice.objects.filter(kind="assignment", person=applicant, subject__contains="is back").exists()
    assert "With" not in texts(client.get(f"{draft.get_absolute_url()}form/")).partition("Check and send")[0].partition("Fill in")[2]


def test_only_writers_are_asked_and_only_for_parts_of_the_form(draft, cast, applicant, colleague, signatory, now):
    part = {"application": draft, "question": "", "due_on": None, "note": "", "by": applicant, "at": now}
    with pytest.raises(Refused, match="of your team"):
        assignments.assign(**part, section="case", to=cast["stranger"])
    with pytest.raises(Refused, match="a section or a question"):
        assignments.assign(**part, section="nonsense", to=colleague)
    with pytest.raises(Refused, match="nothing can be written after"):
        assignments.assign(**part | {"due_on": localdate(draft.closes_at) + timedelta(days=1)}, section="case", to=colleague)
    made = assignments.assign(**part, section="case", to=colleague)
    assignments.assign(**part, section="project", to=colleague)
    again = assignments.assign(**part | {"by": signatory}, section="case", to=signatory)
    assert Notice.objects.get(subject__startswith="Now with").person == colleague
    assert draft.assignments.get(section="case", ended_at=None) == again
    with pytest.raises(Denied):
        assignments.give_back(assignment=again, by=colleague, at=now)
    assert made.title == again.title


def test_whoever_is_taken_out_of_the_team_is_told_and_has_nothing_more_to_write(draft, applicant, colleague, signatory, now):
    part = {"application": draft, "section": "case", "question": "", "due_on": None, "note": ""}
    made = assignments.assign(**part, to=colleague, by=signatory, at=now)
    held = teams.members(draft.company, at=now).get(person=colleague)
    teams.remove(company=draft.company, assignment=held, by=applicant, at=now + timedelta(minutes=1))
    made.refresh_from_db()
    assert made.ended_by == applicant
    assert Notice.objects.get(kind="team.removed").person == colleague
    assert Notice.objects.filter(kind="assignment", person=signatory, subject__contains="is back").exists()


def roles(company, person) -> set[str]:
    return set(RoleAssignment.objects.filter(scope=company.organisation.scope, person=person, ends_at=None).values_list("role", flat=True))


def test_an_owner_hands_over_and_stays_or_leaves(as_, draft, applicant, colleague, signatory, now):
    company = draft.company
    with pytest.raises(Denied):
        teams.hand_over(company=company, to=signatory, stays=True, by=colleague, at=now)
    with pytest.raises(Refused, match="somebody else"):
        teams.hand_over(company=company, to=applicant, stays=True, by=applicant, at=now)
    page = as_(applicant).post(f"/apply/companies/{company.pk}/hand-over/", {"to": colleague.pk, "stays": "yes"})
    assert page.status_code == 302
    assert (roles(company, applicant), roles(company, colleague)) == ({Role.MEMBER}, {Role.OWNER})
    assert not Notice.objects.filter(kind="team.removed", person=colleague).exists()
    owner = Person.objects.get(pk=colleague.pk)  # afresh: what one holds is remembered on the object
    teams.hand_over(company=company, to=signatory, stays=False, by=owner, at=now + timedelta(hours=1))
    assert (roles(company, colleague), roles(company, signatory)) == (set(), {Role.SIGNATORY, Role.OWNER})
    shown = as_(signatory).get(f"/apply/companies/{company.pk}/team/").content.decode()
    assert (shown.count(f">{signatory.name}</th>"), "No longer authorised signatory" in shown) == (1, True)


def test_a_finance_contact_reads_and_is_not_asked_to_write(as_, draft, applicant, cast, now):
    person = cast["second-lead"]
    teams.add(company=draft.company, person=person, role=Role.FINANCE_CONTACT, by=applicant, at=now)
    client = as_(person)
    assert f"Finish {draft.reference}" not in texts(client.get("/home/"))
    shown = texts(client.get(f"{draft.get_absolute_url()}form/"))
    assert "Your part begins with an award" in shown
    assert "Share out the writing" not in shown
    assert client.get(f"{draft.get_absolute_url()}form/money/").url == f"{draft.get_absolute_url()}check/"
    read = texts(client.get(f"{draft.get_absolute_url()}check/"))
    assert "You can read this and not change it" in read
    assert "Change" not in read.replace("not change", "").replace("changes", "")
    start = texts(client.get(f"/apply/rounds/{draft.round.reference}/start/"))
    assert ("Start now" in start, "ask one of them to start it" in start) == (False, True)
    alone = cast["stranger"]
    teams.add(company=stages.company(cast, at=now), person=alone, role=Role.FINANCE_CONTACT, by=applicant, at=now)
    assert "Start an application" not in texts(as_(alone).get("/home/"))


def test_what_staff_type_counts_once_the_owner_confirms_it(as_, draft, officer, applicant, colleague, cast, now):
    secret = {"question": "project_title", "value": "A secret of ours", "is_confidential": True}
    answers.save(application=draft, **secret, by=colleague, at=now)
    client = as_(officer)
    assert "There is no draft" in texts(client.post("/manage/applications/type-for/", {"reference": "NOPE"}))
    assert client.post("/manage/applications/type-for/", {"reference": draft.reference.lower()}).status_code == 302
    page = f"/manage/applications/{draft.reference}/type-for/?section=project"
    assert "A secret of ours" not in client.get(page).content.decode()
    data = {"project_title": "A test for sepsis", "project_title-revision": "0", "public_summary": "", "public_summary-revision": "0"}
    assert client.post(page, data).status_code == 302
    assert Answer.objects.get(application=draft, question="project_title").value == "A secret of ours"
    money, asked = page.replace("=project", "=money"), posted(draft, "money", {"costs-count": "3", "milestones-count": "3"})
    assert "costs-3-amount_pence" in client.post(money, asked | {"add_row": "costs"}).content.decode()
    assert "at least one" in texts(client.post(money, asked))
    typed = AssistedAnswer.objects.get(application=draft)
    assert typed.question == "project_title"
    with pytest.raises(Denied):
        assisted.confirm(assisted=typed, by=colleague, at=now)
    owner = as_(applicant)
    assert f"Confirm what we typed for {draft.reference}" in texts(owner.get("/home/"))
    assert "We typed 1 answer for you" in texts(owner.get(f"{draft.get_absolute_url()}form/"))
    assert "A test for sepsis" in texts(owner.get(f"{draft.get_absolute_url()}typed/"))
    assert owner.post(f"{draft.get_absolute_url()}typed/", {"answer": typed.pk, "act": "confirm"}).status_code == 302
    answer = Answer.objects.get(application=draft, question="project_title")
    assert answer.is_confidential
    assert (answer.value, answer.saved_by, answer.earlier.get().value) == ("A test for sepsis", applicant, "A secret of ours")
    with pytest.raises(Denied):
        assisted.take_down(application=draft, typed={"project_title": "x"}, by=cast["monitor"], at=now)
    with pytest.raises(Refused, match="at least one"):
        assisted.take_down(application=draft, typed={"project_title": ""}, by=officer, at=now)
    again = assisted.take_down(application=draft, typed={"project_title": "Not that"}, by=officer, at=now)[0]
    assisted.turn_down(assisted=again, by=applicant, at=now)
    assert Answer.objects.get(application=draft, question="project_title").value == "A test for sepsis"


def test_who_may_sign_is_asked_of_a_large_team_as_of_a_small_one(as_, filled, cast, applicant, colleague, now):
    client, page = as_(colleague), f"{filled.get_absolute_url()}check/"

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert cast["signatory"].name in texts(client.get(page))
        return len(asked)

    queries()
    few = queries()
    for who in ("assessor-1", "assessor-2", "stranger"):
        teams.add(company=filled.company, person=cast[who], role=Role.MEMBER, by=applicant, at=now)
    assert queries() == few
