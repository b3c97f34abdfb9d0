"""What pages about people show, ready to be drawn."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse

from accounts import second_factor
from accounts.access import can, held_by, reach
from accounts.marks import marks_on
from accounts.models import ApiKey, Invitation, Person, RoleAssignment, RoleGrant
from accounts.models.roles import within_reach
from accounts.refusals import Denied
from accounts.roles import COMPANY_ROLES, Permission
from accounts.scopes import SITE, Place, label, labels_for
from design.palettes import PALETTES, TYPEFACES
from design.words import in_words, moment_in_words

MOST_FOUND = 20
SEES_PEOPLE = (Permission.ROLE_GRANT, Permission.ROLE_CONFIRM, Permission.TEAM_MANAGE)


def account(person: Person, *, at: datetime) -> dict[str, Any]:
    """One's own account: how one signs in, which roles one holds."""
    held = RoleAssignment.objects.filter(person=person).current(at=at).order_by("scope", "role", "pk")
    names = labels_for(assignment.scope for assignment in held)
    has_factor = second_factor.has_one(person)
    return {
        "rows": [
            ("Name", person.name, reverse("accounts:own-name"), "Change"),
            ("Email address", person.email, reverse("account_email"), "Change"),
            ("Password", "Set" if person.has_usable_password() else "Not set", *_password(person)),
            ("Second factor", "Set up" if has_factor else "Not set up", reverse("mfa_index"), "Change" if has_factor else "Set up"),
        ],
        "columns": ["Role", "Where", "From"],
        "roles": [[assignment.get_role_display(), names[assignment.scope], _from(assignment, at)] for assignment in held],
        "sign_out_url": reverse("accounts:sign-out-everywhere"),
    }


SECOND = timedelta(seconds=1)
"""Before the midnight with which a deputy's last day ends."""


def _password(person: Person) -> tuple[str, str]:
    has_one = person.has_usable_password()
    return (reverse("account_change_password"), "Change") if has_one else (reverse("account_set_password"), "Set")


def _from(assignment: RoleAssignment, at: datetime) -> str:
    until = f" until {in_words(assignment.ends_at - SECOND)}" if assignment.ends_at else ""
    begins = in_words(assignment.starts_at) + until
    return begins if assignment.starts_at <= at else f"{begins}, not yet in force"


def sees_people(person: Person) -> bool:
    """Whether the page of people and roles concerns this person."""
    held = held_by(person)
    return any(held.scopes_with(permission) for permission in SEES_PEOPLE)


def check_sees_people(person: Person) -> None:
    if not sees_people(person):
        raise Denied("Your role does not allow this.", code="no_permission")


def people(person: Person, *, at: datetime) -> dict[str, Any]:
    """Who holds which role where this person grants, confirms or leads a team; what waits; who is invited."""
    waiting = RoleGrant.objects.visible_to(person).waiting().select_related("person", "proposed_by").order_by("proposed_at", "pk")
    invited = Invitation.objects.visible_to(person).waiting().select_related("invited_by").order_by("sent_at", "pk")
    held = RoleAssignment.objects.visible_to(person).current(at=at).select_related("person", "granted_by")
    held = held.filter(~Q(role__in=[str(role) for role in COMPANY_ROLES]) | within_reach(person, Permission.TEAM_MANAGE))
    assignments = list(held.order_by("scope", "role", "person__name", "pk"))
    scopes = {grant.scope for grant in waiting} | {row.scope for row in invited} | {row.scope for row in assignments}
    names = labels_for(scopes)
    confirmable = set(RoleGrant.objects.confirmable_by(person).values_list("pk", flat=True))
    return {
        "waiting": [_grant(row, names, is_mine=row.proposed_by_id == person.pk, may_confirm=row.pk in confirmable) for row in waiting],
        "invited": [_invitation(row, names, at=at) for row in invited],
        "held": [_assignment(row, names, person, at=at) for row in assignments],
        "may_grant": bool(held_by(person).scopes_with(Permission.ROLE_GRANT)),
        "may_invite": bool(held_by(person).scopes_with(Permission.ROLE_GRANT) | held_by(person).scopes_with(Permission.TEAM_MANAGE)),
    }


def found(person: Person, who: str) -> dict[str, Any]:
    """Everybody with an account whose name or address has these words in it, a company's people too, for whoever puts them right."""
    may_search = can(person, Permission.PERSON_MANAGE, on=Place(SITE))
    rows = (
        Person.objects.visible_to(person).filter(Q(name__icontains=who) | Q(email__icontains=who))
        if who and may_search
        else Person.objects.none()
    )
    hits = [(one, reverse("accounts:person", args=[one.pk])) for one in rows.order_by("name", "pk")[: MOST_FOUND + 1]]
    return {"may_search": may_search, "who": who, "hits": hits[:MOST_FOUND], "has_more": len(hits) > MOST_FOUND}


def _grant(row: RoleGrant, names: dict[str, str], *, is_mine: bool, may_confirm: bool) -> dict[str, Any]:
    return {
        "title": f"{row.person.name} as {row.get_role_display().lower()}, {names[row.scope]}",
        "rows": [
            ("Email address", row.person.email),
            ("Proposed by", row.proposed_by.name),
            ("Proposed", moment_in_words(row.proposed_at)),
            ("Reason", row.reason),
            *([("As a deputy", _deputy(row))] if row.from_at or row.until_at else []),
        ],
        "confirm_url": reverse("accounts:confirm-grant", args=[row.pk]) if may_confirm else "",
        "refuse_url": reverse("accounts:refuse-grant", args=[row.pk]) if may_confirm or is_mine else "",
        "refuse": "Take it back" if is_mine else "Refuse",
    }


def _deputy(row: RoleGrant) -> str:
    words = (f"from {in_words(row.from_at)}" if row.from_at else "", f"until {in_words(row.until_at - SECOND)}" if row.until_at else "")
    return " ".join(filter(None, words))


def _invitation(row: Invitation, names: dict[str, str], *, at: datetime) -> dict[str, Any]:
    return {
        "email": row.email,
        "part": f"{row.get_role_display()}, {names[row.scope]}",
        "by": row.invited_by.name,
        "until": in_words(row.expires_at),
        "has_expired": not row.is_open(at=at),
        "resend_url": reverse("accounts:resend-invitation", args=[row.pk]),
        "withdraw_url": reverse("accounts:withdraw-invitation", args=[row.pk]),
    }


def _assignment(row: RoleAssignment, names: dict[str, str], person: Person, *, at: datetime) -> dict[str, Any]:
    needed = Permission.TEAM_MANAGE if row.role in COMPANY_ROLES else Permission.ROLE_GRANT
    may_end = (row.ends_at is None or row.ends_at > at) and (row.person_id == person.pk or can(person, needed, on=row))
    return {
        "name": row.person.name,
        "email": row.person.email,
        "is_closed": not row.person.is_active,
        "part": f"{row.get_role_display()}, {names[row.scope]}",
        "from": _from(row, at),
        "granted_by": row.granted_by.name,
        "end_url": reverse("accounts:end-role", args=[row.pk]) if may_end else "",
        "about": f"of {row.person.name} as {row.get_role_display().lower()}, {names[row.scope]}",
        "person_url": reverse("accounts:person", args=[row.person_id]) if can(person, Permission.PERSON_MANAGE, on=Place(SITE)) else "",
    }


def invitation(row: Invitation, person: Person | None) -> dict[str, Any]:
    """The page on which somebody comes in."""
    return {
        "invitation": row,
        "part": part_of(row),
        "inviter": "" if row.invited_by.is_system else row.invited_by.name,
        "waits": row.role not in COMPANY_ROLES and not row.invited_by.is_system,
        "is_somebody_else": person is not None and person.email.lower() != row.email.lower(),
    }


def part_of(row: Invitation) -> str:
    """`team member of Sample Assays Ltd`, or `programme officer, DIAGCOMM`."""
    return f"{row.get_role_display().lower()}{' of' if row.role in COMPANY_ROLES else ','} {label(row.scope)}"


def taken_up(row: Invitation) -> str:
    """What whoever accepted reads."""
    waits = row.role not in COMPANY_ROLES and not row.invited_by.is_system
    return f"You are to be {part_of(row)}, once it is confirmed" if waits else f"You are now {part_of(row)}"


def person(somebody: Person, *, by: Person, at: datetime) -> dict[str, Any]:
    """One account, for an administrator."""
    return account(somebody, at=at) | {
        "somebody": somebody,
        "marks": marks_on(Person.objects.filter(pk=somebody.pk)),
        "correct_url": reverse("accounts:correct-person", args=[somebody.pk]),
        "rows": [
            ("Name", somebody.name),
            ("Email address", somebody.email),
            ("Account", "Open" if somebody.is_active else "Closed"),
            ("Second factor", "Set up" if second_factor.has_one(somebody) else "Not set up"),
            ("Last signed in", moment_in_words(somebody.last_login) if somebody.last_login else "Never"),
        ],
        "close_url": reverse("accounts:close-person", args=[somebody.pk]) if somebody.is_active and somebody != by else "",
        "reopen_url": reverse("accounts:reopen-person", args=[somebody.pk]) if not somebody.is_active else "",
    }


def check_issues_keys(person: Person) -> None:
    if not held_by(person).scopes_with(Permission.KEY_MANAGE):
        raise Denied("Your role does not allow this.", code="no_permission")


def check_sees_keys(person: Person) -> None:
    if not held_by(person).scopes_with(Permission.ROLE_CONFIRM):
        check_issues_keys(person)


def keys(person: Person, *, at: datetime) -> dict[str, Any]:
    """The keys of the funders whose keys this person issues or confirms."""
    rows = ApiKey.objects.visible_to(person).select_related("organisation", "created_by", "confirmed_by").order_by("-created_at", "-pk")
    confirmable = set(ApiKey.objects.confirmable_by(person, at=at).values_list("pk", flat=True))
    issues = bool(held_by(person).scopes_with(Permission.KEY_MANAGE))
    return {"keys": [_key(row, person, confirmable, issues=issues, at=at) for row in rows], "issues": issues}


def _key(row: ApiKey, person: Person, confirmable: set[int], *, issues: bool, at: datetime) -> dict[str, Any]:
    may_revoke = row.revoked_at is None and row.expires_at > at and (issues or row.confirmed_by_id == person.pk)
    return {
        "title": row.name,
        "state": _key_state(row, at=at),
        "tone": "good" if row.is_live(at=at) else "neutral",
        "rows": [
            ("Funder", row.organisation.name),
            ("Begins with", row.prefix),
            ("May", ", ".join(row.scope_labels()) + (" (for tests)" if row.is_test else "")),
            ("Issued", f"{moment_in_words(row.created_at)} by {row.created_by.name}"),
            ("Confirmed", f"{moment_in_words(row.confirmed_at)} by {row.confirmed_by.name}" if row.confirmed_by else "Not yet"),
            ("Works until", moment_in_words(row.expires_at)),
            ("Last used", moment_in_words(row.last_used_at) if row.last_used_at else "Never"),
        ],
        "confirm_url": reverse("accounts:confirm-key", args=[row.pk]) if row.pk in confirmable else "",
        "revoke_url": reverse("accounts:revoke-key", args=[row.pk]) if may_revoke else "",
    }


def _key_state(row: ApiKey, *, at: datetime) -> str:
    if row.revoked_at is not None:
        return "Revoked"
    if row.expires_at <= at:
        return "Expired"
    if row.starts_at is None:
        return "Waits to be confirmed"
    return "In force" if row.starts_at <= at else "Not yet in force"


def check_dresses(person: Person) -> None:
    if not reach(person, Permission.PERSON_MANAGE).everywhere:
        raise Denied("Your role does not allow this.", code="no_permission")


def looks(organisations: Any) -> dict[str, Any]:
    """Each organisation that runs programmes, with the colours and typeface of its pages."""
    rows = [
        [
            {"text": each.name, "href": reverse("accounts:dress-organisation", args=[each.pk])},
            PALETTES[each.palette].title,
            TYPEFACES[each.typeface][0],
        ]
        for each in organisations.order_by("name", "pk")
    ]
    return {"columns": ["Organisation", "Colours", "Typeface"], "rows": rows}
