"""`/healthz` and `/readyz`, for whatever watches or balances: answered before hosts, sessions and redirects, to anybody, saying little."""

import os
from collections.abc import Callable
from pathlib import Path

import structlog
from django.core.files.storage import FileSystemStorage, storages
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

log = structlog.get_logger("pumphouse.health")


class Health:
    """Middleware: `/healthz` says that the process answers, `/readyz` that it can do its work (200), or what fails (503)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.is_migrated = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path not in ("/healthz", "/readyz") or request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        response = JsonResponse({"alive": True}) if request.path == "/healthz" else self._ready()
        response["Cache-Control"] = "no-store"
        return response

    def _ready(self) -> JsonResponse:
        failing = [name for name, works in (("database", self._has_database), ("documents", _has_documents)) if not _try(name, works)]
        return JsonResponse({"ready": not failing, "failing": failing}, status=503 if failing else 200)

    def _has_database(self) -> bool:
        """The database answers and has every migration; that is asked until it was true once."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not self.is_migrated:
            self.is_migrated = not unapplied_migrations()
        return self.is_migrated


def unapplied_migrations() -> list[str]:
    """The migrations that are in the code and not in the database."""
    executor = MigrationExecutor(connection)
    return [f"{migration.app_label}.{migration.name}" for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def _has_documents() -> bool:
    """The private folder can be written to. A bucket is asked by doctor, not at every probe."""
    storage = storages["default"]
    if not isinstance(storage, FileSystemStorage):
        return True
    folder = Path(storage.location)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.access(folder, os.W_OK)


def _try(name: str, works: Callable[[], bool]) -> bool:
    try:
        return works()
    except Exception as problem:
        log.warning("not_ready", part=name, problem=type(problem).__name__)
        return False
