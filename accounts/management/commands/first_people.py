"""`manage.py first_people`: invite a new site's administrator and its independent approver."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.actions import invitations
from accounts.refusals import Refusal


class Command(BaseCommand):
    help = "Invite the first administrator and the first independent approver of a new site, by email. Afterwards people invite people."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--admin", required=True, metavar="EMAIL", help="who will invite people, grant roles and issue keys")
        confirms = "who will confirm roles: an officer of the funder, or the treasurer"
        parser.add_argument("--approver", required=True, metavar="EMAIL", help=confirms)

    def handle(self, *args: Any, admin: str, approver: str, **options: Any) -> None:
        try:
            invitations.invite_first(admin=admin, approver=approver, at=timezone.now())
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(f"Invited {admin} and {approver}. The mail goes out with the outbox; the links work for 14 days.")
