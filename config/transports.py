"""Where things are kept and carried: the embedded defaults under `var/`, or the servers that the environment names."""

from pathlib import Path
from typing import Any

import environ
from botocore.config import Config

from config.environment import Environment

SQLITE = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000;",
}
"""Writers queue instead of failing; readers go on while one writes."""
POSTGRESQL = {"server_side_binding": True, "prepare_threshold": 2}
"""Planning a statement costs PostgreSQL more than carrying it out, so that each connection plans what it is asked again only once."""


def database(env: Environment, var: Path) -> dict[str, Any]:
    """The database that DATABASE_URL names. A test run on SQLite uses a file, so that threads are as apart as in service."""
    found = env.database("DATABASE_URL", f"sqlite:///{var / 'pumphouse.sqlite3'}")
    if found["ENGINE"] == "django.db.backends.sqlite3":
        return found | {"OPTIONS": SQLITE, "TEST": {"NAME": str(var / "test.sqlite3")}}
    return found | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "OPTIONS": POSTGRESQL | found.get("OPTIONS", {})}


def broker(env: Environment, var: Path, *, testing: bool) -> tuple[str, dict[str, Any]]:
    """Celery's broker and how to talk to it. An unreachable one must cost a request next to nothing."""
    schemes = {"filesystem", "memory", "redis", "rediss", "redis+socket", "amqp", "amqps"}
    default = "memory://" if testing else "filesystem://localhost//"
    url = env.address("CELERY_BROKER_URL", default, schemes=schemes, example="redis://127.0.0.1:6379/0")
    if url.startswith("filesystem:"):
        messages, control = var / "queue" / "messages", var / "queue" / "control"
        for folder in (messages, control):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return url, {
            "data_folder_in": str(messages), "data_folder_out": str(messages), "control_folder": str(control), "polling_interval": 0.2,
        }  # fmt: skip
    if url.startswith("redis"):
        return url, {
            "visibility_timeout": 900, "unacked_restore_interval": 5, "unacked_restore_throttle": 1, "socket_connect_timeout": 1,
            "socket_keepalive": True,
        }  # fmt: skip
    return url, {}


def cache(env: Environment, var: Path, *, testing: bool) -> dict[str, Any]:
    """The cache that all web processes share, for rate limits most of all: files, or Redis."""
    schemes = {"filecache", "locmemcache", "rediscache", "redis", "rediss"}
    default = "locmemcache://" if testing else f"filecache://{var / 'cache'}"
    url = env.address("CACHE_URL", default, schemes=schemes, example="redis://127.0.0.1:6379/1")
    found = dict(environ.Env.cache_url_config(url))
    if found["BACKEND"].endswith("FileBasedCache"):
        Path(found["LOCATION"]).mkdir(mode=0o700, parents=True, exist_ok=True)
    return found | {"KEY_PREFIX": "pumphouse"}


def mail(env: Environment, var: Path) -> dict[str, Any]:
    """Django's EMAIL_* settings: a mailbox of files, or the server that EMAIL_URL names."""
    schemes = {"filemail", "smtp", "smtps", "smtp+tls", "smtp+ssl", "consolemail", "memorymail"}
    url = env.address("EMAIL_URL", f"filemail://{var / 'mail'}", schemes=schemes, example="smtp+tls://user:password@mail.example.org:587")
    found = {name: value for name, value in environ.Env.email_url_config(url).items() if name.startswith("EMAIL_")}
    if url.startswith("filemail://"):
        found["EMAIL_FILE_PATH"] = url.removeprefix("filemail://")
    return found | {"EMAIL_TIMEOUT": 20}


def documents(env: Environment, var: Path) -> dict[str, Any]:
    """Django's storage for what people upload: a private folder, or an S3 bucket with links that expire."""
    bucket = env.matching("AWS_STORAGE_BUCKET_NAME", "", pattern=r"[A-Za-z0-9][A-Za-z0-9._:/-]{1,254}", example="grant-documents")
    endpoint = env.address("AWS_S3_ENDPOINT_URL", "", schemes={"https", "http"}, example="https://s3.example.org")
    if endpoint and not bucket:
        env.refuse("AWS_S3_ENDPOINT_URL is set, but AWS_STORAGE_BUCKET_NAME is not: name the bucket, or unset the address.")
    if not bucket:
        modes = {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
        private = {"location": str(var / "documents"), "base_url": None, **modes}
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": private}
    encryption = env.one_of("AWS_S3_ENCRYPTION", "AES256", ("AES256", "aws:kms", "none"))
    region = env.text("AWS_S3_REGION_NAME") or None
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": endpoint or None,
            "region_name": region,
            "default_acl": None,
            "file_overwrite": False,
            "querystring_auth": True,
            "querystring_expire": 300,
            "object_parameters": {} if encryption == "none" else {"ServerSideEncryption": encryption},
            "client_config": Config(
                signature_version="s3v4",
                s3={"addressing_style": env.one_of("AWS_S3_ADDRESSING_STYLE", "auto", ("auto", "path", "virtual"))},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                connect_timeout=5,
                retries={"max_attempts": 3},
            ),
        },
    }
