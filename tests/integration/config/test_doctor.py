"""The doctor finds what is broken, says so in a sentence with its mend, and leaves nothing behind."""

import json
import os
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.actions import demonstration
from accounts.models import Organisation, Person
from audit import triggers
from config import keys
from config.doctor import Severity, data, house, servers
from notifications.models import OutboxMessage
from payments.models import PayingAccount

pytestmark = pytest.mark.django_db


@pytest.fixture
def built(settings, monkeypatch):
    """As after a build, a collect and a migrate."""
    settings.IS_COLLECTED = True
    monkeypatch.setattr(data, "unapplied_migrations", list)


def severities(question) -> list[Severity]:
    return [finding.severity for finding in question()]


def test_a_sound_installation_is_well(built):
    said = StringIO()
    call_command("doctor", "--json", stdout=said)
    told = json.loads(said.getvalue())
    assert told["well"] is True
    assert {finding["part"] for finding in told["findings"]} >= {
        "database", "trail", "clock", "broker", "worker", "cache", "documents", "mail", "keys", "pages", "disk", "scanner",
    }  # fmt: skip
    assert all(finding["mend"] for finding in told["findings"] if finding["severity"] != "well")


def test_what_is_ill_ends_with_status_one_and_a_mend(built, settings):
    settings.CLAMD_URL = "unix:///nowhere/clamd.sock"
    said = StringIO()
    with pytest.raises(CommandError, match=r"1 of \d+ things do not work"):
        call_command("doctor", stdout=said)
    assert "✗ scanner" in said.getvalue()
    assert "Start clamd, or check CLAMD_URL" in said.getvalue()


def test_missing_triggers_are_found():
    with triggers.lifted():
        findings = list(data.protection())
    assert findings
    assert {finding.severity for finding in findings} == {Severity.ILL}
    assert severities(data.protection) == [Severity.WELL]


def test_missing_migrations_are_found(monkeypatch):
    monkeypatch.setattr(data, "unapplied_migrations", lambda: ["grants.0002_more", "grants.0003_yet_more"])
    *_, last = data.database()
    assert (last.severity, last.sentence) == (Severity.ILL, "2 migrations are missing, grants.0002_more first.")


def test_a_dead_broker_is_found(monkeypatch):
    monkeypatch.setattr(servers.app.conf, "broker_write_url", "redis://127.0.0.1:1/0")
    assert severities(servers.broker) == [Severity.ILL]


def test_work_that_waits_says_that_no_worker_is_there():
    long_ago = timezone.now() - servers.WAIT * 2
    OutboxMessage.objects.create(kind="notice.mail", key="waiting", created_at=long_ago, available_at=long_ago)
    (finding,) = servers.worker()
    assert finding.severity is Severity.ILL
    assert "1 messages have waited" in finding.sentence


def test_work_that_was_given_up_is_shown():
    now = timezone.now()
    OutboxMessage.objects.create(kind="notice.mail", key="lost", created_at=now, available_at=now, given_up_at=now)
    assert severities(servers.worker) == [Severity.WELL, Severity.LOOK]


def test_documents_are_tried_and_nothing_stays():
    assert severities(servers.documents) == [Severity.WELL]
    assert not default_storage.exists("doctor.bin")


def test_a_mail_server_that_refuses_is_found(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert severities(servers.mail) == [Severity.ILL]


def test_a_key_that_others_can_read_is_found(settings, tmp_path):
    settings.KEYS_DIR = tmp_path
    keys.make_missing(tmp_path)
    assert severities(house.own_keys) == [Severity.WELL]
    os.chmod(tmp_path / "field.keys", 0o644)
    assert severities(house.own_keys) == [Severity.WELL, Severity.ILL]


def test_a_key_that_opens_nothing_stored_is_found(settings):
    someone = Person.objects.create(email="someone@example.org")
    body = Organisation.objects.create(name="Sample Cluster", kind=Organisation.Kind.DELIVERY_BODY)
    PayingAccount.objects.create(
        organisation=body, name="Grants", sort_code="200000", account_number="55779911", set_at=timezone.now(), set_by=someone
    )
    assert severities(data.encrypted) == []
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    assert [finding.sentence for finding in data.encrypted()] == ["FIELD_KEYS do not open what is stored of paying accounts."]


def test_a_misspelt_variable_is_found(monkeypatch):
    monkeypatch.setenv("DATABSE_URL", "sqlite:///somewhere")
    assert [finding.mend for finding in house.variables()] == ["Did you mean DATABASE_URL?"]


def test_pages_without_their_style_are_found(settings, tmp_path):
    settings.IS_COLLECTED = settings.WHITENOISE_USE_FINDERS = False
    assert severities(house.built) == [Severity.ILL]


def test_a_demonstration_served_for_real_is_found():
    demonstration.claim(at=timezone.now())
    assert severities(data.mark) == [Severity.LOOK]


def test_a_question_that_breaks_is_a_finding_itself(built, monkeypatch):
    def broken():
        raise RuntimeError("password=sesame")
        yield

    monkeypatch.setattr(data, "QUESTIONS", (("database", broken),))
    said = StringIO()
    with pytest.raises(CommandError):
        call_command("doctor", stdout=said)
    assert "could not be examined: RuntimeError" in said.getvalue()
    assert "sesame" not in said.getvalue()


def test_every_variable_that_the_settings_read_is_known(settings):
    """The doctor's list of names is the settings' own."""
    import re

    read = set()
    for source in ("settings.py", "transports.py"):
        text = (settings.BASE_DIR / "config" / source).read_text()
        read |= set(re.findall(r'env\.[a-z_]+\(\s*"([A-Z0-9_]+)"', text))
    assert "DATABASE_URL" in read
    assert read <= house.KNOWN
