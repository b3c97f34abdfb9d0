"""A draft written section by section: nothing is lost, nothing that is used breaks, nobody is overwritten."""

import pytest
from django.core.cache import cache

from accounts.models import Person
from accounts.refusals import Denied, NotAllowedNow, Refused
from audit.models import Event
from grants.actions import drafting, examples, programmes
from grants.definition import DocumentRefused, surgery, yaml_text
from grants.models import Programme, ProgrammeVersion
from grants.rehearsing import answer, ready_made
from tests.cast import *  # noqa: F403
from tests.cast import sign_in
from tests.integration.grants.test_pages import text_of
from tests.stages import grants as stages

pytestmark = pytest.mark.django_db
NOW = stages.BEFORE
HOME = "/manage/programmes/diagcomm/draft/"


@pytest.fixture
def version(cast) -> ProgrammeVersion:
    return stages.drafted(cast)


@pytest.fixture
def page(client, cast, version):
    cache.clear()
    sign_in(client, cast["officer"])
    return client


def said(version: ProgrammeVersion, *path):
    return surgery.get(yaml_text.read(again(version).document).values, path)


def on(version: ProgrammeVersion) -> dict[str, str]:
    """What a page says of the text that it showed."""
    return {"based_on": again(version).sha256}


def again(version: ProgrammeVersion) -> ProgrammeVersion:
    return ProgrammeVersion.objects.get(pk=version.pk)


class TestEditing:
    def test_a_draft_begins_as_the_published_version_and_is_begun_once(self, cast, version):
        assert version.document == stages.document()
        assert version.number == 2
        assert drafting.begin(programme=version.programme, by=cast["officer"], at=NOW) == version
        with pytest.raises(Denied):
            drafting.begin(programme=version.programme, by=cast["monitor"], at=NOW)

    def test_a_change_is_stored_with_who_and_what(self, officer, version):
        about = {"version": version, "based_on": version.sha256, "by": officer, "at": NOW}
        changed = drafting.set_value(**about, part=("criteria", 0), value={"weight": 25})
        assert said(version, "criteria", 0, "weight") == 25
        assert (changed.edited_by, changed.edited_at) == (officer, NOW)
        event = Event.objects.filter(kind="programmeversion.edited").get()
        assert event.after["place"] == "criteria[1]"
        assert "# yaml-language-server" in changed.document, "comments stay"

    def test_what_does_not_add_up_yet_is_stored_and_keeps_it_from_going_forward(self, officer, version):
        drafting.set_value(version=version, based_on=version.sha256, part=("criteria", 0), value={"weight": 25}, by=officer, at=NOW)
        with pytest.raises(DocumentRefused, match="add up to 105"):
            programmes.prepare(version=again(version), by=officer, at=NOW)

    def test_two_who_write_different_parts_both_keep_theirs(self, officer, lead, version):
        shown = version.sha256
        drafting.set_value(version=version, based_on=shown, part=("criteria", 0), value={"weight": 25}, by=officer, at=NOW)
        drafting.set_value(version=version, based_on=shown, part=("criteria", 1), value={"weight": 15}, by=lead, at=NOW)
        drafting.set_value(version=version, based_on=shown, part=("criteria", 0), value={"title": "The need"}, by=lead, at=NOW)
        assert [said(version, "criteria", index, "weight") for index in (0, 1)] == [25, 15]
        assert said(version, "criteria", 0, "title") == "The need"

    def test_the_second_to_write_the_same_is_told_and_nothing_is_overwritten(self, officer, lead, version):
        shown = version.sha256
        drafting.set_value(version=version, based_on=shown, part=("criteria", 0), value={"weight": 25}, by=officer, at=NOW)
        with pytest.raises(drafting.Overtaken, match=f"{officer} changed this"):
            drafting.set_value(version=version, based_on=shown, part=("criteria", 0), value={"weight": 30}, by=lead, at=NOW)
        with pytest.raises(drafting.Overtaken):
            drafting.remove(version=version, based_on=shown, part=("criteria", 0), by=lead, at=NOW)
        assert said(version, "criteria", 0, "weight") == 25

    def test_a_list_that_was_put_in_another_order_is_not_written_by_number(self, officer, lead, version):
        shown = version.sha256
        drafting.move(version=version, based_on=shown, part=("criteria", 0), places=1, by=officer, at=NOW)
        assert [item["id"] for item in said(version, "criteria")][:2] == ["innovation", "need"]
        with pytest.raises(drafting.Overtaken):
            drafting.set_value(version=version, based_on=shown, part=("criteria", 0), value={"weight": 30}, by=lead, at=NOW)

    @pytest.mark.parametrize(
        ("part", "says"),
        [
            (("form", "sections", 0, "questions", 0), r"question “project_title” is still used.*form\.means\.title"),
            (("indicators", 0), "indicator “jobs_created” is still used.*reports"),
            (("delivery", "cost_categories", 0), "still used"),
        ],
    )
    def test_what_is_still_used_does_not_go(self, officer, version, part, says):
        used = part if part[0] != "delivery" else _used_category(version)
        with pytest.raises(Refused, match=says):
            drafting.remove(version=version, based_on=version.sha256, part=used, by=officer, at=NOW)
        text = version.document.replace("id: project_title", "id: other_title")
        with pytest.raises(Refused, match="still used"):
            drafting.write_text(version=version, based_on=version.sha256, key="", text=text, by=officer, at=NOW)

    def test_a_new_name_goes_everywhere(self, officer, version):
        about = {"version": version, "based_on": version.sha256, "by": officer, "at": NOW}
        with pytest.raises(Refused, match="taken by another"):
            drafting.rename(**about, kind="question", old="has_started", new="public_summary")
        changed = drafting.rename(**about, kind="question", old="has_started", new="work_begun")
        assert "has_started" not in changed.document
        assert "!answers.work_begun" in changed.document
        assert changed.read()

    def test_the_text_goes_in_as_it_comes_out(self, officer, version):
        about = {"version": version, "by": officer, "at": NOW}
        same = drafting.write_text(**about, based_on=version.sha256, key="", text=version.document.replace("\n", "\r\n"))
        assert same.document == version.document
        part = surgery.part_of(version.document, "criteria")
        changed = drafting.write_text(**about, based_on=version.sha256, key="criteria", text=part.replace("weight: 20", "weight: 21", 1))
        assert changed.document == version.document.replace("weight: 20", "weight: 21", 1)

    @pytest.mark.parametrize(
        ("old", "new", "says"),
        [
            ("slug: diagcomm", "slug: other", "keeps its short name"),
            ("funder: Anyshire Combined Authority", "funder: Other", "keeps its funder"),
            ("weight: 20", "wait: 20", "“weight” is missing"),
            ("criteria:", "criteria: [", "The “\\[” on this line is not closed"),
        ],
    )
    def test_a_text_that_would_be_no_programme_any_more_is_refused(self, officer, version, old, new, says):
        text = version.document.replace(old, new, 1)
        with pytest.raises(Refused, match=says):
            drafting.write_text(version=version, based_on=version.sha256, key="", text=text, by=officer, at=NOW)
        assert again(version).sha256 == version.sha256

    def test_only_a_draft_is_written(self, officer, version):
        programmes.prepare(version=version, by=officer, at=NOW)
        with pytest.raises(NotAllowedNow, match="waiting for publication, so it can no longer be changed"):
            drafting.set_value(version=version, based_on=version.sha256, part=("name",), value={}, by=officer, at=NOW)


def _used_category(version: ProgrammeVersion):
    """The first category of costs that is named elsewhere in the document: the shipped one has such."""
    from grants.definition import editing, references

    scalars = list(editing.values(version.document))
    categories = enumerate(said(version, "delivery", "cost_categories"))
    return next(("delivery", "cost_categories", index) for index, item in categories if references.uses(scalars, "category", item["id"]))


class TestOwners:
    def test_who_is_given_a_section_says_when_it_is_ready(self, officer, lead, version):
        about = {"version": version, "section": "criteria", "at": NOW}
        drafting.set_owner(**about, owner=lead, by=officer)
        with pytest.raises(NotAllowedNow, match="has not said that “Criteria” is ready"):
            programmes.prepare(version=again(version), by=officer, at=NOW)
        drafting.set_ready(**about, is_ready=True, by=lead)
        drafting.set_value(version=version, based_on=version.sha256, part=("criteria", 0), value={"weight": 25}, by=officer, at=NOW)
        assert version.section_tasks.get().ready_at is None, "what changes is not ready any more"
        with pytest.raises(NotAllowedNow, match="mended first"):
            drafting.set_ready(**about, is_ready=True, by=lead)

    def test_only_somebody_who_may_edit_is_given_one(self, cast, officer, version):
        with pytest.raises(Refused, match="may not edit"):
            drafting.set_owner(version=version, section="criteria", owner=cast["monitor"], by=officer, at=NOW)


class TestPages:
    def test_without_a_draft_the_page_says_how_to_begin_one(self, client, cast):
        stages.published(cast)
        cache.clear()
        sign_in(client, cast["officer"])
        assert "Begin one" in text_of(client.get(HOME))
        assert client.post(HOME).url == HOME
        assert Programme.objects.get().versions.count() == 2

    def test_the_task_list_names_what_is_missing(self, page, officer, version, django_assert_max_num_queries):
        before = text_of(page.get(HOME))
        assert "Nothing is missing" in before
        assert "Changed" not in before
        drafting.set_value(version=version, based_on=version.sha256, part=("criteria", 0), value={"weight": 25}, by=officer, at=NOW)
        with django_assert_max_num_queries(22):
            shown = text_of(page.get(HOME))
        assert "Criteria : The weights of the criteria add up to 105, not 100." in shown
        section = text_of(page.get(f"{HOME}sections/criteria/"))
        assert "To be mended before this can be put forward The weights of the criteria add up to 105, not 100." in section
        assert "1 to mend" in shown
        drafting.set_value(
            version=version, based_on=again(version).sha256, part=("parties",), value={"contact_email": "a@example.org"}, by=officer, at=NOW
        )
        assert "Changed" in text_of(page.get(HOME))

    def test_every_section_and_its_parts_can_be_opened(self, page, version):
        for key in ["identity", "parties", "route", "funding", "place", "stages", "form", "eligibility", "criteria", "assessment", "award"]:
            assert page.get(f"{HOME}sections/{key}/").status_code == 200, key
        for where in [
            "form/sections/0",
            "form/sections/0/questions/1",
            "eligibility/rules/2",
            "area",
            "assessment/moderation",
            "interview",
        ]:
            assert page.get(f"{HOME}parts/{where}/").status_code == 200, where
        for where in ["criteria", "criteria/99", "nothing", "criteria/0/weight"]:
            assert page.get(f"{HOME}parts/{where}/").status_code == 404, where

    def test_a_part_is_written_by_its_form(self, page, version):
        shown = page.get(f"{HOME}parts/criteria/0/")
        form = shown.context["form"]
        sent = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "")}
        unchanged = page.post(f"{HOME}parts/criteria/0/", sent)
        assert unchanged.url == f"{HOME}parts/criteria/0/", "who saves stays where they are"
        assert page.post(f"{HOME}parts/criteria/0/", sent | {"to_list": "yes"}).url == f"{HOME}sections/criteria/"
        assert again(version).sha256 == version.sha256, "what is saved as it was leaves the text as it was"
        page.post(f"{HOME}parts/criteria/0/", sent | {"weight": "30", "needs_percent": "12.5"})
        assert (said(version, "criteria", 0, "weight"), said(version, "criteria", 0, "needs_percent")) == (30, 12.5)
        assert (
            page.post(f"{HOME}parts/criteria/0/", sent | {"weight": "31", "to_draft": "yes", "based_on": again(version).sha256}).url == HOME
        )
        wrong = page.post(f"{HOME}parts/criteria/0/", sent | {"weight": "lots", "guidance": "Kept"})
        assert "This must be a whole number." in text_of(wrong)
        assert "Kept" in wrong.content.decode()

    def test_a_rule_is_written_beside_what_helps_to_write_it(self, page, version):
        number = next(index for index, rule in enumerate(said(version, "eligibility", "rules")) if rule["id"] == "diagnostic")
        shown = page.get(f"{HOME}parts/eligibility/rules/{number}/")
        assert f'href="{HOME}parts/form/sections/0/questions/2/">“What is the product used for?”' in shown.content.decode()
        assert "The company is micro or small." in text_of(shown)
        assert "answers.has_started" in text_of(shown)
        assert "How to write a rule" not in text_of(page.get(f"{HOME}parts/criteria/0/"))
        assert "How to write a rule" in text_of(page.get(f"{HOME}new/eligibility/rules/"))
        page.post(f"{HOME}parts/rounds/", {"kind": "rolling"} | on(version))
        wrong = page.post(f"{HOME}parts/rounds/", {"kind": "rolling"} | on(version))
        assert wrong.url == f"{HOME}parts/rounds/", "it has a page of its own, and who saves stays on it"
        assert "Rolling rounds need “Months from one to the next”." in text_of(page.get(wrong.url))
        assert "Three people can run all of it" in text_of(page.get(f"{HOME}sections/identity/"))

    def test_the_form_of_somebody_overtaken_shows_both(self, page, lead, version):
        sent = {"based_on": version.sha256, "title": "Mine", "weight": "20", "guidance": "x", "reads": ["need"], "maximum": "10"}
        drafting.set_value(version=version, based_on=version.sha256, part=("criteria", 0), value={"title": "Theirs"}, by=lead, at=NOW)
        shown = page.post(f"{HOME}parts/criteria/0/", sent)
        assert "changed this while you had it open" in text_of(shown)
        assert "To be mended" not in text_of(shown), "what is wrong with the form is told once, and nothing else is wrong here"
        assert "Stored now by somebody else. What you typed is below. Save again to put yours in its place. Title Theirs" in text_of(shown)
        assert 'value="Mine"' in shown.content.decode()
        assert again(version).sha256 in shown.content.decode(), "saving again is a choice made knowingly"
        assert said(version, "criteria", 0, "title") == "Theirs"

    def test_items_are_added_moved_and_removed_without_a_script(self, page, version):
        page.post(f"{HOME}new/criteria/", {"title": "A new thing", "weight": "5", "guidance": "Is it?", "reads": ["need"]} | on(version))
        assert said(version, "criteria")[-1]["id"] == "a_new_thing"
        last = len(said(version, "criteria")) - 1
        moved = page.post(f"{HOME}move/criteria/{last}/", {"way": "up"} | on(version))
        assert moved.url == f"{HOME}sections/criteria/#criteria-{last - 1}-up", "whoever uses the keyboard goes on where they were"
        assert f'id="criteria-{last - 1}-up"' in page.get(moved.url).content.decode()
        assert said(version, "criteria")[last - 1]["id"] == "a_new_thing"
        page.post(f"{HOME}remove/criteria/{last - 1}/", on(version))
        assert again(version).definition.name
        refused = page.post(f"{HOME}remove/form/sections/0/questions/0/", on(version))
        assert refused.status_code == 409
        assert "is still used" in text_of(refused)

    def test_a_question_is_asked_which_kind_it_is(self, page, version):
        assert "What kind of question" in text_of(page.get(f"{HOME}new/form/sections/0/questions/"))
        page.post(f"{HOME}new/form/sections/0/questions/?kind=choice", {"label": "Which one?", "required": "on"} | on(version))
        added = said(version, "form", "sections", 0, "questions")[-1]
        assert (added["id"], added["kind"], len(added["options"])) == ("which_one", "choice", 2)
        again(version).read()

    def test_a_section_as_text_says_what_is_wrong_by_its_own_lines(self, page, version):
        part = surgery.part_of(version.document, "criteria")
        wrong = page.post(f"{HOME}text/criteria/", {"text": part.replace("weight: 20", "wait: 20", 1), "based_on": version.sha256})
        assert "Line 4, criteria[1].wait: “wait” is not a key here." in text_of(wrong)
        assert "wait: 20" in text_of(wrong)
        assert page.post(f"{HOME}text/criteria/", {"text": part, "based_on": version.sha256}).status_code == 302

    def test_it_can_be_seen_as_applicant_assessor_and_public(self, page, version):
        for address in ("/manage/applications/preview/diagcomm/", f"{HOME}assessor/", f"{HOME}public/"):
            shown = text_of(page.get(address))
            assert "What need does your product meet?" in shown, address

    def test_owners_and_readiness_are_set_on_the_section(self, page, lead, version):
        page.post(f"{HOME}sections/criteria/owner/", {"owner": lead.pk})
        assert f"{lead} writes it" in text_of(page.get(HOME))
        page.post(f"{HOME}sections/criteria/ready/", {"ready": "yes"})
        assert "Completed" in text_of(page.get(HOME))


class TestRuleTester:
    def test_ready_made_examples_meet_the_rules_they_are_made_for(self, version):
        definition = version.definition
        found = {each.name: {one.id: one for one in answer(definition, each.given, NOW)} for each in ready_made(definition, NOW)}
        usual = found["The usual case"]
        assert all(one.passed or one.missing for one in usual.values()), [one.sentence for one in usual.values() if not one.passed]
        assert not found["A large plc"]["sme"].passed
        assert not found["Elsewhere, insolvent"]["in_area"].passed
        assert not found["Asks for too much"]["grant_size"].passed

    def test_examples_are_kept_with_the_programme_and_shown_in_the_table(self, page, officer, version):
        given = {"name": "Ours", "legal_form": "sole_trader", "answers__has_started": "yes"}
        assert page.post(f"{HOME}rules/", given).status_code == 302
        shown = text_of(page.get(f"{HOME}rules/"))
        assert "Ours" in shown
        assert "Not met" in shown
        assert "Not given: employees" in shown or "Cannot tell" in shown
        example = version.programme.examples.get()
        assert page.post(f"{HOME}rules/{example.pk}/forget/").status_code == 302
        assert not version.programme.examples.exists()

    def test_only_editors_keep_examples(self, cast, version):
        with pytest.raises(Denied):
            examples.keep(programme=version.programme, name="x", given={}, by=cast["monitor"], at=NOW)


def test_nobody_without_the_right_sees_a_draft(client, cast, version):
    for who, status in (("stranger", 404), ("monitor", 403), ("funder", 404)):
        client.force_login(Person.objects.get(pk=cast[who].pk))
        assert client.get(HOME).status_code == status, who
