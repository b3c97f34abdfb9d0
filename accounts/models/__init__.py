"""People and organisations, the roles they hold, how they are invited, and the keys of their machines."""

from accounts.models.invitations import Invitation
from accounts.models.keys import ApiKey
from accounts.models.people import Organisation, Person, PersonManager
from accounts.models.roles import RoleAssignment, RoleGrant

__all__ = ["ApiKey", "Invitation", "Organisation", "Person", "PersonManager", "RoleAssignment", "RoleGrant"]
