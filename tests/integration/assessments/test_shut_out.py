"""Whoever has a conflict of interest, or was never asked to assess, is told that nothing is there, on every route."""

from django.urls import reverse

from assessments.actions import conflicts, reviews
from tests.cast import *  # noqa: F403
from tests.stages import assessments as stages
from tests.stages import payments as paid


def pages(payment) -> list[str]:
    """Every page, PDF and file of one application and of what follows from it."""
    award, application = payment.award, payment.award.application
    reference, case, claim = application.round.reference, application.reference, [award.reference, payment.claim.number]
    review = application.assessments.order_by("pk").first()
    meeting = application.agenda_items.get().meeting_id
    return [
        reverse("assessments:application", args=[reference, case]),
        reverse("assessments:feedback_letter", args=[reference, case]),
        reverse("assessments:promote", args=[reference, case]),
        *(reverse(f"assessments:{name}", args=[review.pk]) for name in ("declare", "review", "others", "pack", "give_back")),
        *(reverse(f"assessments:{name}", args=[reference, meeting, case]) for name in ("meeting_item", "meeting_paper")),
        reverse("assessments:meeting_document", args=[reference, meeting, case, application.documents.order_by("pk").first().pk]),
        reverse("assessments:document", args=[review.pk, application.documents.order_by("pk").first().pk]),
        reverse("manage_applications:detail", args=[case]),
        reverse("manage_applications:messages", args=[case]),
        reverse("applications:document", args=[case, application.documents.order_by("pk").first().pk]),
        reverse("records:record", args=[case]),
        reverse("reporting:case_history", args=[case]),
        reverse("reporting:audit_stream", args=[application.stream]),
        reverse("payments:award", args=[award.reference]),
        reverse("payments:award_paper_pdf", args=[award.reference, "agreement"]),
        reverse("payments:claim", args=claim),
        reverse("payments:evidence", args=[payment.claim.evidence.order_by("pk").first().pk]),
        reverse("payments:payment", args=[payment.pk]),
        reverse("payments:bank_account", args=[payment.bank_account_id]),
    ]


def lists(payment) -> list[str]:
    """Lists that name it, and the rows behind a funder's figures."""
    reference = payment.award.application.round.reference
    return [
        *(reverse(f"assessments:{name}", args=[reference]) for name in ("ranking", "feedback_letters")),
        reverse("assessments:meeting", args=[reference, payment.award.application.agenda_items.get().meeting_id]),
        *(reverse(name) for name in ("manage_applications:queue", "payments:awards", "payments:payments")),
        reverse("payments:run", args=[payment.run.reference]),
        *(reverse("reporting:rows", args=["diagcomm", name]) for name in ("applications", "awards", "claims", "payments")),
    ]


def names(payment) -> tuple[str, ...]:
    return payment.award.application.reference, payment.award.reference, payment.end_to_end


def status(client, path: str) -> int:
    """Closing the whole answer would close the database too."""
    answer = client.get(path)
    for close in answer._resource_closers:
        close()
    return answer.status_code


def shows(client, path: str, payment) -> bool:
    page = client.get(path).text.partition("<main")[2]
    return any(name in page for name in names(payment))


def exports(client, payment) -> set[str]:
    """The downloads behind a funder's figures that name it."""
    paths = [reverse("reporting:download", args=["diagcomm", name]) for name in ("applications", "awards", "claims", "payments")]
    texts = {path: client.post(path).getvalue().decode() for path in paths}
    return {path for path, text in texts.items() if any(name in text for name in names(payment))}


def test_a_conflict_closes_every_door_as_they_are_for_who_was_never_asked(cast, client):
    payment = paid.run_drafted(cast).payments.select_related("award__application__round", "claim", "run").get()
    application, officer = payment.award.application, cast["officer"]
    client.force_login(officer)
    opened = [path for path in pages(payment) if status(client, path) == 200]
    shown = [path for path in lists(payment) if shows(client, path, payment)]
    assert len(opened) >= 12, "doors that were closed before prove nothing"
    assert shown == lists(payment)
    assert len(exports(client, payment)) == 4
    for who in (officer, cast["auditor"]):
        conflicts.declare(application=application, reason="My brother runs it.", by=who, at=paid.SETTLED)
    assert {path: status(client, path) for path in opened} == dict.fromkeys(opened, 404)
    assert [path for path in shown if shows(client, path, payment)] == []
    assert exports(client, payment) == set()
    client.force_login(cast["auditor"])
    audited = [path for path in pages(payment) if "audit" in path or "history" in path]
    assert [status(client, path) for path in audited] == [404, 404]
    client.force_login(cast["assessor-4"])  # who was never asked
    assert {path: status(client, path) for path in pages(payment)} == dict.fromkeys(pages(payment), 404)
    assert client.get(f"/api/v1/applications/{payment.award.application.reference}/").status_code in (401, 403)


def test_who_is_still_to_score_it_reads_nothing_of_it_by_the_staff_pages(cast, client):
    """Somebody who joined the staff after they were invited: what is hidden from assessors, and others' scores, come after their own."""
    first, mine, _ = stages.accepted(cast)
    reviews.submit(assessment=first, content=stages.content(first), by=first.assessor, at=stages.SCORED)
    both = mine.assessor
    both.role_assignments.create(role="officer", scope="programme:diagcomm", starts_at=stages.INVITED, granted_by=cast["lead"])
    client.force_login(both)
    application = mine.application
    pages = [
        reverse("manage_applications:detail", args=[application.reference]),
        reverse("reporting:case_history", args=[application.reference]),
        reverse("records:record", args=[application.reference]),
        reverse("applications:document", args=[application.reference, application.documents.order_by("pk").first().pk]),
    ]
    listed = [reverse("manage_applications:queue"), reverse("reporting:rows", args=["diagcomm", "applications"])]
    assert [status(client, path) for path in pages] == [404] * len(pages)
    assert [path for path in listed if application.reference in client.get(path).text.partition("<main")[2]] == []
    reviews.submit(assessment=mine, content=stages.content(mine), by=both, at=stages.SCORED)
    assert [status(client, path) for path in pages] == [200] * len(pages)
    assert status(client, reverse("assessments:application", args=[application.round.reference, application.reference])) == 404
