"""Where a company is, presumed from the first half of its postcode.

An outcode is only a presumption: some straddle the edge of a region, and then a person looks. The areas and exceptions are written
from the published postcode geography; a full directory can replace the presumption later.
"""

import re
from dataclasses import dataclass

POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][ABD-HJLNP-UW-Z]{2})")
OUTCODE = re.compile(r"([A-Z]{1,2})([0-9]{1,2})[A-Z]?")
AREAS: dict[str, str] = {
    area: region
    for region, areas in {
        "North East": "DH DL NE SR TS",
        "North West": "BB BL CA CH CW FY L LA M OL PR SK WA WN",
        "Yorkshire and the Humber": "BD DN HD HG HU HX LS S WF YO",
        "East Midlands": "DE LE LN NG NN",
        "West Midlands": "B CV DY HR ST SY TF WR WS WV",
        "East of England": "AL CB CM CO IP LU NR PE SG SS WD",
        "London": "BR CR E EC EN HA IG KT N NW RM SE SM SW TW UB W WC",
        "South East": "BN CT DA GU HP ME MK OX PO RG RH SL SO TN",
        "South West": "BA BH BS DT EX GL PL SN SP TA TQ TR",
        "Wales": "CF LD LL NP SA",
        "Scotland": "AB DD DG EH FK G HS IV KA KW KY ML PA PH TD ZE",
        "Northern Ireland": "BT",
        "Crown Dependencies": "GY IM JE",
    }.items()
    for area in areas.split()
}
ELSEWHERE: dict[str, str] = (
    {f"SY{number}": "Wales" for number in range(15, 26)}
    | {f"DE{number}": "West Midlands" for number in (13, 14, 15)}
    | {"CV13": "East Midlands", "B79": "West Midlands", "SY14": "North West"}
)
"""Outcodes that lie in another region than their area."""
STRADDLING = frozenset(
    "B79 CV9 CV13 CV23 DE6 DE12 GL20 GL55 HR3 HR5 HR9 LD7 LD8 LE10 NP25 ST14 SY10 SY14 SY15 TF9 WR12".split()  # noqa: SIM905 - one line to read against the map
)
"""Outcodes across the edge of the West Midlands: an officer looks at the map."""


@dataclass(frozen=True)
class Place:
    """A postcode written as it should be, the region presumed from it, and whether that is certain enough to rule by."""

    postcode: str
    outcode: str
    region: str
    basis: str


def normalise_postcode(text: str) -> str | None:
    """`b15 2tt` → `B15 2TT`; None when it is no postcode."""
    found = POSTCODE.fullmatch(re.sub(r"\s+", "", text).upper())
    return f"{found[1]} {found[2]}" if found else None


def place_of(postcode: str) -> Place:
    """The place of a normalised postcode; the region is "" where the area is not known."""
    outcode = postcode.split(" ")[0]
    found = OUTCODE.fullmatch(outcode)
    area = found[1] if found else ""
    region = ELSEWHERE.get(outcode, AREAS.get(area, ""))
    if not region:
        return Place(postcode, outcode, "", "unknown")
    return Place(postcode, outcode, region, "straddles" if outcode in STRADDLING else "outcode")
