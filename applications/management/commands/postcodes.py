"""`manage.py postcodes import FILE`: bring in the national directory of postcodes."""

from applications.actions import registers
from applications.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Bring in the postcode directory of the Office for National Statistics (ONSPD or NSPL, CSV or ZIP): places are then certain."
    noun = "postcodes"
    bring_in = staticmethod(registers.import_postcodes)
