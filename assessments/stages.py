"""Which stage of its programme an application comes to next: computed from the version's list, never coded per programme."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from applications.models import Application

ENTERED_BY = {"panel": "start_panel", "interview": "start_interview", "demonstration": "start_interview"}
"""Stages between moderation and decision, with the step that enters each; a demonstration is held like an interview."""
ORDER = ("assessing", "moderating", "panel", "interview", "deciding")


def step_after(application: "Application") -> str:
    """The step that takes an assessed application on from the state it is in."""
    passed = ORDER.index(application.state)
    for stage in application.version.definition.stages:
        step = ENTERED_BY.get(stage)
        if step and ORDER.index("panel" if step == "start_panel" else "interview") > passed:
            return step
    return "start_deciding"
