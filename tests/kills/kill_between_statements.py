"""Run the delivery of one notice again and again, killing the worker with SIGKILL before its first statement, its second, and so on.

Run as a program on its own database; prints one JSON object. A fork stands for the worker, so that the kill is a real one.
"""

import json
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType

import django

WATCHED = ("notifications/delivery.py", "notifications/mail.py", "django/core/mail/backends/filebased.py")
NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


def kill_before_statement(number: int) -> None:
    """Make this process kill itself when it is about to run the `number`-th line of the watched files."""
    seen = 0

    def watch(frame: FrameType, event: str, arg: object):
        nonlocal seen
        if not frame.f_code.co_filename.endswith(WATCHED):
            return None
        if event == "line":
            seen += 1
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)
        return watch

    sys.settrace(watch)


def in_a_fork(work) -> int:
    """Run `work` in a child and return how it ended: 0, or the negative signal."""
    from django.db import connections

    connections.close_all()
    child = os.fork()
    if child == 0:
        work()
        connections.close_all()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(folder: Path) -> None:
    django.setup()
    from django.core.management import call_command
    from django.test import override_settings

    from accounts.models import Person
    from notifications import delivery, outbox
    from notifications.models import Notice, OutboxMessage

    call_command("migrate", verbosity=0)
    person = Person.objects.create_user(email="reader@example.org", name="Rita Reader")
    mailbox = folder / "mailbox"
    kills, copies_sent, problems = 0, [], []
    for number in range(1, 500):
        subject = f"Notice {number}"
        with outbox.no_doorbell():
            notice = outbox.send_notice("test", outbox.Letter(person, subject, "Words."), at=NOW, key=f"test:{number}")
        backend = "django.core.mail.backends.filebased.EmailBackend"

        def die_while_delivering(number: int = number) -> None:
            kill_before_statement(number)
            delivery.drain(at=NOW)

        def copies(subject: str = subject) -> int:
            return sum(path.read_text().count(f"Subject: {subject}\n") for path in mailbox.glob("*.log"))

        with override_settings(EMAIL_BACKEND=backend, EMAIL_FILE_PATH=str(mailbox)):
            ended = in_a_fork(die_while_delivering)
            if Notice.objects.get(pk=notice.pk).sent_at and not copies():
                problems.append(f"{subject}: marked sent before it was")
            if OutboxMessage.objects.get(key=f"test:{number}").done_at and not copies():
                problems.append(f"{subject}: marked done before it was")
            delivery.drain(at=NOW + delivery.LEASE + timedelta(seconds=1))
        if not Notice.objects.get(pk=notice.pk).sent_at or not copies():
            problems.append(f"{subject}: never delivered")
        copies_sent.append(copies())
        if ended == 0:
            break
        kills += 1
    sys.stdout.write(json.dumps({"kills": kills, "most_copies": max(copies_sent), "problems": problems}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
