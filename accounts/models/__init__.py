"""People and organisations, the roles they hold, how they are invited, the keys of their machines, the mark of a demonstration."""

from accounts.models.demonstration import DemoMarker
from accounts.models.invitations import Invitation
from accounts.models.keys import ApiKey
from accounts.models.people import Organisation, Person, PersonManager
from accounts.models.roles import RoleAssignment, RoleGrant, TimeAway

__all__ = ["ApiKey", "DemoMarker", "Invitation", "Organisation", "Person", "PersonManager", "RoleAssignment", "RoleGrant", "TimeAway"]
