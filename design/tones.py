"""Which colour a status wears. Few colours, and never red: red is for errors."""

GOOD = {
    "approved", "live", "paid", "settled", "verified", "met", "accepted", "reconciled", "completed", "cleared", "eligible", "closed_well",
    "recovered", "active", "passed", "released", "recommended", "published", "open",
}  # fmt: skip
ACTIVE = {
    "submitted", "assessing", "moderating", "panel", "interview", "deciding", "proposed", "checking", "in_run", "drafted", "offered",
    "claimed", "invited", "scheduled", "monitoring", "checked", "delivered", "decided", "announced",
}  # fmt: skip
WAITING = {
    "referred", "queried", "changes_requested", "due", "overdue", "returned", "held", "on_hold", "reserve", "suspended", "paused",
    "part_met", "entered", "pending", "disputed", "over_committed",
}  # fmt: skip
TONES = {"good": "govuk-tag--green", "active": "govuk-tag--blue", "waiting": "govuk-tag--yellow", "neutral": "govuk-tag--grey"}


def tone_of(state: str) -> str:
    """`good`, `active`, `waiting` or `neutral` for a state's value."""
    for tone, states in (("good", GOOD), ("active", ACTIVE), ("waiting", WAITING)):
        if state in states:
            return tone
    return "neutral"
