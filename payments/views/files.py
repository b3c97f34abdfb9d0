"""Handing out private files so that a browser never runs what is in them."""

from django.http import FileResponse

from payments.models import Evidence

SHOWN = ("image/png", "image/jpeg", "application/pdf")


def evidence_response(evidence: Evidence) -> FileResponse:
    """The file under the type found in it; images and PDFs are shown, everything else is saved. Never a script, never guessed at."""
    response = FileResponse(
        evidence.file.open("rb"),
        as_attachment=evidence.content_type not in SHOWN,
        filename=evidence.name,
        content_type=evidence.content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
