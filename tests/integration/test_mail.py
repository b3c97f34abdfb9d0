"""Mail as it happens or once a day; mail that comes back; nothing in a mail that is not on a page too."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.core.management import call_command

from accounts.refusals import Refused
from audit.models import Event
from notifications import bounces, delivery, outbox
from notifications.actions import addresses, choices
from notifications.models import FailingAddress, Notice, OutboxMessage
from notifications.tasks import read_bounces
from tests.stages import applications, grants

AT = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
MORNING = datetime(2026, 5, 2, 6, 30, tzinfo=UTC)
"""Half past seven in the United Kingdom."""


def tell(person, subject: str, *, at: datetime = AT, kind: str = "test", is_urgent: bool = False) -> None:
    letter = outbox.Letter(person, subject, f"Words about “{subject}”.", "/apply/", is_urgent)
    outbox.send_notice(kind, letter, at=at, key=subject)
    delivery.drain(at=at)


def report(mail_id: str, address: str, *, action: str = "failed", status: str = "5.1.1") -> bytes:
    """A delivery report as Postfix writes it."""
    lines = f"""
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
To: no-reply@{settings.MAIL_DOMAIN}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
 boundary="4B2.1/mx.example.net"

This is a MIME-encapsulated message.

--4B2.1/mx.example.net
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.net.

--4B2.1/mx.example.net
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
X-Postfix-Queue-ID: 4B2
Arrival-Date: Fri,  1 May 2026 12:00:01 +0000 (UTC)

Final-Recipient: rfc822; {address}
Original-Recipient: rfc822;{address}
Action: {action}
Status: {status}
Remote-MTA: dns; mail.example.org
Diagnostic-Code: smtp; 550 5.1.1 <{address}>: Recipient address rejected:
    User unknown

--4B2.1/mx.example.net
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

Message-ID: <{mail_id}@{settings.MAIL_DOMAIN}>
Subject: Your claim is paid

--4B2.1/mx.example.net--
"""
    return lines.lstrip().replace("\n", "\r\n").encode()


def test_who_chose_so_gets_one_mail_a_day_and_what_cannot_wait_at_once(applicant, colleague):
    choices.choose(how="digest", by=applicant, at=AT)
    tell(applicant, "A message")
    tell(applicant, "Another message")
    tell(applicant, "Three hours left", is_urgent=True)
    tell(applicant, "Bank details were entered", kind="bank.entered")
    tell(colleague, "For the colleague")
    assert [one.subject for one in mail.outbox] == ["Three hours left", "Bank details were entered", "For the colleague"]
    mail.outbox.clear()
    assert choices.put_digests(at=MORNING - timedelta(hours=1)) == 0, "not before seven"
    assert choices.put_digests(at=MORNING) == 1
    assert choices.put_digests(at=MORNING + timedelta(hours=1)) == 0, "once a day"
    delivery.drain(at=MORNING)
    [digest] = mail.outbox
    assert (digest.to, digest.subject) == ([applicant.email], "2 messages for you")
    assert "Words about “A message”." in digest.body
    assert "Words about “Another message”." in digest.body
    assert not Notice.objects.for_digest().exists()
    with pytest.raises(Refused):
        choices.choose(how="never", by=applicant, at=AT)


def test_nothing_is_in_a_mail_that_is_not_on_a_page_too(client, cast):
    choices.choose(how="digest", by=cast["colleague"], at=AT)
    application = applications.referred(cast)
    delivery.drain(at=application.submitted_at)
    choices.put_digests(at=application.submitted_at + timedelta(days=1))
    delivery.drain(at=application.submitted_at + timedelta(days=1))
    people = {person.email: person for person in cast.values()}
    assert {mail.to[0] for mail in mail.outbox} >= {cast[who].email for who in ("applicant", "colleague", "officer")}
    furniture = {"Dear", "You can read", "Pumphouse", "---", settings.BASE_URL}
    for letter in mail.outbox:
        client.force_login(people[letter.to[0]])
        page = client.get("/messages/").content.decode()
        said = [line.strip() for line in letter.body.splitlines() if line.strip()]
        own = [line for line in said if not line.startswith(tuple(furniture))]
        assert own
        assert [line for line in own if _as_html(line) not in page] == []


def test_no_letter_asks_for_a_reply_to_an_address_that_nobody_reads():
    assert settings.DEFAULT_FROM_EMAIL.startswith("Pumphouse <no-reply@")
    ours = ("accounts", "applications", "assessments", "grants", "notifications", "payments", "records", "reporting")
    composers = [path for app in ours for path in (Path(settings.BASE_DIR) / app).rglob("*.py")]
    assert [path for path in composers if "reply to this" in path.read_text().lower()] == []


def test_an_officer_sees_whom_no_mail_reaches(client, cast):
    application = applications.referred(cast)
    another = grants.open_round(cast, programme=application.round.programme)
    applications.submitted(cast, round=another, company=application.company)
    addresses.note_failure(address=cast["colleague"].email.upper(), status="5.1.1", said="User unknown", at=AT)
    client.force_login(cast["officer"])
    assert client.get("/home/").content.decode().count(f"Mail to {application.company.name} comes back") == 1
    assert (
        f"Mail to {cast['colleague'].name} ({cast['colleague'].email}) comes back" in client.get(application.staff_path()).content.decode()
    )


def _as_html(line: str) -> str:
    return line.replace("&", "&amp;").replace("'", "&#x27;").replace('"', "&quot;")


def test_a_report_marks_the_address_and_its_person_sees_what_to_do(client, applicant, tmp_path, capsys):
    tell(applicant, "Your claim is paid")
    mail_id = OutboxMessage.objects.get(kind="notice.mail").mail_id
    assert mail.outbox[0].extra_headers["Message-ID"] == f"<{mail_id}@{settings.MAIL_DOMAIN}>"
    (tmp_path / "1.eml").write_bytes(report(mail_id, applicant.email))
    (tmp_path / "2.eml").write_bytes(report(mail_id, "late@example.org", action="delayed", status="4.4.1"))
    (tmp_path / "3.eml").write_bytes(report("0" * 32, "forged@example.org"))
    (tmp_path / "4.eml").write_bytes(b"Subject: Hello\r\n\r\nI am on holiday.\r\n")
    call_command("bounces", "--folder", str(tmp_path))
    told = capsys.readouterr()
    assert "1 failing address noted." in told.out
    assert "not about a mail of ours" in told.err
    assert "not a delivery report" in told.err
    assert sorted(path.name for path in (tmp_path / "read").iterdir()) == ["1.eml", "2.eml", "3.eml", "4.eml"]
    failing = FailingAddress.objects.get()
    assert (failing.address, failing.status) == (applicant.email, "5.1.1")
    assert "User unknown" in failing.said
    assert applicant.email not in str(bytes(Event.objects.get(kind="mail.came_back").body))

    mail.outbox.clear()
    tell(applicant, "Another message")
    assert mail.outbox == []
    client.force_login(applicant)
    assert "Mail to you comes back" in client.get("/home/").content.decode()
    page = client.get("/messages/").content.decode()
    assert "User unknown" in page
    assert "Another message" in page
    client.post("/messages/try-again/")
    tell(applicant, "A third message")
    assert [one.subject for one in mail.outbox] == ["A third message"]


def test_the_folder_of_what_came_back_is_read_by_itself_whatever_lies_in_it(applicant, settings, tmp_path, monkeypatch):
    tell(applicant, "Your claim is paid")
    good = report(OutboxMessage.objects.get(kind="notice.mail").mail_id, applicant.email)
    read, told = bounces.read, []

    def break_on_the_first(data):
        told.append(data)
        if data == b"odd":
            raise LookupError("unknown encoding")
        return read(data)

    monkeypatch.setattr(bounces, "read", break_on_the_first)
    read_bounces()  # without a folder there is nothing to do
    settings.BOUNCES_FOLDER = str(tmp_path)
    (tmp_path / "1").write_bytes(b"odd")
    (tmp_path / "2").write_bytes(good)
    read_bounces()
    read_bounces()
    assert told == [b"odd", good]
    assert FailingAddress.objects.get().address == applicant.email
    settings.BOUNCES_FOLDER = str(tmp_path / "gone")
    read_bounces()


@pytest.mark.parametrize(("answer", "fails"), [("550 No such user", True), ("450 Try again later", False)])
def test_a_server_that_refuses_the_address_for_good_marks_it(applicant, mail_server, settings, answer, fails):
    async def handle_RCPT(server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        return answer

    mail_server.handle_RCPT = handle_RCPT
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail_server.port
    tell(applicant, "Your claim is paid")
    message = OutboxMessage.objects.get(kind="notice.mail")
    assert FailingAddress.objects.filter(address=applicant.email, status="550").exists() is fails
    assert (message.done_at is not None) is fails
    assert message.last_error == ("" if fails else "SMTPRecipientsRefused")


def test_a_report_that_returns_the_whole_mail_is_known_too(applicant):
    tell(applicant, "Your claim is paid")
    mail_id = OutboxMessage.objects.get(kind="notice.mail").mail_id
    whole = report(mail_id, applicant.email).replace(b"text/rfc822-headers", b"message/rfc822")
    assert message_from_bytes(whole).get_content_type() == "multipart/report"
    [bounce] = bounces.read(whole)
    assert (bounce.address, bounce.is_for_good) == (applicant.email, True)


def test_the_preference_has_a_page(client, applicant):
    client.force_login(applicant)
    assert "As it happens" in client.get("/messages/preferences/").content.decode()
    client.post("/messages/preferences/", {"how": "digest"})
    assert "Mail comes once a day" in client.get("/messages/").content.decode()
