"""The API's resources. A key sees its funder's programmes and what hangs on them; anything else is not found."""

from typing import cast

from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.utils.decorators import method_decorator
from rest_framework import mixins, viewsets
from rest_framework.exceptions import ValidationError

from accounts.models import ApiKey
from applications.models import Application
from grants.models import Programme, Round
from payments.models import Award, Claim, Payment
from reporting.api import serializers
from reporting.api.paging import ByNewest


@method_decorator(login_not_required, name="dispatch")
class ReadOnly(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """List and detail of one kind of record, narrowed to the programmes of the key's funder."""

    pagination_class = ByNewest
    funded_by = ""
    """The path from the record to its programme's funder."""
    reads: QuerySet
    filters: dict[str, str] = {}
    """Query parameter → field path."""

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return self.reads.none()
        self._check_asked()
        found = self.reads.filter(**{self.funded_by: cast(ApiKey, self.request.auth).organisation_id})
        asked = {field: self.request.query_params[name] for name, field in self.filters.items() if name in self.request.query_params}
        return found.filter(**asked)

    def states(self) -> list[str]:
        """Every state that a record of this kind can be in."""
        return [str(value) for value in self.reads.model.State.values]

    def _check_asked(self) -> None:
        """Refuse parameters that are not ours and states that do not exist: a slip of the pen must not read as “all” or “none”."""
        asked = self.request.query_params
        known = [*self.filters, "limit", "cursor"] if self.action == "list" else []
        unknown = {
            name: f"There is no such parameter here. There are: {', '.join(known) or 'none'}." for name in asked if name not in known
        }
        states = self.states()
        if "state" in asked and asked["state"] not in states:
            unknown["state"] = f"There is no such state. There are: {', '.join(states)}."
        if unknown:
            raise ValidationError(unknown)


class Programmes(ReadOnly):
    """Programmes that the key's funder pays for."""

    serializer_class = serializers.ProgrammeSerializer
    reads = Programme.objects.select_related("funder", "delivery_body")
    funded_by = "funder"
    lookup_field = "slug"
    filters = {"state": "state", "strand": "strand"}


class Rounds(ReadOnly):
    """Their rounds, with the round's budget."""

    serializer_class = serializers.RoundSerializer
    reads = Round.objects.select_related("programme", "version", "budget")
    funded_by = "programme__funder"
    lookup_field = "reference"
    filters = {"state": "state", "programme": "programme__slug"}


class Applications(ReadOnly):
    """Applications once they are submitted: drafts are the company's own."""

    serializer_class = serializers.ApplicationSerializer
    reads = Application.objects.select_related("round__programme", "company__organisation").exclude(submitted_at=None)
    funded_by = "round__programme__funder"
    lookup_field = "reference"
    filters = {"state": "state", "programme": "round__programme__slug", "round": "round__reference"}


class Awards(ReadOnly):
    """Awards, with what is approved and paid on each."""

    serializer_class = serializers.AwardSerializer
    reads = Award.objects.select_related("application__round__programme", "application__company__organisation")
    funded_by = "application__round__programme__funder"
    lookup_field = "reference"
    filters = {"state": "state", "programme": "application__round__programme__slug", "round": "application__round__reference"}


class Claims(ReadOnly):
    """Claims once they are submitted."""

    serializer_class = serializers.ClaimSerializer
    reads = Claim.objects.select_related("award", "milestone").exclude(submitted_at=None)
    funded_by = "award__application__round__programme__funder"
    filters = {"state": "state", "award": "award__reference", "programme": "award__application__round__programme__slug"}


class Payments(ReadOnly):
    """Payments and the run each went out in."""

    serializer_class = serializers.PaymentSerializer
    reads = Payment.objects.select_related("award", "run")
    funded_by = "award__application__round__programme__funder"
    filters = {"state": "state", "award": "award__reference", "programme": "award__application__round__programme__slug"}
