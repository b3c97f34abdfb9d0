"""Only `workflow.engine.fire()` moves a state: what slips past FSMField's protection is forbidden in the source."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from workflow.staffing import lifecycles

OURS = [
    "accounts",
    "audit",
    "notifications",
    "workflow",
    "grants",
    "applications",
    "assessments",
    "payments",
    "records",
    "reporting",
    "config",
]
BULK_SEEDER = "reporting/demo/scale.py"
"""The one exemption: `manage.py seed scale` writes states in bulk, with valid chains."""


def sources() -> list[Path]:
    return [path for package in OURS for path in (Path(settings.BASE_DIR) / package).rglob("*.py") if "migrations" not in path.parts]


def names_a_lifecycle(node: ast.expr) -> bool:
    """Whether the expression begins at a model that has a lifecycle, or at something that may be a queryset of one."""
    text = ast.unparse(node)
    return any(model.__name__ in text for model in lifecycles())


def offences(tree: ast.AST) -> list[str]:
    found = []
    models = {model.__name__ for model in lifecycles()}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found += [f"line {node.lineno}: assigns .state" for t in targets if isinstance(t, ast.Attribute) and t.attr == "state"]
        if isinstance(node, ast.Call):
            words = {keyword.arg for keyword in node.keywords}
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in {"update", "create", "get_or_create", "update_or_create"} and "state" in words:
                found.append(f"line {node.lineno}: .{name}(state=…)")
            if name in models and "state" in words:
                found.append(f"line {node.lineno}: {name}(state=…)")
            if name == "setattr" and len(node.args) > 1 and ast.unparse(node.args[1]).strip("'\"") == "state":
                found.append(f"line {node.lineno}: setattr state")
            if name in {"refresh_from_db", "bulk_update"}:
                found.append(f"line {node.lineno}: .{name}(): fetch a fresh record instead")
            if name in {"only", "defer"} and isinstance(node.func, ast.Attribute) and names_a_lifecycle(node.func.value):
                reads_state = ("state" in {ast.unparse(given).strip("'\"") for given in node.args}) == (name == "only")
                if not reads_state or any(isinstance(given, ast.Starred) for given in node.args):
                    found.append(f"line {node.lineno}: .{name}() leaves out, or may leave out, the state, which could then be set")
    return found


def test_no_source_moves_a_state_around_the_engine():
    found = [
        f"{path.relative_to(settings.BASE_DIR)} {offence}"
        for path in sources()
        if str(path.relative_to(settings.BASE_DIR)) != BULK_SEEDER
        for offence in offences(ast.parse(path.read_text()))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "line",
    [
        "x.state = 'paid'",
        "A.objects.filter(pk=1).update(state='paid')",
        "setattr(x, 'state', 'paid')",
        "x.refresh_from_db()",
        "Claim.objects.only('number')",
        "Claim.objects.only(*some)",
        "Claim.objects.defer('state')",
    ],
)
def test_the_check_sees_each_way_around(line):
    assert offences(ast.parse(line))


def test_a_list_may_leave_out_other_columns():
    assert not offences(ast.parse("Claim.objects.only('number', 'state'); Claim.objects.defer('narrative')"))


def test_every_model_with_a_state_field_has_a_lifecycle():
    stateful = {model for model in apps.get_models() if any(field.name == "state" for field in model._meta.concrete_fields)}
    assert stateful == set(lifecycles())
