"""Which region of the United Kingdom a company is in, presumed from the first half of its postcode.

For lists and open data. Whether a place lies in a programme's own area is another question: `grants.places`.

An outcode is only a presumption: some straddle the edge of a region, and then a person looks. The areas and exceptions are written
from the published postcode geography; a full directory can replace the presumption later.
"""

import re
from dataclasses import dataclass

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
class Region:
    """The region presumed from a postcode, and what the presumption rests on: `outcode`, `straddles` or `unknown`."""

    name: str
    basis: str


def region_of(postcode: str) -> Region:
    """The region of a postcode written as `B15 2TT`; "" where its area is not known."""
    outcode = postcode.split(" ")[0]
    found = OUTCODE.fullmatch(outcode)
    name = ELSEWHERE.get(outcode, AREAS.get(found[1] if found else "", ""))
    if not name:
        return Region("", "unknown")
    return Region(name, "straddles" if outcode in STRADDLING else "outcode")
