"""Where a company is: by the directory of postcodes where it is imported, else presumed from the first half of the postcode."""

from typing import TYPE_CHECKING

from applications.models.registers import PostcodePlace
from applications.regions import Region, region_of
from grants import places
from grants.definition import Definition

if TYPE_CHECKING:
    from applications.models import Company

REGIONS = {
    "E12000001": "North East",
    "E12000002": "North West",
    "E12000003": "Yorkshire and the Humber",
    "E12000004": "East Midlands",
    "E12000005": "West Midlands",
    "E12000006": "East of England",
    "E12000007": "London",
    "E12000008": "South East",
    "E12000009": "South West",
    "W99999999": "Wales",
    "S99999999": "Scotland",
    "N99999999": "Northern Ireland",
    "L99999999": "Crown Dependencies",
    "M99999999": "Crown Dependencies",
}
"""GSS codes of the regions of England, and what the directory writes for the rest."""
NAMES = sorted(set(REGIONS.values()))
CERTAIN = ("directory", "officer")
"""What a place rests on when nobody has to look at the map any more."""


def place_of(postcode: str) -> Region:
    """The region of a postcode, and what that rests on: `directory`, `outcode`, `straddles` or `unknown`."""
    listed = PostcodePlace.objects.filter(postcode=postcode).first()
    if listed is not None and listed.region in REGIONS:
        return Region(REGIONS[listed.region], "directory")
    return region_of(postcode)


def area_of(definition: Definition, company: "Company") -> str:
    """Whether the company lies in the programme's area: `in`, `out` or `unsure`.

    Where the area is one of the regions by its official name and the company's region is certain, that decides; else the outcode does.
    """
    if definition.area is not None and definition.area.name in NAMES and company.region_basis in CERTAIN:
        return places.IN if company.region == definition.area.name else places.OUT
    return definition.area_of(company.postcode.split(" ")[0])
