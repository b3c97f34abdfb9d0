"""What a balancer asks: is it alive, can it work. Answered to anybody, whatever the host name, saying little."""

import pytest
from django.db import connection
from django.test import Client

from config import health


def test_alive_needs_no_database_no_session_and_no_host_name(client):
    answer = client.get("/healthz", headers={"host": "10.1.2.3:8000"})
    assert (answer.status_code, answer.json()) == (200, {"alive": True})
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies


@pytest.mark.django_db
def test_ready_when_database_migrations_and_documents_are_there(client, monkeypatch):
    monkeypatch.setattr(health, "unapplied_migrations", list)
    assert client.get("/readyz").json() == {"ready": True, "failing": []}


@pytest.mark.django_db
def test_not_ready_before_every_migration_is_in(client, monkeypatch):
    monkeypatch.setattr(health, "unapplied_migrations", lambda: ["accounts.0002_next"])
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"ready": False, "failing": ["database"]})
    assert health.why_unready() == "The database is not migrated to this version. Run: manage.py migrate"


@pytest.mark.django_db
def test_a_database_that_has_gone_away_is_told_without_its_secrets(client, monkeypatch, caplog):
    def gone(*arguments):
        raise connection.Database.OperationalError("connection to 10.0.0.1, user grants, password=sesame refused")

    monkeypatch.setattr(connection, "cursor", gone)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "sesame" not in answer.content.decode()
    assert "sesame" not in caplog.text


@pytest.mark.django_db
def test_not_ready_when_documents_cannot_be_kept(client, monkeypatch):
    monkeypatch.setattr(health, "unapplied_migrations", list)
    monkeypatch.setattr(health.Health, "_has_documents", lambda self: False)
    assert client.get("/readyz").json()["failing"] == ["documents"]


@pytest.mark.django_db
def test_only_reading_is_answered():
    assert Client().post("/healthz").status_code == 404


def test_health_is_told_during_maintenance(client, settings):
    settings.MAINTENANCE = True
    assert client.get("/healthz").status_code == 200
