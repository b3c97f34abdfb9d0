"""A company that applies, and the public money it says it already had."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.functional import cached_property

from accounts.access import reach
from accounts.constraints import both_or_neither
from accounts.encryption import EncryptedTextField
from accounts.models import Organisation, Person, RoleAssignment
from accounts.roles import COMPANY_ROLES, Permission
from applications.groups import YearBefore, size_of
from audit.composed import Composed, Given
from grants.sizes import Limits


def year_before(of: Any) -> YearBefore | None:
    """The figures and size of the year before, of a company or of what one says of itself."""
    if of.earlier_employees is None or of.earlier_turnover_pence is None or of.earlier_balance_sheet_pence is None:
        return None
    return YearBefore(Limits(of.earlier_turnover_pence, of.earlier_balance_sheet_pence, of.earlier_employees), of.earlier_size)


class CompanyQuerySet(models.QuerySet["Company"]):
    def visible_to(self, person: Person) -> "CompanyQuerySet":
        """Companies the person belongs to, and those that sent an application to a programme whose papers they may read."""
        own = reach(person, Permission.COMPANY_VIEW).organisations
        staff = reach(person, Permission.APPLICATION_VIEW)
        sent = Q(applications__submitted_at__isnull=False)
        if not staff.everywhere:
            sent &= Q(applications__round__programme__slug__in=staff.programmes)
        reached = self.model._base_manager.filter(sent).exclude(organisation__in=own).values("pk")
        if not (staff.everywhere or staff.programmes):
            return self.filter(organisation__in=own)
        return self.filter(Q(organisation__in=own) | Q(pk__in=reached))

    def in_group_of(self, company: "Company") -> "CompanyQuerySet":
        """The company and those under common control with it: the same parent, its parent, its subsidiaries, or a group of the same name.

        The law counts by enterprise, not by company number (Subsidy Control Act 2022 ss.7 and 36).
        """
        together = Q(pk=company.pk) | Q(group_parent_number=company.company_number)
        if company.group_parent_number:
            together |= Q(group_parent_number=company.group_parent_number) | Q(company_number=company.group_parent_number)
        if company.enterprise_group:
            together |= Q(enterprise_group__iexact=company.enterprise_group)
        return self.filter(together)

    def of_team(self, person: Person) -> "CompanyQuerySet":
        """Companies the person belongs to."""
        return self.filter(organisation__in=reach(person, Permission.COMPANY_VIEW).organisations)

    def written_for_by(self, person: Person) -> "CompanyQuerySet":
        """Those whose applications the person writes, which a finance contact does not."""
        return self.filter(organisation__in=reach(person, Permission.APPLICATION_EDIT).organisations)


class Company(models.Model):
    """A registered company, known by its number. Its people hold roles on `organisation`."""

    class LegalForm(models.TextChoices):
        LIMITED = "limited", "Private limited company"
        PLC = "plc", "Public limited company"
        LLP = "llp", "Limited liability partnership"
        CIC = "cic", "Community interest company"
        CHARITY = "charity", "Charitable incorporated organisation"
        SOLE_TRADER = "sole_trader", "Sole trader or ordinary partnership"
        UNIVERSITY = "university", "University or research organisation"
        OTHER = "other", "Another legal form"

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        DORMANT = "dormant", "Dormant"
        INSOLVENT = "insolvent", "In liquidation, administration or a voluntary arrangement"
        DISSOLVED = "dissolved", "Dissolved"

    class Size(models.TextChoices):
        MICRO = "micro", "Micro"
        SMALL = "small", "Small"
        MEDIUM = "medium", "Medium"
        LARGE = "large", "Large"

    class RegionBasis(models.TextChoices):
        OUTCODE = "outcode", "Presumed from the postcode"
        STRADDLES = "straddles", "The postcode lies across the edge of the region"
        UNKNOWN = "unknown", "Not known from the postcode"
        DIRECTORY = "directory", "By the national directory of postcodes"
        OFFICER = "officer", "An officer looked at the map"

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="company")
    company_number = models.CharField(max_length=8, unique=True)
    is_number_synthetic = models.BooleanField(default=False)
    is_verified_with_register = models.BooleanField(default=False)
    legal_form = models.CharField(max_length=20, choices=LegalForm, default=LegalForm.LIMITED)
    status = models.CharField(max_length=20, choices=Status, default=Status.ACTIVE)
    incorporated_on = models.DateField(null=True, blank=True)
    address_line_1 = models.CharField(max_length=120)
    address_line_2 = models.CharField(max_length=120, blank=True)
    address_town = models.CharField(max_length=80)
    postcode = models.CharField(max_length=8)
    region = models.CharField(max_length=40, blank=True)
    region_basis = models.CharField(max_length=20, choices=RegionBasis, default=RegionBasis.UNKNOWN)
    region_reason = models.CharField(max_length=300, blank=True)
    region_set_at = models.DateTimeField(null=True, blank=True)
    region_set_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    size = models.CharField(max_length=10, choices=Size)
    employees = models.PositiveIntegerField()
    turnover_pence = models.BigIntegerField()
    balance_sheet_pence = models.BigIntegerField()
    earlier_employees = models.PositiveIntegerField(null=True, blank=True)
    earlier_turnover_pence = models.BigIntegerField(null=True, blank=True)
    earlier_balance_sheet_pence = models.BigIntegerField(null=True, blank=True)
    """Of the year before; all three or none."""
    earlier_size = models.CharField(max_length=10, choices=Size, blank=True)
    """As what it counted the year before."""
    sic_codes = models.JSONField(default=list, blank=True)
    enterprise_group = models.CharField(max_length=120, blank=True)
    group_parent_number = models.CharField(max_length=8, blank=True)
    is_group_member = models.BooleanField(default=False)
    is_insolvent = models.BooleanField(default=False)
    utr = EncryptedTextField(blank=True, default="")
    vat_number = models.CharField(max_length=14, blank=True)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "companies"
        constraints = [
            models.CheckConstraint(condition=Q(turnover_pence__gte=0), name="company_turnover_is_not_negative"),
            models.CheckConstraint(condition=Q(balance_sheet_pence__gte=0), name="company_balance_sheet_is_not_negative"),
            models.CheckConstraint(
                condition=Q(earlier_employees=None, earlier_turnover_pence=None, earlier_balance_sheet_pence=None)
                | Q(earlier_employees__isnull=False, earlier_turnover_pence__gte=0, earlier_balance_sheet_pence__gte=0),
                name="company_earlier_figures_are_whole",
            ),
            models.CheckConstraint(condition=Q(size__in=["micro", "small", "medium", "large"]), name="company_size_is_known"),
            models.CheckConstraint(condition=~Q(company_number=""), name="company_has_a_number"),
            both_or_neither("region_set_at", "region_set_by", of="company"),
        ]

    def __str__(self) -> str:
        return self.organisation.name

    @property
    def name(self) -> str:
        return self.organisation.name

    @property
    def group_key(self) -> str:
        """What Minimal Financial Assistance is counted by: the enterprise group, or the company alone."""
        return self.group_parent_number or self.enterprise_group or self.company_number

    def scopes(self) -> set[str]:
        return {f"organisation:{self.organisation_id}"}

    def people(self) -> QuerySet[Person]:
        """Everybody who belongs to its team or once did: whom its records name."""
        held = RoleAssignment.objects.filter(scope=self.stream, role__in=COMPANY_ROLES)
        return Person.objects.filter(pk__in=held.values("person"))

    def figures(self) -> Limits:
        """Of its last year, this company alone."""
        return Limits(self.turnover_pence, self.balance_sheet_pence, self.employees)

    def size_by(self, rule_set: str, *, on: date) -> str:
        """micro, small, medium or large by one of `grants.sizes.RULE_SETS`, its group counted."""
        is_public, before = self.legal_form == self.LegalForm.PLC, self.year_before()
        return size_of(self.figures(), self.related, rule_set=rule_set, on=on, before=before, is_public_company=is_public)

    def year_before(self) -> YearBefore | None:
        """None where it is in its first, or did not say."""
        return year_before(self)

    @property
    def stream(self) -> str:
        return f"organisation:{self.organisation_id}"

    @cached_property
    def related(self) -> list["RelatedEnterprise"]:
        """The enterprises whose figures count with its own, read once."""
        return RELATED.all(company=self.pk)

    def age_in_months(self, on: date) -> int:
        """Whole months since incorporation; 0 where the date is not known."""
        if self.incorporated_on is None or self.incorporated_on > on:
            return 0
        born = self.incorporated_on
        return (on.year - born.year) * 12 + on.month - born.month - (1 if on.day < born.day else 0)


class PreviousAward(models.Model):
    """Subsidy that counts towards the Minimal Financial Assistance limit (Subsidy Control Act 2022 s.36), as the company declares it."""

    class Nature(models.TextChoices):
        MFA = "mfa", "Minimal Financial Assistance"
        SPEI = "spei", "Services of public economic interest assistance"
        DE_MINIMIS = "de_minimis", "EU de minimis aid"
        SAFA = "safa", "Small amount of financial assistance under the trade agreement"

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="previous_awards")
    body = models.CharField(max_length=160)
    nature = models.CharField(max_length=12, choices=Nature, default=Nature.MFA)
    amount_pence = models.BigIntegerField()
    given_on = models.DateField()
    declared_at = models.DateTimeField()
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_pence__gt=0), name="previous_award_is_positive"),
            both_or_neither("removed_at", "removed_by", of="previous_award"),
        ]

    def __str__(self) -> str:
        return f"{self.body}, {self.given_on}"


class RelatedEnterprise(models.Model):
    """An enterprise whose figures count with the company's: linked (more than half) or a partner (a quarter to a half).

    Recommendation 2003/361/EC, annex, article 3; under the Companies Act only linked ones count, as the group.
    """

    class Relation(models.TextChoices):
        LINKED = "linked", "Linked: one owns or controls more than half of the other, or the same owner controls both"
        PARTNER = "partner", "Partner: one owns from 25 % to 50 % of the other"

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="related_enterprises")
    name = models.CharField(max_length=250)
    company_number = models.CharField(max_length=8, blank=True)
    relation = models.CharField(max_length=8, choices=Relation)
    share_percent = models.PositiveSmallIntegerField()
    employees = models.PositiveIntegerField()
    turnover_pence = models.BigIntegerField()
    balance_sheet_pence = models.BigIntegerField()
    earlier_employees = models.PositiveIntegerField(null=True, blank=True)
    earlier_turnover_pence = models.BigIntegerField(null=True, blank=True)
    earlier_balance_sheet_pence = models.BigIntegerField(null=True, blank=True)
    """Of the year before; all three, or none where they were about the same."""
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(relation="linked", share_percent__gt=50, share_percent__lte=100)
                | Q(relation="partner", share_percent__gte=25, share_percent__lte=50),
                name="related_enterprise_share_fits_its_relation",
            ),
            models.CheckConstraint(
                condition=Q(turnover_pence__gte=0, balance_sheet_pence__gte=0), name="related_enterprise_figures_are_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(earlier_employees=None, earlier_turnover_pence=None, earlier_balance_sheet_pence=None)
                | Q(earlier_employees__gte=0, earlier_turnover_pence__gte=0, earlier_balance_sheet_pence__gte=0),
                name="related_enterprise_year_before_is_whole",
            ),
            both_or_neither("removed_at", "removed_by", of="related_enterprise"),
        ]

    def __str__(self) -> str:
        return self.name

    def of_year_before(self) -> Limits:
        """Its figures of the year before; this year's where it named no others."""
        if self.earlier_turnover_pence is None or self.earlier_balance_sheet_pence is None or self.earlier_employees is None:
            return Limits(self.turnover_pence, self.balance_sheet_pence, self.employees)
        return Limits(self.earlier_turnover_pence, self.earlier_balance_sheet_pence, self.earlier_employees)


def know_related(companies: Iterable[Company]) -> None:
    """Read the enterprises that belong with each of several companies in one query, for who asks about all of them."""
    known = list(companies)
    found: dict[int, list[RelatedEnterprise]] = {company.pk: [] for company in known}
    for enterprise in RelatedEnterprise.objects.filter(company__in=found, removed_at=None).order_by("pk"):
        found[enterprise.company_id].append(enterprise)
    for company in known:
        company.__dict__["related"] = found[company.pk]


RELATED = Composed(
    lambda: RelatedEnterprise.objects.filter(company=Given("company", models.BigIntegerField()), removed_at=None).order_by("pk")
)
