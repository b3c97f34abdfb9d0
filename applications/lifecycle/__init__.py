"""The life of an application: its states in `states`, and its steps by subject, in the order in which an application meets them.

`sending`, `eligibility`, `changing`, `deciding`, `ruling_out`; what they write is declared in `record`.
"""

from applications.lifecycle.changing import Changing
from applications.lifecycle.deciding import Deciding
from applications.lifecycle.eligibility import Eligibility
from applications.lifecycle.ruling_out import RulingOut
from applications.lifecycle.sending import Sending


class ApplicationLifecycle(RulingOut, Deciding, Changing, Eligibility, Sending):
    """States and steps of an application. Decisions are shown to the company only once they are notified."""

    class Meta:
        abstract = True
