"""Handing out private files so that a browser never runs what is in them."""

from django.http import FileResponse, HttpResponse, HttpResponseRedirect

from applications import pictures
from applications.actions.files import Kept, Opened, fetched
from applications.models.scanned import SHOWN

SANDBOX = "default-src 'none'; frame-ancestors 'none'; sandbox"
"""Whatever a browser makes of the bytes, it has no origin of ours and loads nothing."""


def handed_out(kept: Kept, opened: Opened, *, shown: bool = False) -> HttpResponse:
    """The file, under the type found in it and never guessed at; or the way to the bucket.

    With `shown` PDFs open in place, and pictures too, drawn anew without what else may be in their files.
    """
    response: HttpResponse
    if opened.link:
        response = HttpResponseRedirect(opened.link)
    elif shown and kept.content_type in pictures.KINDS:
        with fetched(kept) as original:
            redrawn = pictures.redrawn(original, name=kept.name, content_type=kept.content_type)
        response = HttpResponse(redrawn, content_type=kept.content_type)
        response["Content-Security-Policy"] = SANDBOX
    else:
        saved = not shown or kept.content_type not in SHOWN
        response = FileResponse(fetched(kept), as_attachment=saved, filename=kept.name, content_type=kept.content_type)  # type: ignore[assignment]
        response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
