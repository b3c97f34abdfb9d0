"""A role takes two people and a day; nobody grants, or confirms, their own."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access import can, held_by
from accounts.actions import roles
from accounts.models import Organisation, RoleAssignment, RoleGrant
from accounts.refusals import Denied, NotAllowedNow, Refused
from accounts.roles import Permission, Role
from accounts.scopes import Place, labels, names
from audit.models import Event
from notifications import delivery

SCOPE = "programme:diagcomm"


@pytest.fixture(autouse=True)
def programme_has_a_name(monkeypatch):
    from accounts import scopes

    monkeypatch.setattr(scopes, "_namers", [])
    names(lambda: {SCOPE: "DIAGCOMM", "programme:datacomm": "DATACOMM"})


@pytest.fixture(scope="session")
def at():
    return timezone.now()


def proposed(cast, *, person="stranger", role=Role.OFFICER, by="lead", at):
    return roles.propose(person=cast[person], role=role, scope=SCOPE, reason="Covers for Olive", by=cast[by], at=at)


def test_a_lead_proposes_an_independent_person_confirms_and_a_day_later_it_is_in_force(cast, at):
    grant = proposed(cast, at=at)
    assert not can(cast["stranger"], Permission.APPLICATION_SCREEN, on=Place(SCOPE))
    assignment = roles.confirm(grant=grant, by=cast["independent-approver"], at=at)
    assert assignment.granted_by == cast["lead"]
    assert not held_by(cast["stranger"], at=at + timedelta(hours=23, minutes=59)).pairs
    assert held_by(cast["stranger"], at=at + timedelta(hours=24)).pairs == {(Role.OFFICER, SCOPE)}
    kinds = list(Event.objects.filter(stream=f"person:{cast['stranger'].pk}").order_by("sequence").values_list("kind", flat=True))
    assert kinds == ["role.proposed", "role.confirmed"]


def test_who_confirms_and_who_gets_it_are_written_to(cast, at):
    grant = proposed(cast, at=at)
    delivery.drain(at=at)
    assert [letter.to for letter in mail.outbox] == [["independent-approver@example.org"]]
    assert "Leo Lead proposes that Stan Stranger becomes programme officer, DIAGCOMM." in mail.outbox[0].body
    roles.confirm(grant=grant, by=cast["independent-approver"], at=at)
    delivery.drain(at=at)
    assert mail.outbox[-1].to == ["stranger@example.org"]


def test_nobody_proposes_a_role_for_themselves(cast, at):
    with pytest.raises(Denied, match="themselves"):
        proposed(cast, person="lead", role=Role.FINANCE, at=at)
    assert not RoleGrant.objects.exists()


@pytest.mark.parametrize("who", ["applicant", "assessor-1", "officer", "chair", "monitor", "finance", "independent-approver", "funder",
                                 "auditor", "stranger"])  # fmt: skip
def test_only_leads_and_administrators_propose(cast, at, who):
    other = "colleague"
    with pytest.raises(Denied):
        proposed(cast, person=other, by=who, at=at)


def test_a_lead_proposes_on_their_own_programmes_only(cast, at):
    for scope in ["programme:datacomm", "site"]:
        with pytest.raises(Denied):
            roles.propose(person=cast["stranger"], role=Role.OFFICER, scope=scope, by=cast["lead"], at=at)


@pytest.mark.parametrize("who", ["lead", "second-lead", "admin", "officer", "finance", "auditor", "stranger"])
def test_only_the_independent_approver_confirms(cast, at, who):
    grant = proposed(cast, at=at)
    with pytest.raises(Denied):
        roles.confirm(grant=grant, by=cast[who], at=at)
    assert not RoleAssignment.objects.filter(person=cast["stranger"]).exists()


def test_who_proposed_cannot_confirm_even_when_they_hold_both_roles(cast, at):
    RoleAssignment.objects.create(
        person=cast["lead"], role=Role.INDEPENDENT_APPROVER, scope=SCOPE, starts_at=at - timedelta(1), granted_by=cast["admin"]
    )
    grant = proposed(cast, at=at)
    with pytest.raises(Denied, match="neither proposed"):
        roles.confirm(grant=grant, by=cast["lead"], at=at)


def test_nobody_confirms_their_own_role(cast, at):
    grant = proposed(cast, person="independent-approver", role=Role.LEAD, at=at)
    with pytest.raises(Denied, match="neither proposed"):
        roles.confirm(grant=grant, by=cast["independent-approver"], at=at)


def test_the_database_holds_it_too(cast, at):
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleAssignment.objects.create(person=cast["lead"], role=Role.FINANCE, scope=SCOPE, starts_at=at, granted_by=cast["lead"])
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.create(person=cast["lead"], role=Role.FINANCE, scope=SCOPE, proposed_at=at, proposed_by=cast["lead"])
    grant = proposed(cast, at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.filter(pk=grant.pk).update(
            confirmed_at=at, confirmed_by=cast["lead"], assignment=RoleAssignment.objects.filter(person=cast["officer"]).get()
        )


def test_a_proposal_is_answered_once(cast, at):
    grant = proposed(cast, at=at)
    roles.confirm(grant=grant, by=cast["independent-approver"], at=at)
    for act in (
        lambda: roles.confirm(grant=grant, by=cast["independent-approver"], at=at),
        lambda: roles.refuse(grant=grant, reason="No", by=cast["independent-approver"], at=at),
    ):
        with pytest.raises(NotAllowedNow):
            act()
    assert RoleAssignment.objects.filter(person=cast["stranger"]).count() == 1


def test_a_refused_proposal_gives_nothing_and_needs_a_reason(cast, at):
    grant = proposed(cast, at=at)
    with pytest.raises(Refused, match="reason"):
        roles.refuse(grant=grant, reason="  ", by=cast["independent-approver"], at=at)
    with pytest.raises(Denied):
        roles.refuse(grant=grant, reason="No", by=cast["officer"], at=at)
    roles.refuse(grant=grant, reason="Works for an applicant", by=cast["independent-approver"], at=at)
    with pytest.raises(NotAllowedNow):
        roles.confirm(grant=grant, by=cast["independent-approver"], at=at)
    event = Event.objects.get(kind="role.refused")
    assert b"Works for an applicant" not in bytes(event.body)
    proposed(cast, at=at)


@pytest.mark.parametrize(
    ("role", "scope", "code"),
    [
        ("nonsense", SCOPE, "role_unknown"),
        (Role.SYSTEM, "site", "role_unknown"),
        (Role.OFFICER, "programme:nowhere", "scope_unknown"),
        (Role.OFFICER, "organisation:999999", "role_does_not_fit"),
        (Role.OFFICER, "organisation:x", "role_does_not_fit"),
        (Role.ADMIN, SCOPE, "role_does_not_fit"),
        (Role.OWNER, SCOPE, "role_does_not_fit"),
        (Role.FUNDER, "site", "role_does_not_fit"),
    ],
)
def test_a_role_is_held_where_it_belongs(cast, at, role, scope, code):
    with pytest.raises(Refused) as refused:
        roles.propose(person=cast["stranger"], role=role, scope=scope, by=cast["admin"], at=at)
    assert refused.value.code == code


def test_a_role_is_proposed_and_held_once(cast, at):
    proposed(cast, at=at)
    with pytest.raises(Refused, match="proposed already"):
        proposed(cast, at=at)
    with pytest.raises(Refused, match="already"):
        proposed(cast, person="officer", at=at)


@pytest.mark.parametrize(
    ("person", "role"),
    [("auditor", Role.INDEPENDENT_APPROVER), ("funder", Role.INDEPENDENT_APPROVER), ("independent-approver", Role.AUDITOR)],
)
def test_who_audits_or_reads_for_the_funder_never_approves(cast, at, person, role):
    with pytest.raises(Refused, match="Whoever approves in a programme neither audits it nor reads it"):
        proposed(cast, person=person, role=role, at=at)


def test_a_deputy_too_and_on_the_days_on_which_both_would_be_in_force_only(cast, at):
    day = timedelta(days=1)
    RoleAssignment.objects.filter(person=cast["auditor"]).update(ends_at=at + 10 * day)
    asked = {"person": cast["auditor"], "role": Role.INDEPENDENT_APPROVER, "scope": SCOPE, "by": cast["lead"], "at": at}
    with pytest.raises(Refused, match="Audrey Auditor is auditor, DIAGCOMM"):
        roles.propose(from_at=at + 9 * day, until_at=at + 12 * day, **asked)
    later = roles.propose(from_at=at + 10 * day, until_at=at + 12 * day, **asked)
    RoleAssignment.objects.filter(person=cast["auditor"]).update(ends_at=at + 11 * day)
    with pytest.raises(NotAllowedNow, match="choose somebody else"):
        roles.confirm(grant=later, by=cast["independent-approver"], at=at)
    RoleAssignment.objects.filter(person=cast["auditor"]).update(starts_at=at + 12 * day, ends_at=None)
    assert roles.confirm(grant=later, by=cast["independent-approver"], at=at).ends_at == at + 12 * day


def test_of_two_proposals_that_clash_one_is_confirmed(cast, at):
    for role in (Role.AUDITOR, Role.INDEPENDENT_APPROVER):
        proposed(cast, role=role, at=at)
    audits, approves = RoleGrant.objects.filter(person=cast["stranger"]).order_by("pk")
    roles.confirm(grant=audits, by=cast["independent-approver"], at=at)
    with pytest.raises(NotAllowedNow, match="neither audits it"):
        roles.confirm(grant=approves, by=cast["independent-approver"], at=at)


@pytest.mark.parametrize(("scope", "clashes"), [("site", True), (SCOPE, True), ("programme:datacomm", False)])
def test_a_funders_reader_reads_every_programme_it_pays_for(cast, at, monkeypatch, scope, clashes):
    from accounts import scopes

    funder = Organisation.objects.create(name="A funder", kind=Organisation.Kind.FUNDER)
    monkeypatch.setattr(scopes, "_funded", [lambda: {funder.pk: {SCOPE}}])
    RoleAssignment.objects.create(person=cast["stranger"], role=Role.FUNDER, scope=funder.scope, starts_at=at, granted_by=cast["admin"])
    asked = {"person": cast["stranger"], "role": Role.INDEPENDENT_APPROVER, "scope": scope, "by": cast["admin"], "at": at}
    if clashes:
        with pytest.raises(Refused, match="is funder, A funder"):
            roles.propose(**asked)
    else:
        assert roles.propose(**asked).pk


def test_ending_a_role_works_at_once_and_for_those_who_grant_only(cast, at):
    assignment = RoleAssignment.objects.get(person=cast["officer"])
    for who in ["finance", "auditor", "independent-approver", "stranger"]:
        with pytest.raises(Denied):
            roles.end(assignment=assignment, by=cast[who], at=at)
    roles.end(assignment=assignment, by=cast["lead"], at=at)
    assert not can(cast["officer"], Permission.APPLICATION_SCREEN, on=Place(SCOPE))
    ended = RoleAssignment.objects.get(pk=assignment.pk)
    assert (ended.ends_at, ended.ended_by) == (at, cast["lead"])
    assert Event.objects.filter(stream=f"person:{cast['officer'].pk}", kind="role.ended").count() == 1
    with pytest.raises(NotAllowedNow):
        roles.end(assignment=assignment, by=cast["lead"], at=at)


def test_everybody_lays_down_their_own_but_the_last_administrator_stays(cast, at):
    roles.end(assignment=RoleAssignment.objects.get(person=cast["finance"]), by=cast["finance"], at=at)
    assert not held_by(cast["finance"], at=at).pairs
    with pytest.raises(NotAllowedNow, match="last administrator"):
        roles.end(assignment=RoleAssignment.objects.get(person=cast["admin"]), by=cast["admin"], at=at)


def test_a_role_that_is_ended_before_it_begins_never_is_in_force(cast, at):
    assignment = roles.confirm(grant=proposed(cast, at=at), by=cast["independent-approver"], at=at)
    roles.end(assignment=assignment, by=cast["lead"], at=at)
    for hours in (0, 23, 24, 48):
        assert not held_by(cast["stranger"], at=at + timedelta(hours=hours)).pairs


def test_scopes_have_names(cast):
    assert labels()[SCOPE] == "DIAGCOMM"
