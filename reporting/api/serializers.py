"""Shapes of the API's records. They read; nothing here writes."""

from rest_framework import serializers

from applications.models import Application
from grants.models import Programme, Round
from payments.models import Award, Claim, Payment


class Money(serializers.Serializer):
    """An amount in whole pence, with its currency."""

    pence = serializers.IntegerField()
    currency = serializers.CharField(default="GBP")


def money(pence: int | None) -> dict | None:
    return None if pence is None else {"pence": pence, "currency": "GBP"}


class ProgrammeSerializer(serializers.ModelSerializer):
    id = serializers.CharField(source="slug", help_text="The programme's short name.")
    funder = serializers.CharField(source="funder.name")
    delivery_body = serializers.CharField(source="delivery_body.name")

    class Meta:
        model = Programme
        fields = ["id", "name", "strand", "state", "funder", "delivery_body"]


class RoundSerializer(serializers.ModelSerializer):
    id = serializers.CharField(source="reference")
    programme = serializers.CharField(source="programme.slug")
    version = serializers.IntegerField(source="version.number")
    version_sha256 = serializers.CharField(source="version.sha256")
    budget = serializers.SerializerMethodField()

    class Meta:
        model = Round
        fields = ["id", "programme", "title", "state", "opens_at", "closes_at", "version", "version_sha256", "budget"]

    def get_budget(self, record: Round) -> dict | None:
        """Amount, committed, paid and left of the round, in pence; null where no money is set yet."""
        budget = getattr(record, "budget", None)
        if budget is None:
            return None
        return {
            "currency": "GBP",
            "amount_pence": budget.amount_pence,
            "committed_pence": budget.committed_pence,
            "paid_pence": budget.paid_pence,
            "left_pence": budget.amount_pence - budget.committed_pence,
        }


class ApplicationSerializer(serializers.ModelSerializer):
    id = serializers.CharField(source="reference")
    programme = serializers.CharField(source="round.programme.slug")
    round = serializers.CharField(source="round.reference")
    organisation_id = serializers.SerializerMethodField()
    organisation = serializers.CharField(source="company.name")
    public_state = serializers.CharField(source="state_now.public")

    class Meta:
        model = Application
        fields = [
            "id", "programme", "round", "organisation_id", "organisation", "title", "public_summary", "state", "public_state",
            "grant_requested_pence", "project_cost_pence", "submitted_at",
        ]  # fmt: skip

    def get_organisation_id(self, record: Application) -> str | None:
        """The company's organisation identifier (GB-COH-…); null where the number is synthetic."""
        return organisation_id(record)


class AwardSerializer(serializers.ModelSerializer):
    id = serializers.CharField(source="reference")
    application = serializers.CharField(source="application.reference")
    programme = serializers.CharField(source="application.round.programme.slug")
    round = serializers.CharField(source="application.round.reference")
    organisation_id = serializers.SerializerMethodField()

    class Meta:
        model = Award
        fields = ["id", "application", "programme", "round", "organisation_id", "state", "amount_pence", "approved_pence", "paid_pence"]

    def get_organisation_id(self, record: Award) -> str | None:
        """The company's organisation identifier (GB-COH-…); null where the number is synthetic."""
        return organisation_id(record.application)


class ClaimSerializer(serializers.ModelSerializer):
    award = serializers.CharField(source="award.reference")
    milestone = serializers.IntegerField(source="milestone.number", allow_null=True)

    class Meta:
        model = Claim
        fields = ["id", "award", "number", "kind", "milestone", "state", "claimed_pence", "approved_pence", "offset_pence", "submitted_at"]


class PaymentSerializer(serializers.ModelSerializer):
    award = serializers.CharField(source="award.reference")
    run = serializers.CharField(source="run.reference", default=None, allow_null=True)

    class Meta:
        model = Payment
        fields = ["id", "award", "run", "kind", "state", "amount_pence", "end_to_end"]


def organisation_id(application: Application) -> str | None:
    company = application.company
    return None if company.is_number_synthetic or not company.company_number else f"GB-COH-{company.company_number}"
