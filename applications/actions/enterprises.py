"""The enterprises a company belongs with, and the place an officer found it to be in."""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from accounts.access import require
from accounts.models import Person
from accounts.refusals import Refused
from accounts.roles import Permission
from applications import places
from applications.actions.companies import companies_act_size
from applications.models import Application, Company, RelatedEnterprise
from audit import trail
from grants.sizes import Limits

LEAST, HALF, ALL = 25, 50, 100


def relate(
    *,
    company: Company,
    name: str,
    company_number: str,
    relation: str,
    share_percent: int,
    employees: int,
    turnover_pence: int,
    balance_sheet_pence: int,
    earlier: Limits | None = None,
    by: Person,
    at: datetime,
) -> RelatedEnterprise:
    """Name a linked or partner enterprise with its figures of both years, so that size is judged by the group in each.

    Without `earlier` the year before is taken to have been as this one.
    """
    require(by, Permission.COMPANY_EDIT, on=company)
    low, high = (HALF + 1, ALL) if relation == RelatedEnterprise.Relation.LINKED else (LEAST, HALF)
    if not low <= share_percent <= high:
        raise Refused(f"Enter a share from {low} to {high} % for this kind of relation.", code="share_does_not_fit", field="share_percent")
    with transaction.atomic():
        company = Company.objects.select_for_update(no_key=True, of=("self",)).get(pk=company.pk)
        found = RelatedEnterprise.objects.create(
            company=company,
            name=name,
            company_number=company_number,
            relation=relation,
            share_percent=share_percent,
            employees=employees,
            turnover_pence=turnover_pence,
            balance_sheet_pence=balance_sheet_pence,
            earlier_turnover_pence=earlier.turnover_pence if earlier else None,
            earlier_balance_sheet_pence=earlier.balance_sheet_pence if earlier else None,
            earlier_employees=earlier.employees if earlier else None,
            added_at=at,
            added_by=by,
        )
        _sized_again(company, "company.enterprise_added", found, by=by, at=at)
    return found


def unrelate(*, enterprise: RelatedEnterprise, by: Person, at: datetime) -> None:
    """The enterprise no longer belongs with the company; the row stays, marked."""
    require(by, Permission.COMPANY_EDIT, on=enterprise.company)
    with transaction.atomic():
        company = Company.objects.select_for_update(no_key=True, of=("self",)).get(pk=enterprise.company_id)
        if RelatedEnterprise.objects.filter(pk=enterprise.pk, removed_at=None).update(removed_at=at, removed_by=by):
            _sized_again(company, "company.enterprise_removed", enterprise, by=by, at=at)


def _sized_again(company: Company, kind: str, enterprise: RelatedEnterprise, *, by: Person, at: datetime) -> None:
    company.size = companies_act_size(company, company.related, localdate(at))
    company.save(update_fields=["size"])
    trail.record(
        stream=company.stream,
        kind=kind,
        actor=by.pk,
        at=at,
        subject=f"applications.company:{company.pk}",
        after={"relation": enterprise.relation, "share_percent": enterprise.share_percent, "size": company.size},
        personal={"name": enterprise.name},
    )


def set_place(*, application: Application, region: str, reason: str, by: Person, at: datetime) -> Company:
    """An officer looked at the map: say which region the company works in, in place of what its postcode lets presume."""
    require(by, Permission.APPLICATION_SCREEN, on=application)
    if region not in places.NAMES:
        raise Refused("Choose a region.", code="region_unknown", field="region")
    if not reason.strip():
        raise Refused("Say what you looked at.", code="reason_missing", field="reason")
    with transaction.atomic():
        company = Company.objects.select_for_update(no_key=True, of=("self",)).get(pk=application.company_id)
        before = {"region": company.region, "region_basis": company.region_basis}
        company.region, company.region_basis, company.region_reason = region, Company.RegionBasis.OFFICER, reason.strip()[:300]
        company.region_set_at, company.region_set_by = at, by
        company.save(update_fields=["region", "region_basis", "region_reason", "region_set_at", "region_set_by"])
        trail.record(
            stream=application.stream,
            kind="company.place_set",
            actor=by.pk,
            at=at,
            subject=f"applications.company:{company.pk}",
            before=before,
            after={"region": region},
            personal={"note": reason},
        )
    return company
