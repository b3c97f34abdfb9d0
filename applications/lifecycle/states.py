"""The states of an application, and the groups of them that rules name."""

from django.db import models

from workflow.lifecycle import States


class State(States):
    """Each with who must act, what the company is told, and what staff call it."""

    DRAFT = "draft", "applicant", "Draft", "Draft"
    SUBMITTED = "submitted", "system", "Submitted", "Submitted"
    REFERRED = "referred", "officer", "Being checked", "Referred to an officer"
    INELIGIBLE = "ineligible", "", "Not eligible", "Ineligible"
    EXPRESSED = "expressed", "officer", "Expression of interest sent", "Expression of interest"
    INVITED = "invited", "applicant", "Invited to apply in full", "Invited"
    NOT_INVITED = "not_invited", "", "Not invited to apply in full", "Not invited"
    CHANGES_REQUESTED = "changes_requested", "applicant", "Changes requested", "Changes requested"
    ELIGIBLE = "eligible", "officer", "Submitted", "Eligible"
    ASSESSING = "assessing", "assessors", "Being assessed", "With assessors"
    MODERATING = "moderating", "officer", "Being assessed", "In moderation"
    PANEL = "panel", "panel", "Being assessed", "With the panel"
    INTERVIEW = "interview", "panel", "Being assessed", "To be interviewed"
    DECIDING = "deciding", "lead", "Being assessed", "Awaiting a proposal"
    PROPOSED = "proposed", "lead", "Being assessed", "Decision proposed"
    APPROVED = "approved", "officer", "Being assessed", "Approved"
    RESERVE = "reserve", "lead", "Being assessed", "On the reserve list"
    DECLINED = "declined", "officer", "Being assessed", "Declined"
    ON_HOLD = "on_hold", "lead", "Being assessed", "On hold"
    RULED_OUT = "ruled_out", "", "Ruled out", "Ruled out"
    WITHDRAWN = "withdrawn", "", "Withdrawn", "Withdrawn"


class Outcome(models.TextChoices):
    """What can be proposed."""

    APPROVE = "approve", "Approve"
    RESERVE = "reserve", "Put on the reserve list"
    DECLINE = "decline", "Decline"
    HOLD = "hold", "Put on hold"


WRITTEN_IN = (State.DRAFT, State.INVITED)
"""States in which the company writes all of it."""
CHANGEABLE = (State.REFERRED, State.EXPRESSED, State.ELIGIBLE)
"""States in which staff may ask for changes: nobody has scored it yet."""
BEING_SEEN_TO = (
    State.CHANGES_REQUESTED,
    State.EXPRESSED,
    State.ELIGIBLE,
    State.ASSESSING,
    State.MODERATING,
    State.PANEL,
    State.INTERVIEW,
    State.DECIDING,
    State.PROPOSED,
    State.ON_HOLD,
    State.RESERVE,
)
CAN_BE_RULED_OUT = (State.REFERRED, *BEING_SEEN_TO, State.APPROVED)
IN_PROGRESS = (State.SUBMITTED, State.REFERRED, State.INVITED, *BEING_SEEN_TO[:-1])
OVER = (State.INELIGIBLE, State.NOT_INVITED, State.DECLINED, State.RULED_OUT, State.WITHDRAWN)
DECIDED = (State.APPROVED, State.RESERVE, State.DECLINED)
