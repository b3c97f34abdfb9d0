"""Companies House: what its API and its bulk file say of a company, in our words. Nothing is asked without a key."""

import base64
import json
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings

from grants import identifiers

SECONDS = 5
MOST_BYTES = 1024 * 1024


class _NoWayRound(urllib.request.HTTPRedirectHandler):
    """Our key goes to the register's own address and nowhere it points to."""

    def redirect_request(self, *arguments: Any, **options: Any) -> None:
        return None


STRAIGHT = urllib.request.build_opener(_NoWayRound)
LLP = "limited liability partnership"


class RegisterAway(Exception):
    """The register did not answer, or not as it should: the company can be entered by hand."""


def has_key() -> bool:
    return bool(settings.COMPANIES_HOUSE_API_KEY)


def fetch(number: str) -> dict[str, Any] | None:
    """The columns of a RegisterEntry for a company number; None where the register has no such company. Raises RegisterAway."""
    token = base64.b64encode(f"{settings.COMPANIES_HOUSE_API_KEY}:".encode()).decode()
    address = f"{settings.COMPANIES_HOUSE_URL.rstrip('/')}/company/{number}"
    request = urllib.request.Request(address, headers={"Authorization": f"Basic {token}", "Accept": "application/json"})  # noqa: S310 - the scheme is checked in settings
    try:
        with STRAIGHT.open(request, timeout=SECONDS) as answer:
            return of_api(json.loads(answer.read(MOST_BYTES)))
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        raise RegisterAway(f"status {error.code}") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RegisterAway(type(error).__name__) from error


def of_api(found: Mapping[str, Any]) -> dict[str, Any]:
    """A company profile of the API."""
    address = found.get("registered_office_address") or {}
    kind = f"{found.get('type', '')} {found.get('subtype', '')}".replace("-", " ")
    created = found.get("date_of_creation")
    return {
        "company_number": identifiers.company_number(found["company_number"]),
        "name": found["company_name"][:250],
        "legal_form": legal_form(kind),
        "status": status(found.get("company_status", "")),
        "status_in_register": str(found.get("company_status", ""))[:120],
        "incorporated_on": date.fromisoformat(created) if created else None,
        "address_line_1": str(address.get("address_line_1", ""))[:120],
        "address_line_2": str(address.get("address_line_2", ""))[:120],
        "address_town": str(address.get("locality", ""))[:80],
        "postcode": _postcode(str(address.get("postal_code", ""))),
        "sic_codes": [code for code in found.get("sic_codes", []) if re.fullmatch(r"[0-9]{5}", str(code))][:4],
    }


def of_bulk(row: Mapping[str, str]) -> dict[str, Any]:
    """A line of the bulk file ("BasicCompanyData"), whose headings have stray blanks. Raises KeyError, ValueError or Refused."""
    row = {str(name).strip(): (value or "").strip() for name, value in row.items() if isinstance(value, str)}
    created = row.get("IncorporationDate", "")
    codes = [row.get(f"SICCode.SicText_{number}", "")[:5] for number in (1, 2, 3, 4)]
    return {
        "company_number": identifiers.company_number(row["CompanyNumber"]),
        "name": row["CompanyName"][:250],
        "legal_form": legal_form(row["CompanyCategory"]),
        "status": status(row["CompanyStatus"]),
        "status_in_register": row["CompanyStatus"][:120],
        "incorporated_on": _british_date(created) if created else None,
        "address_line_1": row.get("RegAddress.AddressLine1", "")[:120],
        "address_line_2": row.get("RegAddress.AddressLine2", "")[:120],
        "address_town": row.get("RegAddress.PostTown", "")[:80],
        "postcode": _postcode(row.get("RegAddress.PostCode", "")),
        "sic_codes": [code for code in codes if re.fullmatch(r"[0-9]{5}", code)],
    }


def legal_form(kind: str) -> str:
    """Our legal form for the register's type or category."""
    kind = kind.lower()
    if "community interest" in kind:
        return "cic"
    if "plc" in kind.split() or "public limited" in kind:
        return "plc"
    if "llp" in kind.split() or (LLP in kind and "limited partnership" not in kind.replace(LLP, "")):
        return "llp"
    if "charitable" in kind:
        return "charity"
    if "unlimited" in kind:
        return "other"
    is_private = "private" in kind or "ltd" in re.split(r"[ /]", kind) or "pri/" in kind
    return "limited" if is_private else "other"


def status(words: str) -> str:
    """Our status for the register's. A proposal to strike off is still active: due diligence looks at it."""
    words = words.lower().replace("-", " ")
    if any(sign in words for sign in ("liquidat", "administ", "receiver", "voluntary arrangement", "insolven")):
        return "insolvent"
    if words.startswith(("active", "open", "registered", "live")):
        return "active"
    return "dormant" if "dormant" in words else "dissolved"


def is_same_name(one: str, other: str) -> bool:
    """Whether two spellings name one company: case, blanks, points and LIMITED for LTD do not count."""

    def plain(name: str) -> str:
        words = re.sub(r"[^a-z0-9& ]", "", name.lower().replace("&amp;", "&")).split()
        return " ".join({"limited": "ltd", "and": "&"}.get(word, word) for word in words)

    return plain(one) == plain(other)


def _british_date(text: str) -> date:
    day, month, year = (int(part) for part in text.split("/"))
    return date(year, month, day)


def _postcode(text: str) -> str:
    try:
        return identifiers.postcode(text)
    except identifiers.NotAPostcode:
        return ""
