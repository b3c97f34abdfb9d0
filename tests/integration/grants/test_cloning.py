"""A copy of a programme on a real database: the same document, its own rows, its source untouched, and it runs to payment."""

import hashlib
import json
from datetime import timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

from accounts.models import RoleAssignment
from accounts.refusals import Denied, NotAllowedNow, Refused
from grants.actions import cloning, drafting, programmes, rounds
from grants.models import Programme, ProgrammeVersion
from tests.cast import sign_in
from tests.integration.grants.test_pages import text_of
from tests.stages import grants, payments
from workflow import staffing

AT = grants.BEFORE + timedelta(days=1)


@pytest.fixture
def source(cast):
    return grants.published(cast)


def copy(source, by, **named):
    return cloning.clone(source=source, slug="newcomm", title="NEWCOMM grants", strand="devices", by=by, at=AT, **named)


def rows_of(programme):
    """Every row of the programme and its versions, hashed."""
    found = [list(Programme.objects.filter(pk=programme.pk).values()), list(programme.versions.order_by("pk").values())]
    found.append(list(RoleAssignment.objects.filter(scope=programme.scope).order_by("pk").values()))
    found.append([version.document for version in programme.versions.order_by("pk")])
    return hashlib.sha256(json.dumps(found, default=str).encode()).hexdigest()


def test_the_source_is_not_touched_and_nothing_of_the_copy_points_into_it(source, officer):
    before = rows_of(source)
    version = copy(source, officer)
    assert rows_of(source) == before
    programme = version.programme
    assert programme.cloned_from == source.published_version, "lineage, the one line back"
    theirs = {("grants.programme", source.pk)} | {("grants.programmeversion", pk) for pk in source.versions.values_list("pk", flat=True)}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and field.related_model in (Programme, ProgrammeVersion):
                mine = model._base_manager.filter(
                    **{f"{field.name}__in": [programme.pk if field.related_model is Programme else version.pk]}
                )
                assert all((model._meta.label_lower, row.pk) not in theirs for row in mine)
    assert version.text_id not in set(source.versions.values_list("text", flat=True))


def test_everybody_keeps_their_role_and_every_duty_has_somebody(source, officer):
    version = copy(source, officer)
    held = {(each.person_id, each.role) for each in RoleAssignment.objects.filter(scope="programme:newcomm")}
    assert held == {(each.person_id, each.role) for each in RoleAssignment.objects.filter(scope=source.scope)}
    givers = RoleAssignment.objects.filter(scope="programme:newcomm").exclude(person=officer).values_list("granted_by", flat=True)
    assert set(givers) == {officer.pk}, "each says who made the copy"
    assert staffing.check("newcomm", version.programme.control(), at=AT) == []


def test_it_is_published_by_two_and_runs_to_payment(cast, source):
    version = copy(source, cast["officer"])
    prepared = programmes.prepare(version=version, by=cast["officer"], at=AT)
    with pytest.raises(Denied):
        programmes.publish(version=prepared, by=cast["officer"], at=AT)
    programmes.publish(version=prepared, by=cast["lead"], at=AT)
    round_ = rounds.schedule(
        programme=Programme.objects.get(slug="newcomm"), opens_at=grants.OPENS, closes_at=grants.CLOSES, by=cast["officer"], at=AT
    )
    opened = rounds.open(round=round_, by=cast["lead"], at=grants.OPENS)
    run = payments.settled(cast, round=opened)
    award = run.payments.get().award
    assert award.reference.startswith("NEWCOMM")
    assert award.paid_pence > 0


def test_a_stranger_and_a_taken_name_are_refused(source, officer, applicant):
    with pytest.raises(Denied):
        copy(source, applicant)
    version = copy(source, officer)
    keep = {"at": AT, "places": ["purpose"]}
    with pytest.raises(Denied):
        cloning.keep_as_copied(programme=version.programme, by=applicant, **keep)
    with pytest.raises(NotAllowedNow, match="written, not copied"):
        cloning.keep_as_copied(programme=source, by=officer, **keep)
    with pytest.raises(Refused, match="which place"):
        cloning.keep_as_copied(programme=version.programme, places=["slug"], by=officer, at=AT)
    with pytest.raises(Refused, match="already"):
        copy(source, officer)
    assert Programme.objects.filter(slug="newcomm").count() == 1


def test_the_command_copies_and_tells_the_difference(source):
    out = StringIO()
    call_command("programme", "clone", "diagcomm", "newcomm", "--strand", "devices", "--title", "NEWCOMM grants", stdout=out)
    assert "strand “diagnostics” → “devices”" in out.getvalue()
    assert Programme.objects.get(slug="newcomm").latest_version.definition.name == "NEWCOMM grants"


def test_the_pages(client, source, officer):
    sign_in(client, officer)
    assert "Copy this programme" in client.get("/manage/programmes/diagcomm/clone/").content.decode()
    sent = client.post("/manage/programmes/diagcomm/clone/", {"title": "NEWCOMM grants", "slug": "newcomm", "strand": "devices"})
    assert sent.url == "/manage/programmes/newcomm/draft/"
    programme = Programme.objects.get(slug="newcomm")
    version = programme.latest_version
    draft = text_of(client.get(sent.url))
    assert "Your product is used to detect, monitor or predict disease. : “diagnostic”" in draft, (
        "where a copy for devices still speaks of diagnostics"
    )
    assert "Strand “diagnostics” → “devices”" in text_of(client.get("/manage/programmes/newcomm/versions/1/")), (
        "what it changes, before it goes on"
    )
    inherited = draft.split("Still as in")[1]
    assert "What the money is for" in inherited
    assert "Budget of a new round" in inherited
    page = text_of(client.get("/manage/programmes/newcomm/draft/copied/"))
    assert "Need 20" in page, "each with its words"
    client.post("/manage/programmes/newcomm/draft/copied/", {"place": "purpose"})
    drafting.set_value(
        version=programme.latest_version, based_on=version.sha256, part=("funding",), value={"round_budget": "£90,000"}, by=officer, at=AT
    )
    left = text_of(client.get("/manage/programmes/newcomm/draft/copied/")).split("Right as it is")[0]
    assert "What the money is for" not in left, "somebody said that it is right"
    assert "Budget of a new round" not in left, "somebody changed it"
    assert "Who it is for" in left
    assert "Who it is for" in text_of(client.get("/manage/programmes/newcomm/versions/1/")), "whoever publishes it reads it too"
    assert programme.kept_as_copied.get().kept_by == officer
    page = client.get("/manage/programmes/newcomm/lineage/").content.decode()
    assert "strand “diagnostics” → “devices”" in page
    assert "NEWCOMM grants" in client.get("/manage/programmes/diagcomm/lineage/").content.decode()
    taken = client.post("/manage/programmes/diagcomm/clone/", {"title": "Again", "slug": "newcomm", "strand": "devices"})
    assert "already" in taken.content.decode()
