"""What the benchmarks share: a service on a PostgreSQL of its own, people signed in, and the page their tables go to."""

import logging
import os
import platform
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "performance.md"
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]


@contextmanager
def server() -> Iterator[str]:
    """The PostgreSQL that DATABASE_URL names, or one started for the purpose."""
    if (given := os.environ.get("DATABASE_URL", "")).startswith("postgres"):
        yield given
        return
    import postgres

    with postgres.server() as url:
        yield url


@contextmanager
def service(name: str) -> Iterator[None]:
    """Django in demonstration mode on a database of its own, which goes afterwards with the files."""
    import psycopg
    from psycopg import sql

    own = f"bench_{name}"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(own))
    with server() as url, tempfile.TemporaryDirectory() as folder, psycopg.connect(url, autocommit=True) as postgres:
        postgres.execute(drop)
        postgres.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(own)))
        own_url = urlsplit(url)._replace(path=f"/{own}").geturl()
        os.environ |= {"DATABASE_URL": own_url, "DEMO": "1", "DJANGO_SETTINGS_MODULE": "config.settings", "VAR_DIR": folder}
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connections

        logging.disable(logging.WARNING)
        call_command("migrate", verbosity=0)
        try:
            yield
        finally:
            connections.close_all()
            postgres.execute(drop)


def setting(address: str, folder: str) -> None:
    """Let this process speak to that database."""
    os.environ |= {"DATABASE_URL": address, "DEMO": "1", "DJANGO_SETTINGS_MODULE": "config.settings", "VAR_DIR": folder}
    import django

    django.setup()


def seed(number: int) -> None:
    """That many applications more, and fresh statistics for the planner, as autovacuum would give it in time."""
    from django.core.management import call_command
    from django.db import connection

    call_command("seed", "scale", str(number))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def signed_in(who: str) -> Any:
    """A client of one of the cast."""
    from django.test import Client

    from accounts.models import Person

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(Person.objects.get(email=f"{who}@example.org"))
    return client


def key_holder() -> Any:
    """A client with a key of the funder's, which stands in the database as if two people had made it a week ago."""
    from datetime import timedelta

    from django.test import Client
    from django.utils import timezone

    from accounts.actions import keys
    from accounts.models import ApiKey, Person
    from grants.models import Programme

    secret, before = "secret-of-the-benchmarks", timezone.now() - timedelta(days=7)
    issuer, confirmer = (Person.objects.get(email=f"{who}@example.org") for who in ("admin", "independent-approver"))
    made = {
        "organisation": Programme.objects.get(slug="diagcomm").funder, "name": "Benchmarks", "prefix": "bench", "scopes": ["read"],
        "created_at": before, "created_by": issuer, "confirmed_at": before, "confirmed_by": confirmer, "starts_at": before,
        "expires_at": before + timedelta(days=365),
    }  # fmt: skip
    ApiKey.objects.get_or_create(key_sha256=keys.digest(secret), defaults=made)
    return Client(SERVER_NAME="127.0.0.1", headers={"authorization": f"Bearer {secret}"})


@contextmanager
def counted() -> Iterator[list[str]]:
    """Every statement that any thread sends to the database meanwhile: a page need not be made in the thread that asked for it."""
    from unittest.mock import patch

    from django.db.backends.utils import CursorWrapper

    sent: list[str] = []
    plain = CursorWrapper.execute

    def execute(self: Any, sql: Any, params: Any = None) -> Any:
        sent.append(str(sql))
        return plain(self, sql, params)

    with patch.object(CursorWrapper, "execute", execute):
        yield sent


def machine() -> str:
    """On what it was measured, when, and how busy it was with other things."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0].split(" ")[0]
    cores = len(os.sched_getaffinity(0))
    busy = os.getloadavg()[0]
    return (
        f"Measured on {cores} cores, {platform.system()}, Python {platform.python_version()}, PostgreSQL {version} without fsync, on "
        f"{datetime.now(UTC):%-d %B %Y}; load {busy:.0f} at the end."
    )


def publish(name: str, text: str) -> None:
    """Print a table and put it between its markers on docs/performance.md."""
    print(text)
    page = PAGE.read_text()
    block = f"<!-- {name} -->\n{text}\n<!-- /{name} -->"
    changed, found = re.subn(rf"<!-- {name} -->.*?<!-- /{name} -->", lambda _: block, page, flags=re.S)
    if not found:
        raise SystemExit(f"docs/performance.md has no place for {name}")
    PAGE.write_text(changed)
