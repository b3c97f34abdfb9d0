"""`/healthz` and `/readyz`, for whatever watches or balances: answered before hosts, sessions and redirects, to anybody, saying little."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import structlog
from django.core.files.storage import FileSystemStorage, storages
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

ASKED_FOR = 30.0
"""Seconds for which a bucket's answer holds."""

log = structlog.get_logger("pumphouse.health")


class Health:
    """Middleware: `/healthz` says that the process answers, `/readyz` that it can do its work (200), or what fails (503)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.is_migrated = False
        self.documents_asked_at = -ASKED_FOR

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path not in ("/healthz", "/readyz") or request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        response = JsonResponse({"alive": True}) if request.path == "/healthz" else self._ready()
        response["Cache-Control"] = "no-store"
        return response

    def _ready(self) -> JsonResponse:
        failing = [name for name, works in (("database", self._has_database), ("documents", self._has_documents)) if not _try(name, works)]
        return JsonResponse({"ready": not failing, "failing": failing}, status=503 if failing else 200)

    def _has_database(self) -> bool:
        """The database answers and has every migration; that is asked until it was true once."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not self.is_migrated:
            self.is_migrated = not unapplied_migrations()
        return self.is_migrated

    def _has_documents(self) -> bool:
        """The private folder can be written to; a bucket that answered is believed for half a minute."""
        storage = storages["default"]
        if isinstance(storage, FileSystemStorage):
            folder = Path(storage.location)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return os.access(folder, os.W_OK)
        if time.monotonic() - self.documents_asked_at > ASKED_FOR:
            storage.bucket.meta.client.head_bucket(Bucket=storage.bucket.name)  # type: ignore[attr-defined]
            self.documents_asked_at = time.monotonic()
        return True


def unapplied_migrations() -> list[str]:
    """The migrations that are in the code and not in the database."""
    executor = MigrationExecutor(connection)
    return [f"{migration.app_label}.{migration.name}" for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def why_unready() -> str:
    """Why no command can work on this database, and the mend, in a sentence; "" where the database is not to blame."""
    try:
        is_behind = bool(unapplied_migrations())
    except DatabaseError as problem:
        return f"The database does not answer ({type(problem).__name__}). Check DATABASE_URL; `manage.py doctor` tells more."
    return "The database is not migrated to this version. Run: manage.py migrate" if is_behind else ""


def _try(name: str, works: Callable[[], bool]) -> bool:
    try:
        return works()
    except Exception as problem:
        log.warning("not_ready", part=name, problem=type(problem).__name__)
        return False
