"""`manage.py companies import FILE`: bring in the companies register's bulk file."""

from applications.actions import registers
from applications.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Bring in the bulk file of Companies House (BasicCompanyData, CSV or ZIP), so that companies are verified without its API."
    noun = "companies"
    bring_in = staticmethod(registers.import_companies)
