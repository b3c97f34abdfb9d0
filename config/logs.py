"""Logs: one JSON object a line on standard output, with the request's id and without personal data.

What a line may say of a person is their number. Names, addresses, answers and query strings do not belong in it: keys that hold such
things are struck out, and so is everything that looks like an email address.
"""

import logging
import logging.config
import re
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse

EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(\.[\w-]+)+")
ROWS = re.compile(r"(DETAIL:).*")
"""PostgreSQL tells the whole row that a constraint refused."""
PERSONAL = frozenset({
    "email", "name", "ip", "ip_address", "address", "telephone", "phone", "password", "token", "secret", "cookie", "authorization",
    "note", "reason", "answer", "value", "sort_code", "account_number", "body", "query_string",
})  # fmt: skip
STRUCK = "[struck out]"
QUIET = ("/static/",)

log = structlog.get_logger("pumphouse.web")


def without_personal_data(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """A structlog processor: strike out personal keys, and email addresses wherever they stand."""
    return {key: STRUCK if key in PERSONAL else _struck(value) for key, value in event.items()}


def _struck(value: Any) -> Any:
    if isinstance(value, str):
        plain = ROWS.sub(rf"\1 {STRUCK}", value) if "DETAIL:" in value else value
        return EMAIL.sub(STRUCK, plain) if "@" in plain else plain
    if isinstance(value, dict):
        return {key: STRUCK if key in PERSONAL else _struck(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_struck(item) for item in value]
    return value


def configure(*, level: str, style: str) -> None:
    """Send our own lines and those of every library through the same processors. `style` is json, or plain for a person's eyes."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.UnicodeDecoder(),
        without_personal_data,
    ]
    last = structlog.processors.JSONRenderer() if style == "json" else structlog.dev.ConsoleRenderer(colors=False)
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        "foreign_pre_chain": shared,
    }
    logging.config.dictConfig({
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stdout"}},
        "root": {"handlers": ["out"], "level": level},
        "loggers": {
            "django.request": {"level": "ERROR"},
            "django.server": {"level": "WARNING"},
            "botocore": {"level": "WARNING"},
            "boto3": {"level": "WARNING"},
            "kombu": {"level": "WARNING"},
        },
    })  # fmt: skip
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


class AccessLog:
    """Middleware: one line a request, with the route's pattern instead of its path, so that no reference or search stands in it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        if not request.path.startswith(QUIET):
            person = getattr(request, "user", None)
            log.info(
                "request",
                method=request.method,
                route=request.resolver_match.route if request.resolver_match else "",
                status=response.status_code,
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
                person=getattr(person, "pk", None),
                request_id=getattr(request, "id", ""),
            )
        return response
