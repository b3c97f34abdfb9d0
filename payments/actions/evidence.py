"""Files that show a cost was incurred and paid."""

from datetime import datetime

from django.core.files import File
from django.db import transaction
from django.urls import reverse

from accounts.access import require
from accounts.models import Person
from accounts.refusals import Refused
from accounts.roles import Permission
from applications import uploads
from applications.actions.files import Opened, first_state, open_file, stored
from applications.wholeness import check_whole
from notifications import outbox
from notifications.outbox import Letter
from payments.actions.claims import draft_of
from payments.actions.tracing import trace
from payments.models import Claim, ClaimLine, Evidence

ACCEPTS = frozenset({"pdf", "png", "jpg", "docx", "xlsx", "csv"})
MOST_BYTES = 10 * uploads.MEGABYTE
MOST_FILES = 20
"""For one line."""


def attach(*, claim: Claim, upload: File, by: Person, at: datetime, line: ClaimLine | None = None) -> Evidence:
    """Keep a file with a line, or with the whole claim, in private storage under its hash. Also while a question is open.

    Raises Refused for a file that may not be kept, or is there already.
    """
    require(by, Permission.CLAIM_EDIT, on=claim)
    inspected = uploads.inspect(upload, accepts=set(ACCEPTS), max_bytes=MOST_BYTES)
    check_whole(upload, inspected.content_type)
    evidence = _inspected(claim, line, inspected, by=by, at=at)
    with stored(evidence, upload), transaction.atomic():
        fresh = draft_of(claim, "draft", "queried")
        if line is not None and line.claim_id != fresh.pk:
            raise Refused("That line is not on this claim.", code="line_unknown", field="file")
        kept = fresh.evidence.kept().filter(line=line)
        twin = kept.filter(sha256=inspected.sha256).first()
        if twin:
            raise Refused(f"You have already added this file, as {twin.name}.", code="evidence_twice", field="file")
        if kept.count() >= MOST_FILES:
            raise Refused(f"You can add {MOST_FILES} files here. Remove one first.", code="evidence_too_many", field="file")
        evidence.save(force_insert=True)
        if evidence.scan_state == Evidence.Scan.WAITING:
            outbox.put("evidence.scan", {"evidence": evidence.pk}, key=f"evidence.scan:{evidence.pk}", at=at)
        trace(
            fresh,
            "claim.evidence_attached",
            by=by,
            at=at,
            subject=f"payments.evidence:{evidence.pk}",
            after={"line": line.number if line else None, "sha256": evidence.sha256, "size": evidence.size},
            personal={"name": evidence.name},
        )
    return evidence


def _inspected(claim: Claim, line: ClaimLine | None, inspected: uploads.Inspected, *, by: Person, at: datetime) -> Evidence:
    """The row before it is kept."""
    return Evidence(
        claim=claim,
        line=line,
        name=inspected.name,
        content_type=inspected.content_type,
        size=inspected.size,
        sha256=inspected.sha256,
        scan_state=first_state(),
        uploaded_at=at,
        uploaded_by=by,
    )


def open_evidence(*, evidence: Evidence, by: Person, at: datetime) -> Opened:
    """Let somebody who may read the claim have a file of it: written down; images, which our pages embed, come from us."""
    embedded = evidence.content_type.startswith("image/")
    subject = f"payments.evidence:{evidence.pk}"
    return open_file(
        kept=evidence, kind="claim.evidence_opened", stream=evidence.claim.stream, subject=subject, by=by, at=at, embedded=embedded
    )


def settle_scan(*, evidence: Evidence, found: str, by: Person, at: datetime) -> None:
    """Write down the scanner's verdict; whoever uploaded an infected file is told. A second verdict changes nothing."""
    state = Evidence.Scan.INFECTED if found else Evidence.Scan.CLEAN
    with transaction.atomic():
        waiting = Evidence.objects.filter(pk=evidence.pk, scan_state=Evidence.Scan.WAITING)
        if not waiting.update(scan_state=state, scan_found=found[:200], scanned_at=at):
            return
        subject, verdict = f"payments.evidence:{evidence.pk}", {"sha256": evidence.sha256, "verdict": str(state)}
        trace(evidence.claim, "claim.evidence_scanned", by=by, at=at, subject=subject, after=verdict)
        if found and evidence.removed_at is None:
            _tell_of_virus(evidence, found, at=at)


def _tell_of_virus(evidence: Evidence, found: str, *, at: datetime) -> None:
    claim = evidence.claim
    body = (
        f"The virus scanner found {found} in {evidence.name}, which you added to {claim.reference}. "
        "Nobody can open the file. Remove it and upload a clean copy: the claim cannot be sent in with it."
    )
    where = reverse("payments:company_claim", args=[claim.award.reference, claim.number])
    letter = Letter(evidence.uploaded_by, f"A virus was found in {evidence.name}", body, where)
    outbox.send_notice("document.infected", letter, at=at, stream=claim.stream, key=f"evidence.infected:{evidence.pk}")


def remove(*, evidence: Evidence, by: Person, at: datetime) -> None:
    """Take a file off a draft; the row and its hash stay."""
    require(by, Permission.CLAIM_EDIT, on=evidence.claim)
    with transaction.atomic():
        fresh = draft_of(evidence.claim)
        if Evidence.objects.filter(pk=evidence.pk, removed_at=None).update(removed_at=at, removed_by=by):
            trace(
                fresh,
                "claim.evidence_removed",
                by=by,
                at=at,
                subject=f"payments.evidence:{evidence.pk}",
                before={"sha256": evidence.sha256},
            )
