"""Pages and API start from what the person may see, the clock comes from the edge, and no admin touches state, money or the trail."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import get_resolver

BASE = Path(settings.BASE_DIR)
APPS = [
    "accounts",
    "applications",
    "assessments",
    "audit",
    "config",
    "design",
    "grants",
    "notifications",
    "payments",
    "records",
    "reporting",
    "workflow",
]

STARTS = {
    "visible_to", "of_team", "one_of_team", "of", "with_content_for", "to", "for_staff", "staff_may_write_about", "drafts_for_staff",
    "public",
}  # fmt: skip
"""The first call on a manager that narrows to a person, or to what everybody may see."""

MAY_START_ELSEWHERE: dict[str, str] = {
    "accounts/views/demo.py UserSession.objects.create_from_request": "a new session of the person who signs in; nothing is read",
    "applications/views/sections.py Application.objects.afresh": "the application the person was just saving, read again",
    "assessments/views/moderation.py Moderation.objects.unsettled": "narrowed to the applications the person sees",
    "reporting/views/walk.py Deadline.objects.live": "only a rehearsal has this page, and nothing in it is real",
    "reporting/views/walk.py apps.get_model(deadline.record_type)._base_manager.filter": "what a deadline of that page is about",
    "assessments/views/draws.py Draw.objects.published": "a draw is public from the moment it is frozen",
    "assessments/views/officer.py Conflict.objects.filter": "narrowed to the applications the person sees",
    "grants/views/manage.py ProgrammeVersion.objects.select_related": "narrowed to the programmes the person sees",
    "payments/views/awards.py OutcomeReport.objects.filter": "narrowed to the awards the person sees",
    "payments/views/claims.py Evidence.objects.kept": "narrowed to the claims the person sees",
    "payments/views/claims_company.py Claim.objects.filter": "narrowed to the awards of the person's team",
    "payments/views/claims_company.py OutcomeReport.objects.filter": "narrowed to the awards of the person's team",
    "payments/views/finance.py Programme.objects.order_by": "narrowed to where the person holds the permission",
    "reporting/api/views.py Application.objects.select_related": "narrowed to the key's funder in get_queryset",
    "reporting/api/views.py Award.objects.select_related": "narrowed to the key's funder in get_queryset",
    "reporting/api/views.py Claim.objects.select_related": "narrowed to the key's funder in get_queryset",
    "reporting/api/views.py Payment.objects.select_related": "narrowed to the key's funder in get_queryset",
    "reporting/api/views.py Programme.objects.select_related": "narrowed to the key's funder in get_queryset",
    "reporting/api/views.py Round.objects.select_related": "narrowed to the key's funder in get_queryset",
    "reporting/views/audit.py Checkpoint.objects.order_by": "checkpoints name no case; the page asks for an auditor first",
    "reporting/views/audit.py Checkpoint.objects.select_related": "checkpoints name no case; the page asks for an auditor first",
    "reporting/views/audit.py Event.objects.filter": "of one stream, that of a record found through what the person sees",
}
"""Reads that are narrowed otherwise, each with how."""

TELLS_THE_TIME = {("timezone", "now"), ("timezone", "localdate"), ("datetime", "now"), ("date", "today"), ("", "now"), ("", "localdate")}
EDGE = ("views", "tasks", "management", "middleware", "authentication", "adapters", "signals", "start", "api", "doctor", "templatetags")
"""Modules in which a request, a task or a command begins."""
MAY_TELL_THE_TIME: dict[str, str] = {
    "accounts/sessions.py": "Django asks for a session without saying when",
    "accounts/access.py": "the question asked without a moment is asked of now, once for a request",
    "grants/rehearsals/clock.py": "the clock that the edge asks in a rehearsal's process",
    "config/metrics.py": "`/metrics` is answered before any view: how late things are is asked of now",
    "reporting/demo/workshop.py": "the end of `manage.py demo`: seals after the whole way was walked",
    "reporting/demo/journey.py": "the end of `manage.py demo`: seals after the whole way was walked",
}


def sources(*roots: str) -> list[Path]:
    return [path for root in roots for path in sorted((BASE / root).rglob("*.py")) if "migrations" not in path.parts]


def name_of(path: Path) -> str:
    return str(path.relative_to(BASE))


def page_modules() -> list[Path]:
    return [path for path in sources(*APPS) if "views" in path.relative_to(BASE).with_suffix("").parts or "api" in path.parts]


def reads(tree: ast.AST) -> set[str]:
    """`Model.objects.first_call` for every manager a module names; `Model.objects` where it is passed on as it is."""
    found, continued = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and _is_manager(node.value):
            continued.add(node.value)
            found.add(ast.unparse(node))
    return found | {ast.unparse(node) for node in ast.walk(tree) if _is_manager(node) and node not in continued} | _shortcuts(tree)


def _is_manager(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager", "_base_manager"}


def _shortcuts(tree: ast.AST) -> set[str]:
    """`get_object_or_404(Model, …)` with a bare model, unless a record already found narrows it (`Model, pk=…, company=found`)."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "").startswith("get_")]
    return {
        ast.unparse(node)
        for node in calls
        if getattr(node.func, "id", "") in {"get_object_or_404", "get_list_or_404"}
        and node.args
        and isinstance(node.args[0], ast.Name)
        and node.args[0].id in {model.__name__ for model in apps.get_models()}
        and len(node.keywords) < 2
    }


def is_narrowed(read: str) -> bool:
    return read.rpartition(".")[2] in STARTS and ".objects." in read


def bare_reads() -> set[str]:
    return {f"{name_of(path)} {read}" for path in page_modules() for read in reads(ast.parse(path.read_text())) if not is_narrowed(read)}


def test_pages_and_api_start_from_what_the_person_may_see():
    assert not bare_reads() - set(MAY_START_ELSEWHERE), "start from .visible_to(person), or say why not in MAY_START_ELSEWHERE"


def test_no_exception_is_stale():
    assert not set(MAY_START_ELSEWHERE) - bare_reads()


@pytest.mark.parametrize(
    "line",
    [
        "Award.objects.get(pk=pk)",
        "Award.objects.all()",
        "get_object_or_404(Award, pk=pk)",
        "page(Award.objects)",
        "Award._base_manager.get()",
    ],
)
def test_a_bare_read_would_be_found(line):
    assert not all(is_narrowed(read) for read in reads(ast.parse(line)))
    assert reads(ast.parse(line))


def test_the_sweep_sees_the_pages_of_every_app_that_has_them():
    seen = {path.relative_to(BASE).parts[0] for path in page_modules()}
    assert {"accounts", "applications", "assessments", "grants", "notifications", "payments", "reporting"} <= seen


def tells_the_time(tree: ast.AST) -> bool:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            if ast.unparse(called).endswith("localdate") and node.args:
                continue  # the day of a moment that was given
            if isinstance(called, ast.Attribute) and (ast.unparse(called.value).rpartition(".")[2], called.attr) in TELLS_THE_TIME:
                return True
            if isinstance(called, ast.Name) and ("", called.id) in TELLS_THE_TIME:
                return True
    return False


def clocks_below_the_edge() -> set[str]:
    return {
        name_of(path)
        for path in sources(*APPS)
        if not set(path.relative_to(BASE).with_suffix("").parts) & set(EDGE) and tells_the_time(ast.parse(path.read_text()))
    }


def test_the_clock_comes_from_the_edge():
    assert clocks_below_the_edge() == set(MAY_TELL_THE_TIME)


def test_a_day_is_the_day_here_not_in_greenwich():
    """`at.date()` is the UTC day: from April to October it is yesterday's in the first hour after midnight. `localdate(at)` is meant."""
    of_a_moment = re.compile(r"(?<!local)(?:\bat|_at|\bmoment|\buntil|now\(\))\.date\(\)|\{(?:\w+\.)*(?:at|\w+_at):%")
    read = {name_of(path): path.read_text() for path in sources(*APPS) if "demo" not in path.parts}
    assert [f"{name}: {found[0]}" for name, text in read.items() for found in of_a_moment.finditer(text)] == []


def test_no_admin_is_installed_that_could_touch_a_lifecycle_money_or_the_trail():
    assert not apps.is_installed("django.contrib.admin")
    assert "admin" not in (get_resolver().app_dict or {})
    assert not [name_of(path) for path in sources(*APPS) if path.name == "admin.py"]
