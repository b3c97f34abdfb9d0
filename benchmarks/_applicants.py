"""Applicants who save, look, upload and submit over HTTP, and who remember what the service acknowledged; and what it kept of that."""

import asyncio
import hashlib
import json
import re
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

QUESTIONS = ("need", "innovation", "evidence_so_far", "adoption_route", "team", "net_zero", "jobs_additionality")
CSRF = "c" * 32
TIMEOUT = 30
IMPATIENCE = 1.0
"""Seconds after which a page is loaded anew, whether or not it has come."""
RELOADS = 2
MOST_FILES = 3
PAGES = ("form/", "form/case/", "form/project/", "form/money/", "check/")
SHA = re.compile(r"\b[0-9a-f]{64}\b")
LENGTH = re.compile(rb"^content-length: (\d+)\r$", re.IGNORECASE | re.MULTILINE)
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]
COUNTED = ("save", "page", "upload", "submit")


@dataclass
class Answer:
    status: int
    body: str


class Refused(Exception):
    """The service did not do what was asked: no answer, or another than a good one."""


class NothingToDo(Exception):
    """This applicant has sent in, or has all the files that may be: nothing was asked of the service, and nothing counts."""


@dataclass
class Applicant:
    """One application and the cookies of those who work on it."""

    reference: str
    owner: str
    colleague: str
    signatory: str
    revisions: dict[str, int]
    saved: list[tuple[str, str]] = field(default_factory=list)
    """Question and text of every save that was acknowledged, in order."""
    unsure: set[tuple[str, str]] = field(default_factory=set)
    """What was sent and not acknowledged: it may stand, or not."""
    uploaded: list[str] = field(default_factory=list)
    """SHA-256 of every file that was acknowledged."""
    half: bytes = b""
    """A file that goes in pieces and is not said to be here yet."""
    receipt: str = ""
    tried: int = 0
    is_submitting: bool = False
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)


class Crowd:
    """All applicants against one service, with the time and the outcome of each request."""

    def __init__(self, *, port: int, applicants: list[Applicant]) -> None:
        self.port, self.applicants = port, applicants
        self.times: dict[str, list[float]] = defaultdict(list)
        self.errors: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.overwritten = self.given_up = 0
        self.closes = float("inf")
        """When the round closes, by this process's clock: what is refused after it is refused rightly."""
        self.too_late: Counter[str] = Counter()
        for applicant in applicants:
            applicant.one_at_a_time = asyncio.Lock()  # a lock belongs to one event loop

    async def act(self, kind: str, applicant: Applicant, *, due: float) -> bool:
        """Do one thing; its time counts from when it was due, so that waiting for a slow service is not forgotten."""
        try:
            await getattr(self, kind)(applicant)
        except NothingToDo:
            return True
        except (Refused, OSError, asyncio.IncompleteReadError) as problem:
            if time.monotonic() > self.closes:
                self.too_late[kind] += 1
                return False
            self.errors[kind] += 1
            self.reasons[f"{kind}: {str(problem) or type(problem).__name__}"] += 1
            return False
        self.times[kind].append(time.monotonic() - due)
        return True

    async def page(self, applicant: Applicant) -> None:
        if applicant.is_submitting:
            raise NothingToDo
        path = PAGES[len(self.times["page"]) % len(PAGES)]
        got = await self._request("GET", f"/apply/{applicant.reference}/{path}", applicant.owner)
        if got.status != HTTPStatus.OK and not (applicant.is_submitting and got.status == HTTPStatus.FOUND):
            raise Refused(f"{got.status}")

    async def reload(self, applicant: Applicant) -> None:
        """Look at a page and load it anew, and anew, as people do who fear to be late; a browser hangs up on what has not come yet."""
        for _ in range(RELOADS):
            asked = time.monotonic()
            try:
                async with asyncio.timeout(IMPATIENCE):
                    await self.act("page", applicant, due=asked)
            except TimeoutError:
                self.given_up += 1
            await asyncio.sleep(max(0.0, asked + IMPATIENCE - time.monotonic()))
        await self.act("page", applicant, due=time.monotonic())

    async def save(self, applicant: Applicant) -> None:
        """Another text for one question; now and then a colleague who read an older text tries too, and must be told."""
        async with applicant.one_at_a_time:
            if applicant.is_submitting:
                raise NothingToDo
            applicant.tried += 1
            question = QUESTIONS[applicant.tried % len(QUESTIONS)]
            text = f"Version {applicant.tried} of {applicant.reference}: one patient in nine does not come back for the result. " * 3
            text, revision = text.strip(), applicant.revisions[question]
            applicant.unsure.add((question, text))
            kept = await self._save(applicant, applicant.owner, question, text, revision)
            if not kept and any(one == question for one, _ in applicant.unsure - {(question, text)}):
                await self._look_again(applicant)  # a save whose answer was lost had been kept after all
                kept = await self._save(applicant, applicant.owner, question, text, applicant.revisions[question])
            if not kept:
                raise Refused("stale")
            applicant.unsure.discard((question, text))
            applicant.saved.append((question, text))
            applicant.revisions[question] = kept
            if applicant.tried % 20 == 0:
                self.overwritten += bool(await self._save(applicant, applicant.colleague, question, "A colleague's older text", revision))

    async def upload(self, applicant: Applicant) -> None:
        async with applicant.one_at_a_time:
            if applicant.is_submitting or len(applicant.uploaded) + bool(applicant.half) >= MOST_FILES:
                raise NothingToDo
            content = _letter(applicant, 20_000)
            body, kind = _multipart(
                {"csrfmiddlewaretoken": CSRF, "upload": "letters"}, "letters", f"letter-{time.monotonic_ns()}.pdf", content
            )
            got = await self._request("POST", f"/apply/{applicant.reference}/form/documents/", applicant.owner, body, kind)
            if got.status != HTTPStatus.FOUND:
                raise Refused(f"{got.status}")
            applicant.uploaded.append(hashlib.sha256(content).hexdigest())

    async def pieces(self, applicant: Applicant) -> None:
        """A file in pieces, as the page's script sends it: what broke off goes on later from where it was, until it is said to be here."""
        async with applicant.one_at_a_time:
            if applicant.is_submitting or (not applicant.half and len(applicant.uploaded) >= MOST_FILES):
                raise NothingToDo
            content = applicant.half = applicant.half or _letter(applicant, 3 * 256 * 1024)
            sha256 = hashlib.sha256(content).hexdigest()
            about = {"question": "letters", "name": "letter.pdf", "size": len(content), "token": sha256}
            told = await self._piece(applicant, f"/apply/{applicant.reference}/uploads/", _form(about), "application/x-www-form-urlencoded")
            to, size = told["to"], told["piece"]
            while not told.get("is_done"):
                offset = told["offset"]
                part = content[offset : offset + size]
                told = await self._piece(
                    applicant, to, part, "application/octet-stream", f"X-CSRFToken: {CSRF}\r\nUpload-Offset: {offset}\r\n"
                )
            applicant.half = b""
            applicant.uploaded.append(sha256)

    async def _piece(self, applicant: Applicant, path: str, body: bytes, kind: str, more: str = "") -> dict[str, Any]:
        got = await self._request("POST", path, applicant.owner, body, kind, more=f"Accept: application/json\r\n{more}")
        told = json.loads(got.body) if got.status < HTTPStatus.INTERNAL_SERVER_ERROR else {}
        if got.status < HTTPStatus.BAD_REQUEST or told.get("code") == "wrong_offset":
            return told
        if told:
            applicant.half = b""  # refused for good: another file next time
        raise Refused(f"{got.status} {told.get('code', '')}".strip())

    async def submit(self, applicant: Applicant) -> None:
        """Sign and send in, three times at once with one key as impatient browsers do, and read the receipt."""
        async with applicant.one_at_a_time:
            applicant.is_submitting = True
            form = {"name": "Sigrid Signatory", "position": "Director", "agreed": "on", "key": f"load-{applicant.reference}"}
            path, body = f"/apply/{applicant.reference}/submit/", _form(form)
            receipt = f"/apply/{applicant.reference}/receipt/"
            thrice = (self._request("POST", path, applicant.signatory, body, then=receipt) for _ in range(3))
            answers = await asyncio.gather(*thrice, return_exceptions=True)
            pages = [answer for answer in answers if isinstance(answer, Answer) and answer.status == HTTPStatus.OK]
            if not pages:
                told = [answer.status if isinstance(answer, Answer) else type(answer).__name__ for answer in answers]
                raise Refused(f"{told}")
            page = pages[0]
            found = SHA.search(page.body)
            if not found:
                raise Refused(f"no receipt: {page.status}")
            applicant.receipt = found.group()

    async def _save(self, applicant: Applicant, who: str, question: str, text: str, revision: int) -> int:
        """What the page's script sends while somebody types. The revision that is saved now, or 0 where somebody else's text stands."""
        body = _form({question: text, f"{question}-revision": revision})
        got = await self._request("POST", f"/apply/{applicant.reference}/form/case/save/", who, body)
        if got.status != HTTPStatus.OK:
            raise Refused(f"{got.status}")
        told = json.loads(got.body)
        if question not in told["saved"] and question not in told["stale"]:
            raise Refused("neither saved nor stale")
        return told["saved"].get(question, 0)

    async def _look_again(self, applicant: Applicant) -> None:
        """Read the revisions that stand, as a browser does that loads the page anew."""
        got = await self._request("GET", f"/apply/{applicant.reference}/form/case/", applicant.owner)
        for question, revision in re.findall(r'name="(\w+)-revision" value="(\d+)"', got.body):
            applicant.revisions[question] = int(revision)

    async def _request(
        self,
        method: str,
        path: str,
        cookie: str,
        body: bytes = b"",
        kind: str = "application/x-www-form-urlencoded",
        then: str = "",
        more: str = "",
    ) -> Answer:
        """What is answered; where that sends one on, and `then` says where to, what is answered there, on the same line as browsers do."""
        async with asyncio.timeout(TIMEOUT):
            line = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                answer = await self._exchange(line, method, path, cookie, body, kind, is_last=not then, more=more)
                if then and answer.status == HTTPStatus.FOUND:
                    answer = await self._exchange(line, "GET", then, cookie, b"", kind, is_last=True)
            finally:
                line[1].close()
        return answer

    async def _exchange(
        self, line: Line, method: str, path: str, cookie: str, body: bytes, kind: str, *, is_last: bool, more: str = ""
    ) -> Answer:
        reader, writer = line
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nConnection: {'close' if is_last else 'keep-alive'}\r\n"
        head += f"Cookie: sessionid={cookie}; csrftoken={CSRF}\r\n"
        if method == "POST":
            head += f"Origin: http://127.0.0.1:{self.port}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}"
        writer.write(head.encode() + b"\r\n" + body)
        got = await reader.read(-1) if is_last else await _with_length(reader)
        if not got.startswith(b"HTTP/1."):
            raise Refused("no answer")
        return Answer(int(got[9:12]), got.partition(b"\r\n\r\n")[2].decode("utf-8", "replace"))


async def _with_length(reader: asyncio.StreamReader) -> bytes:
    """One answer of a line that stays open."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = LENGTH.search(head)
    return head + await reader.readexactly(int(length[1]) if length else 0)


def _letter(applicant: Applicant, size: int) -> bytes:
    """A file like no other, of about this size."""
    return f"%PDF-1.4\n% {applicant.reference} {time.monotonic_ns()}\n".encode() + b"0" * size + b"\n%%EOF\n"


def _form(values: dict[str, Any]) -> bytes:
    return urlencode({"csrfmiddlewaretoken": CSRF} | values).encode()


def _multipart(values: dict[str, str], name: str, filename: str, content: bytes) -> tuple[bytes, str]:
    edge = "edge-of-a-part"
    parts = "".join(f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in values.items())
    file = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\nContent-Type: application/pdf\r\n\r\n'
    return parts.encode() + file.encode() + content + f"\r\n--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"


def prepare(number: int, *, background: int = 0) -> list[Applicant]:
    """That many complete drafts in an open round, each with a company and sessions of its own; beside them a year of a programme."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    from accounts.models import Person
    from accounts.roles import Role
    from applications import samples
    from applications.models import Answer as Kept
    from applications.models import Application
    from reporting.demo import scale

    now = timezone.now()
    if background:
        scale.fill(background, now=now)
        draft = Application.objects.exclude(reference__contains="-S0").select_related("company__organisation", "case").get(state="draft")
        samples.fill(draft, by=Person.objects.get(email="applicant@example.org"), at=now)
    else:
        draft = _one_draft(now)
    scale.copy([draft], number, now=now)
    made, applicants = [], []

    def session(person: Person) -> str:
        store = SessionStore()
        store[SESSION_KEY] = str(person.pk)
        store[BACKEND_SESSION_KEY] = "accounts.backends.PeopleBackend"
        store[HASH_SESSION_KEY] = person.get_session_auth_hash()
        key = store._get_new_session_key()  # type: ignore[attr-defined]
        made.append(Session(session_key=key, session_data=store.encode(dict(store.items())), expire_date=store.get_expiry_date()))
        return key

    copies = Application.objects.filter(round=draft.round, reference__contains="-S0").order_by("-pk")[:number]
    for application in copies.select_related("company"):
        scope = f"organisation:{application.company.organisation_id}"
        who = {
            role: session(Person.objects.filter(role_assignments__scope=scope, role_assignments__role=role).earliest("pk"))
            for role in (Role.OWNER, Role.MEMBER, Role.SIGNATORY)
        }
        revisions = dict(Kept.objects.filter(application=application, question__in=QUESTIONS).values_list("question", "revision"))
        applicants.append(Applicant(application.reference, who[Role.OWNER], who[Role.MEMBER], who[Role.SIGNATORY], revisions))
    Session.objects.bulk_create(made)
    return applicants


def _one_draft(now: datetime) -> Any:
    """A programme with an open round, and one company's complete draft in it."""
    from accounts.actions import demonstration
    from accounts.roles import Role
    from applications import samples
    from applications.actions import applications, companies, teams
    from applications.models import Application
    from reporting.demo.stage import company_people, set_up

    demonstration.claim(at=now)
    stage = set_up("diagcomm", companies=1, opens_at=now - timedelta(days=2), open_for=timedelta(days=30))
    people = company_people(1)
    company = companies.register(details=samples.company(1), by=people["owner"], at=now)
    for who, role in (("colleague", Role.MEMBER), ("signatory", Role.SIGNATORY)):
        teams.add(company=company, person=people[who], role=role, by=people["owner"], at=now)
    draft = applications.start(round=stage.round, company=company, by=people["owner"], at=now)
    samples.fill(draft, by=people["owner"], at=now)
    return Application.objects.select_related("company__organisation", "case").get(pk=draft.pk)


def reckoning(crowd: Crowd, *, closes_at: datetime | None = None) -> dict[str, int]:
    """What the database kept of all that was acknowledged: nothing lost, doubled or late; every receipt one paper, one event."""
    from applications.models import Answer as Kept
    from applications.models import AnswerRevision, Application, Document, SubmittedPaper
    from audit.models import Event

    found = {"receipts": 0, "lost": 0, "duplicates": 0, "late": 0, "overwritten": crowd.overwritten, "receipts_wrong": 0}
    for applicant in crowd.applicants:
        application = Application.objects.get(reference=applicant.reference)
        standing = dict(Kept.objects.filter(application=application).values_list("question", "value"))
        older = set(AnswerRevision.objects.filter(answer__application=application).values_list("answer__question", "value"))
        found["lost"] += sum(1 for question, text in applicant.saved if standing.get(question) != text and (question, text) not in older)
        for question, text in dict(applicant.saved).items():
            found["overwritten"] += standing.get(question) != text and (question, standing.get(question)) not in applicant.unsure
        kept = set(Document.objects.filter(application=application).values_list("sha256", flat=True))
        found["lost"] += sum(1 for sha in applicant.uploaded if sha not in kept)
        papers = list(SubmittedPaper.objects.filter(application=application))
        events = list(Event.objects.filter(stream=application.stream, kind="application.submit"))
        found["duplicates"] += max(0, len(papers) - 1) + max(0, len(events) - 1)
        found["late"] += closes_at is not None and application.submitted_at is not None and application.submitted_at > closes_at
        if applicant.receipt:
            found["receipts"] += 1
            shown = [applicant.receipt] == [
                paper.sha256 for paper in papers if hashlib.sha256(paper.document.encode()).hexdigest() == paper.sha256
            ]
            told = [event.after.get("receipt_sha256", applicant.receipt) for event in events] == [applicant.receipt]
            found["receipts_wrong"] += not (shown and told)
            found["lost"] += not papers
    return found
