"""Register a company, keep its facts, declare what public money it already had."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from accounts.access import require
from accounts.models import Organisation, Person, RoleAssignment
from accounts.refusals import NotAllowedNow, Refused
from accounts.roles import Permission, Role
from applications import companies_house, groups
from applications.models import Company, PreviousAward, RegisterEntry, RelatedEnterprise
from applications.models.companies import year_before
from applications.places import place_of
from audit import trail
from design.words import in_words
from grants import sizes

IS_HERE = "A company with this number is already registered here. Ask its owner to invite you to its team."


@dataclass(frozen=True)
class CompanyDetails:
    """What a company says of itself: number and postcode normalised, money in pence, figures of this company alone."""

    name: str
    company_number: str
    address_line_1: str
    address_town: str
    postcode: str
    employees: int
    turnover_pence: int
    balance_sheet_pence: int
    earlier_employees: int | None = None
    earlier_turnover_pence: int | None = None
    earlier_balance_sheet_pence: int | None = None
    earlier_size: str = ""
    incorporated_on: date | None = None
    address_line_2: str = ""
    legal_form: str = Company.LegalForm.LIMITED
    status: str = Company.Status.ACTIVE
    sic_codes: list[str] = field(default_factory=list)
    enterprise_group: str = ""
    group_parent_number: str = ""
    utr: str = ""
    vat_number: str = ""
    is_group_member: bool = False
    is_insolvent: bool = False
    is_number_synthetic: bool = False

    def columns(self, on: date) -> dict[str, Any]:
        """The columns of Company, with size and region worked out."""
        region = place_of(self.postcode)
        size = companies_act_size(self, [], on)
        stated = {name: value for name, value in asdict(self).items() if name != "name"}
        placed = {"region": region.name, "region_basis": region.basis, "region_reason": "", "region_set_at": None, "region_set_by": None}
        return stated | placed | {"size": size, "is_verified_with_register": is_verified(self)}


def companies_act_size(of: "CompanyDetails | Company", related: Iterable[RelatedEnterprise], on: date) -> str:
    """The size that lists show: by the Companies Act, the group counted."""
    own = sizes.Limits(of.turnover_pence, of.balance_sheet_pence, of.employees)
    is_public = of.legal_form == Company.LegalForm.PLC
    return groups.size_of(own, related, rule_set="companies_act_2006", on=on, before=year_before(of), is_public_company=is_public)


def is_verified(details: CompanyDetails) -> bool:
    """Whether the register has this number and says the same: name, legal form, status, date of incorporation."""
    entry = RegisterEntry.objects.filter(company_number=details.company_number).first()
    return entry is not None and not differences(details, entry)


def differences(stated: Any, entry: RegisterEntry) -> list[str]:
    """What is stated of a company otherwise than the register has it, in words."""
    found = []
    if not companies_house.is_same_name(stated.name, entry.name):
        found.append(f"The register has the name {entry.name}.")
    if stated.legal_form != entry.legal_form:
        found.append(f"The register has it as: {entry.get_legal_form_display().lower()}.")
    if stated.status != entry.status:
        found.append(f"The register has its status as: {entry.status_in_register}.")
    if entry.incorporated_on and stated.incorporated_on != entry.incorporated_on:
        found.append(f"The register has it incorporated on {in_words(entry.incorporated_on)}.")
    return found


def register(*, details: CompanyDetails, by: Person, at: datetime) -> Company:
    """Register a company; whoever does it becomes its owner. Raises Refused where the number is registered already."""
    check_number_is_free(details.company_number)
    try:
        with transaction.atomic():
            organisation = Organisation.objects.create(name=details.name, kind=Organisation.Kind.COMPANY)
            company = Company.objects.create(
                organisation=organisation, created_at=at, created_by=by, updated_at=at, updated_by=by, **details.columns(localdate(at))
            )
            RoleAssignment.objects.create(person=by, role=Role.OWNER, scope=organisation.scope, starts_at=at, granted_by=by)
            trail.record(
                stream=company.stream,
                kind="company.registered",
                actor=by.pk,
                at=at,
                subject=f"applications.company:{company.pk}",
                after={"size": company.size, "region": company.region, "owner": by.pk},
                personal={"name": details.name, "company_number": details.company_number},
            )
    except IntegrityError:
        check_number_is_free(details.company_number)
        raise
    by.__dict__.pop("_held", None)
    return company


def check_number_is_free(company_number: str, *, except_for: Company | None = None) -> None:
    """Raise Refused when another company of that number is here: its owner has to let the person in."""
    if is_here(company_number, except_for=except_for.pk if except_for else None):
        raise Refused(IS_HERE, code="company_already_registered", field="company_number")


def is_here(company_number: str, *, except_for: int | None = None) -> bool:
    """Whether a company of that number is registered here; `except_for` is the key of one that does not count."""
    return Company.objects.filter(company_number=company_number).exclude(pk=except_for or 0).exists()


def update(*, company: Company, details: CompanyDetails, revision: int, by: Person, at: datetime) -> Company:
    """Change a company's facts. Applications already sent in keep the facts they were sent with.

    Raises NotAllowedNow when somebody else changed it after `revision` was read, or the number would change after an application was sent.
    """
    require(by, Permission.COMPANY_EDIT, on=company)
    check_number_is_free(details.company_number, except_for=company)
    with transaction.atomic():
        company = Company.objects.select_for_update().get(pk=company.pk)
        if company.revision != revision:
            raise NotAllowedNow(
                f"{company.updated_by} changed these details while you had them open. Look at them again.", code="stale_version"
            )
        if company.company_number != details.company_number and company.applications.filter(submitted_at__isnull=False).exists():
            raise NotAllowedNow("The company number cannot change once an application has been sent in.", code="number_is_in_use")
        columns = details.columns(localdate(at)) | {"size": companies_act_size(details, company.related, localdate(at))}
        if company.region_basis == Company.RegionBasis.OFFICER and company.postcode == details.postcode:
            columns = {name: value for name, value in columns.items() if not name.startswith("region")}
        changed = sorted(name for name, value in columns.items() if getattr(company, name) != value)
        for name, value in columns.items():
            setattr(company, name, value)
        company.revision, company.updated_at, company.updated_by = revision + 1, at, by
        company.save(update_fields=[*columns, "revision", "updated_at", "updated_by"])
        organisation = company.organisation
        if organisation.name != details.name:
            organisation.name = details.name
            organisation.save(update_fields=["name"])
            changed.append("name")
        trail.record(
            stream=company.stream,
            kind="company.changed",
            actor=by.pk,
            at=at,
            subject=f"applications.company:{company.pk}",
            after={"changed": changed, "size": company.size, "region": company.region},
        )
    return company


def declare_award(
    *, company: Company, body: str, nature: str, amount_pence: int, given_on: date, by: Person, at: datetime
) -> PreviousAward:
    """Declare subsidy the company (or its group) already had, so that the Minimal Financial Assistance limit can be reckoned."""
    require(by, Permission.COMPANY_EDIT, on=company)
    if amount_pence <= 0:
        raise Refused("Enter an amount of more than £0.", code="amount_not_positive", field="amount_pence")
    if given_on > localdate(at):
        raise Refused("Enter a date that is not in the future.", code="date_in_future", field="given_on")
    with transaction.atomic():
        award = PreviousAward.objects.create(
            company=company, body=body, nature=nature, amount_pence=amount_pence, given_on=given_on, declared_at=at, declared_by=by
        )
        trail.record(
            stream=company.stream,
            kind="company.award_declared",
            actor=by.pk,
            at=at,
            subject=f"applications.previousaward:{award.pk}",
            after={"amount_pence": amount_pence, "nature": nature, "given_on": given_on.isoformat()},
        )
    return award


def remove_award(*, award: PreviousAward, by: Person, at: datetime) -> None:
    """Take back a declaration made in error; the row stays, marked."""
    require(by, Permission.COMPANY_EDIT, on=award.company)
    with transaction.atomic():
        if not PreviousAward.objects.filter(pk=award.pk, removed_at=None).update(removed_at=at, removed_by=by):
            return
        trail.record(
            stream=award.company.stream,
            kind="company.award_removed",
            actor=by.pk,
            at=at,
            subject=f"applications.previousaward:{award.pk}",
            before={"amount_pence": award.amount_pence},
        )
