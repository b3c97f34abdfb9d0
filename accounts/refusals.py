"""Refusals are sentences: three bases, each with a machine code and words fit for the person reading."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.forms import BaseForm


class Refusal(Exception):
    """Something was asked that will not be done. `code` is for machines, `str(refusal)` for people."""

    status = 400
    code = "refused"

    def __init__(self, sentence: str, *, code: str | None = None, **details: object) -> None:
        super().__init__(sentence)
        self.code = code or self.code
        self.details = details

    @property
    def sentence(self) -> str:
        return str(self)


class Denied(Refusal):
    """This person may not do it (HTTP 403)."""

    status = 403
    code = "denied"


class NotAllowedNow(Refusal):
    """It may be done, but not in the state things are in now (HTTP 409)."""

    status = 409
    code = "not_allowed_now"


class Refused(Refusal):
    """What was sent is wrong and can be mended (HTTP 400, or an error on the form). `details` may name fields."""

    status = 400
    code = "refused"


@contextmanager
def refusals_on(form: BaseForm) -> Iterator[None]:
    """Put what is refused inside onto the form (on the field that `details["field"]` names), so that nothing typed is lost.

    `with refusals_on(form): actions.x(...); return redirect(...)`, then render the form below. Denied goes on to its page.
    """
    try:
        yield
    except (Refused, NotAllowedNow) as refusal:
        named = refusal.details.get("field")
        form.add_error(str(named) if named in form.fields else None, refusal.sentence)
