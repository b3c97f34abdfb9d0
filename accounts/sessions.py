"""Where sessions are kept: Django's own table, read by a query that is composed once."""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.db import models
from django.utils import timezone

from audit.composed import Composed, Given

ALIVE = Composed(
    lambda: Session.objects.filter(session_key=Given("key", models.CharField()), expire_date__gt=Given("moment", models.DateTimeField()))
)


class SessionStore(DatabaseSessions):
    """Django's sessions in the database; every request of somebody who is signed in reads one."""

    def _get_session_from_db(self) -> Any:
        found = ALIVE.all(key=self.session_key, moment=timezone.now())
        if not found:
            self._session_key = None
            return None
        return found[0]
