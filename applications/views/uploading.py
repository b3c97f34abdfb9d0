"""A file in pieces, for the page's script; the plain form sends it whole."""

from django.http import HttpRequest, JsonResponse
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST

from accounts.refusals import Refusal
from applications.actions import uploading
from applications.forms.uploading import BeginForm
from applications.views.applications import own


@require_POST
def begin(request: HttpRequest, reference: str) -> JsonResponse:
    """Say which file is coming; the answer says where to send it and how much of it is here."""
    application = own(request, reference)
    form = BeginForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"code": "upload_unfit", "sentence": "Choose the file again."}, status=400)
    try:
        progress = uploading.begin(application=application, **form.cleaned_data, by=request.user, at=now())
    except Refusal as refusal:
        return JsonResponse({"code": refusal.code, "sentence": refusal.sentence}, status=refusal.status)
    return JsonResponse({"to": f"{request.path}{progress.uploading.pk}/", "offset": progress.offset, "piece": uploading.PIECE}, status=201)


@require_http_methods(["GET", "POST"])
def piece(request: HttpRequest, reference: str, pk: int) -> JsonResponse:
    """Take the next bytes (their place in `Upload-Offset`), or say how many are here."""
    application = own(request, reference)
    sending = application.uploadings.filter(begun_by=request.user, pk=pk).first()
    given = request.headers.get("Upload-Offset", "")
    offset = int(given) if given.isdecimal() and len(given) < 12 else -1
    try:
        if sending is None:
            raise uploading.Gone
        sending.application = application
        if request.method == "GET":
            return JsonResponse({"offset": uploading.here(sending)})
        progress = uploading.add(uploading=sending, offset=offset, data=request.body, by=request.user, at=now())
    except Refusal as refusal:
        return JsonResponse({"code": refusal.code, "sentence": refusal.sentence} | refusal.details, status=refusal.status)
    return JsonResponse({"offset": progress.offset, "is_done": progress.is_done})
