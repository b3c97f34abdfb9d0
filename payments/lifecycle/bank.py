"""The life of a company's bank account: entered by the company, called back by one person, verified by another."""

from datetime import datetime

from django.utils.timezone import localdate
from django_fsm import FSMField

from accounts.models import Person
from accounts.roles import Permission
from payments.policies import bank as policies
from workflow.lifecycle import Lifecycle, States, step


class BankAccountLifecycle(Lifecycle):
    """Nobody who entered, called back or verified an account may release a payment to it."""

    class State(States):
        ENTERED = "entered", "officer", "Being checked", "Entered"
        CHECKED = "checked", "lead", "Being checked", "Checked by call-back"
        VERIFIED = "verified", "", "Verified", "Verified"
        SUPERSEDED = "superseded", "", "No longer used", "Superseded"

    state = FSMField(default=State.ENTERED, choices=State.choices, protected=True, max_length=30)
    audited = ("last4", "modulus", "payee_match")
    reads_with = ("company__organisation",)

    class Meta:
        abstract = True

    @step(source=State.ENTERED, target=State.ENTERED, needs=Permission.BANK_ENTER, duty="bank_enter", tells=("bank.entered",))
    def enter(self, *, by: Person, at: datetime) -> None:
        self.entered_at, self.entered_by = at, by

    @step(source=State.ENTERED, target=State.CHECKED, needs=Permission.BANK_CHECK, duty="bank_check", label="Record the call-back")
    def call_back(self, *, by: Person, at: datetime, called_on: str, spoke_to: str, payee_match: str) -> None:
        """`called_on` is the number that was rung, found independently of these details; `payee_match` what Confirmation of Payee said."""
        policies.check_call_back(self, called_on=called_on, spoke_to=spoke_to)
        self.checked_at, self.checked_by = at, by
        self.called_on, self.spoke_to, self.payee_match = called_on, spoke_to, payee_match
        self.check_numbers(on=localdate(at))

    @step(
        source=State.CHECKED,
        target=State.VERIFIED,
        needs=Permission.BANK_VERIFY,
        duty="bank_verify",
        guards=[policies.check_payee_not_refused],
        tells=("bank.verified",),
    )
    def verify(self, *, by: Person, at: datetime) -> None:
        self.verified_at, self.verified_by = at, by
        self.usable_from = at + policies.cooling_off(self)

    @step(source=(State.ENTERED, State.CHECKED, State.VERIFIED), target=State.SUPERSEDED, needs=Permission.SYSTEM_STEP)
    def supersede(self, *, by: Person, at: datetime) -> None:
        self.superseded_at, self.superseded_by = at, by

    @step(
        source=(State.ENTERED, State.CHECKED, State.VERIFIED),
        target=State.SUPERSEDED,
        needs=Permission.BANK_CHECK,
        note_required=True,
        tells=("bank.set_aside",),
        label="Set aside",
    )
    def set_aside(self, *, by: Person, at: datetime, note: str) -> None:
        self.superseded_at, self.superseded_by = at, by
