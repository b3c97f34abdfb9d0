"""Every lifecycle is whole: reachable states, no dead ends, an owner or an end, tellers that exist, who beside when."""

import ast
import inspect
import textwrap

import pytest

from accounts.roles import COMPANY_SIDE, HOLDS
from notifications.outbox import COMPOSERS, HANDLERS
from workflow import guards, separation
from workflow.lifecycle import Lifecycle
from workflow.staffing import lifecycles

ANNOUNCED = {"opens_at", "closes_at", "due_at", "expires_at"}
"""Moments that are announced ahead, not the trace of an act."""

each_lifecycle = pytest.mark.parametrize("model", lifecycles(), ids=lambda model: model._meta.model_name)


def test_the_house_has_its_lifecycles():
    assert {"application", "assessment", "award", "milestone", "claim", "bankaccount", "payment", "paymentrun", "outcomereport"} <= {
        model._meta.model_name for model in lifecycles()
    }


@each_lifecycle
def test_every_state_is_reachable(model: type[Lifecycle]):
    reached, frontier = set(), {str(model._meta.get_field("state").default)}
    while frontier:
        reached |= frontier
        frontier = {t for s in model.steps().values() if reached & set(s.sources) for t in s.targets} - reached
    assert reached == set(model.State.values)


@each_lifecycle
def test_a_state_that_somebody_owns_can_be_left(model: type[Lifecycle]):
    leavable = {source for declared in model.steps().values() for source in declared.sources}
    stuck = [state.value for state in model.State if state.owner and state.value not in leavable]
    assert not stuck


@each_lifecycle
def test_every_step_names_states_that_exist(model: type[Lifecycle]):
    named = {state for declared in model.steps().values() for state in (*declared.sources, *declared.targets)}
    assert named <= set(model.State.values)


@each_lifecycle
def test_every_step_can_be_taken_by_some_role(model: type[Lifecycle]):
    held = {permission for bundle in HOLDS.values() for permission in bundle}
    assert {declared.needs for declared in model.steps().values()} <= held


@each_lifecycle
def test_every_duty_has_words_and_every_guard_and_telling_exists(model: type[Lifecycle]):
    for declared in model.steps().values():
        assert not declared.duty or declared.duty in separation.DUTY_NAMES, declared
        for guard in (*declared.guards, *declared.keeps_out):
            assert callable(guards.resolve(guard)), declared
        for kind in declared.tells:
            assert kind in COMPOSERS or kind in HANDLERS, f"{kind} is told by {declared.name}, but nobody composes or handles it"


@each_lifecycle
def test_when_a_step_writes_when_it_writes_who(model: type[Lifecycle]):
    for name in model.steps():
        tree = ast.parse(textwrap.dedent(inspect.getsource(getattr(model, name))))
        assigned = {
            attribute.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            for target in node.targets
            for attribute in ast.walk(target)
            if isinstance(attribute, ast.Attribute) and isinstance(attribute.value, ast.Name) and attribute.value.id == "self"
        }
        for moment in {attribute for attribute in assigned if attribute.endswith("_at")} - ANNOUNCED:
            assert moment.removesuffix("_at") + "_by" in assigned, f"{model.__name__}.{name} writes {moment} without who"


@each_lifecycle
def test_a_company_never_plays_a_staff_duty_that_bears_on_money(model: type[Lifecycle]):
    for declared in model.steps().values():
        if declared.duty in {"check_claim", "approve_claim", "release", "bank_check", "bank_verify", "decide"}:
            assert declared.needs not in COMPANY_SIDE


def test_every_separated_duty_is_played_by_some_step():
    played = {declared.duty for model in lifecycles() for declared in model.steps().values()}
    separated = {duty for pairs in separation.TABLES.values() for pair in pairs for duty in pair}
    assert separated <= played
