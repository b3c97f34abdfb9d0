"""Demo mode signs anybody in as anybody, so it touches marked or empty databases only, and a marked one is never served for real."""

from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from accounts.actions import demonstration
from accounts.models import DemoMarker, Organisation, Person
from accounts.refusals import NotAllowedNow
from config import start

pytestmark = pytest.mark.django_db


def test_an_empty_database_is_claimed_once():
    demonstration.claim(at=timezone.now())
    since = DemoMarker.objects.get().marked_at
    demonstration.claim(at=timezone.now())
    assert DemoMarker.objects.get().marked_at == since


@pytest.mark.parametrize("real", ["person", "organisation"])
def test_a_database_with_anything_real_is_refused(real):
    if real == "person":
        Person.objects.create_user(email="real@example.com", name="Rea Real")
    else:
        Organisation.objects.create(name="Real Diagnostics Ltd", kind=Organisation.Kind.COMPANY)
    with pytest.raises(NotAllowedNow, match="no mark of a demonstration"):
        demonstration.claim(at=timezone.now())
    assert not DemoMarker.objects.exists()


def test_what_is_filled_after_the_mark_stays_a_demonstration():
    demonstration.claim(at=timezone.now())
    Person.objects.create_user(email="sample@example.org", name="Sam Sample")
    demonstration.refuse_wrong_mode(is_demo=True, at=timezone.now())


def test_a_server_in_demo_mode_does_not_start_on_real_data(settings):
    settings.DEMO = True
    Person.objects.create_user(email="real@example.com", name="Rea Real")
    with pytest.raises(ImproperlyConfigured, match="Demo mode was refused"):
        start.check()
    with pytest.raises(SystemExit, match="Demo mode was refused"):
        start.check_before_working()


def test_a_demonstration_is_not_served_for_real(settings):
    demonstration.claim(at=timezone.now())
    with pytest.raises(ImproperlyConfigured, match="not served for real"):
        start.check()


def test_a_real_database_is_served_for_real():
    Person.objects.create_user(email="real@example.com", name="Rea Real")
    start.check()


def test_the_command_is_for_demo_mode_only(settings):
    with pytest.raises(CommandError, match="set DEMO=1"):
        call_command("claim_demo")
    settings.DEMO = True
    call_command("claim_demo")
    assert demonstration.is_marked()


def test_a_process_started_while_the_database_server_is_away_waits_for_it(monkeypatch):
    """One that left instead would take gunicorn and all its other processes along."""
    asked, waits = [], []

    def away_twice(**about):
        asked.append(about)
        if len(asked) < 3:
            raise NotAllowedNow("The database cannot be used.", code="no_database") from OperationalError(
                "the server closed the connection"
            )

    monkeypatch.setattr(start, "connection", SimpleNamespace(vendor="postgresql", close=lambda: None))
    monkeypatch.setattr(demonstration, "refuse_wrong_mode", away_twice)
    start.check(wait=waits.append)
    assert (len(asked), waits) == (3, [1, 1])
    monkeypatch.setattr(start, "connection", SimpleNamespace(vendor="sqlite"))
    asked.clear()
    with pytest.raises(ImproperlyConfigured, match="cannot be used"):
        start.check(wait=waits.append)
