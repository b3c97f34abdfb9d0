"""An organisation's colours: chosen by an administrator out of vetted ones, served as a style sheet, worn by its programmes' pages."""

import json

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction

from accounts.actions import organisations
from accounts.models import Organisation
from accounts.refusals import Denied, Refused
from audit.models import Event
from design.palettes import PALETTES
from tests.stages import grants

AT = grants.BEFORE


@pytest.fixture
def body(cast) -> Organisation:
    return grants.published(cast).delivery_body


def test_an_administrator_chooses_and_the_programmes_pages_wear_it(client, cast, body):
    client.force_login(cast["admin"])
    assert body.name in client.get("/accounts/organisations/").text
    answer = client.post(f"/accounts/organisations/{body.pk}/look/", {"palette": "plum", "typeface": "system"})
    assert answer.status_code == 302
    assert '<link rel="stylesheet" href="/look/diagcomm.css">' in client.get("/programmes/diagcomm/").text
    sheet = client.get("/look/diagcomm.css")
    assert sheet["Content-Type"].startswith("text/css")
    assert PALETTES["plum"].accent in sheet.text
    assert "system-ui" in sheet.text
    assert sheet.text == client.get("/look/house.css").text
    event = Event.objects.get(kind="organisation.dressed")
    assert json.loads(bytes(event.body))["change"]["after"] == {"palette": "plum", "typeface": "system"}


def test_the_head_of_a_programme_s_pages_names_who_runs_it(client, body):
    cache.clear()
    head = '<span class="masthead__name">{}</span>'
    assert head.format("Pumphouse") in client.get("/programmes/diagcomm/").text
    client.get("/look/diagcomm.css")
    client.get("/look/made-up-by-a-stranger.css")
    assert head.format(body.name) in client.get("/programmes/diagcomm/").text
    assert head.format(body.name) in client.get("/accounts/login/").text
    assert cache.get("house-name:made-up-by-a-stranger") is None
    cache.clear()


def test_nothing_chosen_is_the_usual_look(client, db):
    assert PALETTES["harbour"].accent in client.get("/look/house.css").text


def test_choosing_the_same_again_leaves_no_trace(cast, body):
    organisations.dress(organisation=body, palette=body.palette, typeface=body.typeface, by=cast["admin"], at=AT)
    assert not Event.objects.filter(kind="organisation.dressed").exists()


def test_only_an_administrator_chooses_and_only_what_is_vetted(client, cast, body):
    with pytest.raises(Denied):
        organisations.dress(organisation=body, palette="plum", typeface="source", by=cast["lead"], at=AT)
    with pytest.raises(Refused):
        organisations.dress(organisation=body, palette="#ff0000", typeface="source", by=cast["admin"], at=AT)
    client.force_login(cast["admin"])
    answer = client.post(f"/accounts/organisations/{body.pk}/look/", {"palette": "neon", "typeface": "source"})
    assert "Choose one of the sets of colours" in answer.text
    client.force_login(cast["lead"])
    assert client.get("/accounts/organisations/").status_code == 403


def test_the_database_knows_the_vetted_looks(body):
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.filter(pk=body.pk).update(palette="neon")


@pytest.mark.parametrize(
    ("address", "worn"),
    [("/programmes/diagcomm/", "diagcomm"), ("/", "house"), ("/accounts/login/", "house")],
)
def test_a_page_wears_the_look_of_the_programme_in_its_address(client, body, address, worn):
    assert f'href="/look/{worn}.css"' in client.get(address).text
