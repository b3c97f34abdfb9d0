"""`/metrics` in Prometheus's text format: for this machine or whoever brings the token; to everybody else there is no such page.

What web processes count (requests, time taken) they count together, through files below `var/metrics`. Everything else is read from the
database, the broker and the cache when somebody asks: how much waits, for how long, and whether anybody is at work.
"""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache as once

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Min, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from applications.models import Document
from audit.middleware import client_address
from audit.models import Unsealed
from config.celery import app
from config.environment import is_loopback
from config.measuring import SEEN
from notifications.models import OutboxMessage
from payments.models import Evidence
from workflow.models import Deadline

STEPS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
log = structlog.get_logger("pumphouse.metrics")

registry = CollectorRegistry()
requests = Counter("pumphouse_http_requests", "Requests answered.", ("method", "status", "part"), registry=registry)
seconds = Histogram("pumphouse_http_request_seconds", "How long answers took.", ("part",), registry=registry, buckets=STEPS)


class Metrics:
    """Middleware: counts every request under the first word of its route, and answers `/metrics`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/metrics" and request.method == "GET" and may_read(request):
            return HttpResponse(written(), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})
        started = time.perf_counter()
        response = self.get_response(request)
        part = part_of(request)
        requests.labels(method_of(request), str(response.status_code), part).inc()
        seconds.labels(part).observe(time.perf_counter() - started)
        return response


def may_read(request: HttpRequest) -> bool:
    """Somebody on this machine who did not come through a proxy, or who brings METRICS_TOKEN."""
    given = request.headers.get("Authorization", "")
    if settings.METRICS_TOKEN and secrets.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()):
        return True
    forwarded = any(request.headers.get(name) for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"))
    return not settings.TRUSTED_PROXIES and not forwarded and is_loopback(client_address(request))


def part_of(request: HttpRequest) -> str:
    """The first word of the route that answered, never of the address: a stranger must not be able to make up series."""
    if request.path.startswith("/static/"):
        return "static"
    route = request.resolver_match.route if request.resolver_match else None
    return "none" if route is None else route.partition("/")[0].partition("<")[0] or "home"


def method_of(request: HttpRequest) -> str:
    return request.method if request.method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") else "other"


def written() -> bytes:
    """Everything, as text."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(registry) + generate_latest(_house())
    together = CollectorRegistry()
    MultiProcessCollector(together)
    return generate_latest(together) + generate_latest(_house())


@once
def _house() -> CollectorRegistry:
    house = CollectorRegistry()
    house.register(Waiting())
    return house


class Waiting(Collector):
    """What waits, asked when somebody reads. A part that cannot be asked is left out and counted, and the rest is told."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        failed = GaugeMetricFamily("pumphouse_metrics_failed", "Parts that could not be asked.", labels=("part",))
        for part in (outbox, deadlines, documents, trail, queue, worker):
            try:
                found = list(part(now()))
            except Exception as problem:
                log.warning("metrics_failed", part=part.__name__, problem=type(problem).__name__)
                failed.add_metric([part.__name__], 1)
            else:
                yield from found
        yield failed


def gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"pumphouse_{name}", words, value=value)


def age(since: datetime | None, at: datetime) -> float:
    return max(0.0, (at - since).total_seconds()) if since else 0.0


def _waiting(rows: QuerySet, field: str) -> tuple[int, datetime | None]:
    found = rows.aggregate(number=Count("pk"), oldest=Min(field))
    return found["number"], found["oldest"]


def outbox(at: datetime) -> Iterator[GaugeMetricFamily]:
    number, oldest = _waiting(OutboxMessage.objects.undone().filter(available_at__lte=at), "available_at")
    yield gauge("outbox_waiting", "Messages that are due and not done.", number)
    yield gauge("outbox_oldest_seconds", "How long the oldest of them has been due.", age(oldest, at))
    given_up = OutboxMessage.objects.exclude(given_up_at=None).count()
    yield gauge("outbox_given_up", "Messages given up after many tries.", given_up)


def deadlines(at: datetime) -> Iterator[GaugeMetricFamily]:
    number, oldest = _waiting(Deadline.objects.live().filter(due_at__lte=at), "due_at")
    yield gauge("deadlines_overdue", "Deadlines that are due and have not been fired.", number)
    yield gauge("deadlines_lateness_seconds", "How late the oldest of them is.", age(oldest, at))


def documents(at: datetime) -> Iterator[GaugeMetricFamily]:
    waiting = [_waiting(kept.objects.filter(scan_state=kept.Scan.WAITING), "uploaded_at") for kept in (Document, Evidence)]
    oldest = min((since for _, since in waiting if since), default=None)
    yield gauge("documents_awaiting_scan", "Files in quarantine until the virus scanner has seen them.", sum(each for each, _ in waiting))
    yield gauge("documents_awaiting_scan_oldest_seconds", "How long the oldest of them has waited.", age(oldest, at))


def trail(at: datetime) -> Iterator[GaugeMetricFamily]:
    yield gauge("trail_unsealed", "Events of the trail that have no sealed position yet.", Unsealed.objects.count())


def queue(at: datetime) -> Iterator[GaugeMetricFamily]:
    length = queue_length()
    yield gauge("broker_up", "Whether the broker answers.", 0 if length is None else 1)
    if length is not None:
        yield gauge("queue_length", "Tasks in the queue.", length)


def queue_length() -> int | None:
    """Tasks that no worker has taken; None while the broker does not answer."""
    try:
        with app.connection_for_read() as connection:
            connection.ensure_connection(max_retries=1, timeout=2, interval_start=0)
            try:
                return connection.default_channel.queue_declare(queue=app.conf.task_default_queue, passive=True).message_count
            except connection.channel_errors:
                return 0  # nothing was ever sent to it
    except Exception as problem:
        log.warning("broker_away", problem=type(problem).__name__)
        return None


def worker(at: datetime) -> Iterator[GaugeMetricFamily]:
    """Beat sends a task every few seconds, so a worker that did none for a minute is away, or beat is."""
    seen = cache.get(SEEN)
    if seen is not None:
        yield gauge("worker_last_task_timestamp_seconds", "When a worker last did a task (Unix time).", seen)
        yield gauge("worker_last_task_age_seconds", "How long ago that was.", max(0.0, at.timestamp() - seen))
