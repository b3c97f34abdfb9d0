"""The assessor's own pages: a queue, a declaration, and the review."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localtime, now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.refusals import NotAllowedNow, Refused, refusals_on
from applications.actions import documents
from applications.views.files import handed_out
from assessments import membership, packs, queues, sheets
from assessments.actions import reviews
from assessments.answers import paper_for_assessors
from assessments.forms.reviews import DeclarationForm, GiveBackForm, ReviewForm, SheetForm
from assessments.models import Assessment
from assessments.presenters import assessor as shows

GET_POST = require_http_methods(["GET", "HEAD", "POST"])
MOST = 200
"""Reviews on one assessor's list: what a profile may hold at most."""


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What waits: what everybody scores first, then the assessor's own reading order, which is drawn."""
    at = now()
    waiting = Assessment.objects.of(request.user).filter(state__in=Assessment.WAITING).for_pages()
    rows = list(waiting.order_by("-is_calibration", "reading_order", "pk")[:MOST])
    context = {"tasks": shows.tasks(rows, at=at), "has_open": shows.has_open(rows), "to_do": membership.to_do(request.user, at=at)}
    return render(request, "assessments/queue.html", context)


@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """What has left the queue: submitted, given back, withdrawn."""
    over = Assessment.objects.of(request.user).exclude(state__in=Assessment.WAITING).for_pages()
    page = queues.page(over, by="due_at", after=request.GET.get("after", ""))
    return render(request, "assessments/done.html", {"page": page, "tasks": shows.tasks(page.rows, at=now())})


@GET_POST
def declare(request: HttpRequest, pk: int) -> HttpResponse:
    """Title, company and people first; what the answer is opens the application, or closes it for good."""
    assessment = get_object_or_404(Assessment.objects.of(request.user).not_barred().for_pages(), pk=pk)
    form = DeclarationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            return _answered(request, assessment, form)
    context = {"assessment": assessment, "form": form, "facts": shows.facts(assessment)}
    context["is_asked"] = assessment.state == Assessment.State.INVITED
    context["is_readable"] = Assessment.objects.with_content_for(request.user).filter(pk=pk).exists()
    return render(request, "assessments/declare.html", context)


def _answered(request: HttpRequest, assessment: Assessment, form: DeclarationForm | GiveBackForm) -> HttpResponse:
    answer, reason = form.cleaned_data["answer"], form.cleaned_data["reason"]
    if answer == "accept":
        reviews.accept(assessment=assessment, by=request.user, at=now())
        return redirect("assessments:review", assessment.pk)
    act = reviews.declare_conflict if answer == "conflict" else reviews.decline
    act(assessment=assessment, reason=reason, by=request.user, at=now())
    messages.success(request, "Thank you for saying so. Somebody else will be asked.")
    return redirect("assessments:queue")


@never_cache  # the way back must not show what autosave has overtaken
@GET_POST
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Answers on the left, criterion and marks on the right. Saving keeps whatever is well formed; only submitting asks for all of it."""
    assessment = _whole(request).filter(pk=pk).first()
    if assessment is None:
        return _not_open(request, pk)
    if request.method == "POST":
        return _saved(request, assessment)
    return _review_page(request, assessment, ReviewForm(assessment=assessment))


def _whole(request: HttpRequest) -> QuerySet[Assessment]:
    """The reviews that are open to the person, with all that the page of one is made of but the paper."""
    mine = Assessment.objects.with_content_for(request.user).for_pages()
    return mine.select_related("application__version").prefetch_related("scores")


def _not_open(request: HttpRequest, pk: int) -> HttpResponse:
    """An invitation leads to the declaration; anything else does not exist for this person."""
    invited = get_object_or_404(Assessment.objects.of(request.user), pk=pk, state=Assessment.State.INVITED)
    return redirect("assessments:declare", invited.pk)


def _saved(request: HttpRequest, assessment: Assessment) -> HttpResponse:
    form = ReviewForm(request.POST, assessment=assessment)
    wants_submit, is_valid = request.POST.get("act") == "submit", form.is_valid()
    act = reviews.submit if wants_submit and is_valid else reviews.save
    try:
        act(assessment=assessment, content=form.content(), by=request.user, at=now(), revision=_revision(request))
    except (Refused, NotAllowedNow) as refusal:
        form.add_all(refusal.details.get("fields") or {"": refusal.sentence})  # type: ignore[arg-type]
        return _review_page(request, assessment, form, stale=refusal.code == "stale_revision")
    if not is_valid:
        return _review_page(request, assessment, form)
    messages.success(request, "Review submitted" if wants_submit else "Saved. You can go on later.")
    return redirect("assessments:queue") if wants_submit else redirect("assessments:review", assessment.pk)


@require_POST
def autosave(request: HttpRequest, pk: int) -> JsonResponse:
    """Keep what is well formed of a review being written, and answer what was kept, for the script on its page."""
    mine = Assessment.objects.with_content_for(request.user).select_related("application__version", "application__round")
    assessment = get_object_or_404(mine, pk=pk)
    form, at = ReviewForm(request.POST, assessment=assessment), now()
    is_valid = form.is_valid()
    try:
        saved = reviews.save(assessment=assessment, content=form.content(), by=request.user, at=at, revision=_revision(request))
    except (Refused, NotAllowedNow) as refusal:
        words = f"Not saved. {refusal.sentence}"
        return JsonResponse(
            {"words": words, "stop": refusal.code in ("stale_revision", "scoring_over", "wrong_state")}, status=refusal.status
        )
    first = next((str(errors[0]) for errors in form.errors.values()), "")
    words = f"Saved {localtime(at):%H:%M}" if is_valid else f"Saved {localtime(at):%H:%M}, but for this: {first}"
    return JsonResponse({"words": words, "revision": saved.revision, "total": shows.total(saved)})


@require_safe
def others(request: HttpRequest, pk: int) -> HttpResponse:
    """What others made of it, without names, once one's own review is in."""
    own = get_object_or_404(Assessment.objects.with_content_for(request.user).for_pages(), pk=pk)
    if own.state != Assessment.State.SUBMITTED:
        raise NotAllowedNow("You see what others made of it once your own review is submitted.", code="submit_first")
    if not own.may_see_others:
        said = "Everybody scores this first, and some are asked to assess it in earnest. You see what others made of it once that is over."
        raise NotAllowedNow(said, code="calibration_open")
    reviews_in = list(own.others().select_related("application__version").prefetch_related("scores"))
    context = {"assessment": own, "application": own.application, "table": shows.consolidated(own, reviews_in), "count": len(reviews_in)}
    return render(request, "assessments/others.html", context | {"overall": shows.remarks(reviews_in)})


@require_safe
def pack(request: HttpRequest, pk: int) -> HttpResponse:
    """The application and its criteria as a PDF, to read away from the screen."""
    assessment = get_object_or_404(Assessment.objects.with_content_for(request.user).for_pages(), pk=pk)
    return _download(packs.write(assessment, at=now()), f"{assessment.application.reference}.pdf", "application/pdf")


@require_safe
def sheet(request: HttpRequest, kind: str) -> HttpResponse:
    """Every open review as one sheet, to be filled in offline."""
    if kind not in sheets.TYPES:
        raise Http404
    waiting = Assessment.objects.with_content_for(request.user).filter(state__in=reviews.WRITABLE)
    rows = list(waiting.for_pages().prefetch_related("scores").order_by("reading_order", "pk")[:MOST])
    made = sheets.as_csv(rows) if kind == "csv" else sheets.as_xlsx(rows)
    return _download(made, f"reviews.{kind}", sheets.TYPES[kind])


@GET_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Marks and comments from a sheet filled in offline: kept as if they had been typed, each review reported; nothing is submitted."""
    form = SheetForm(request.POST or None, request.FILES or None)
    results: list[sheets.Kept] = []
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            found = sheets.read(form.cleaned_data["file"])
            results = sheets.keep(found, person=request.user, at=now())
        for one in results:
            if one.wrong:
                form.add_error("file", f"{one.reference} is not kept. {' '.join(one.wrong)}")
    return render(request, "assessments/upload.html", {"form": form, "kept": [one for one in results if not one.wrong]})


def _download(content: bytes, name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _revision(request: HttpRequest) -> int | None:
    typed = request.POST.get("revision", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


def _review_page(request: HttpRequest, assessment: Assessment, form: ReviewForm, *, stale: bool = False) -> HttpResponse:
    fresh = assessment if request.method != "POST" else get_object_or_404(_whole(request), pk=assessment.pk)
    paper = paper_for_assessors(fresh.application)
    context = {
        "assessment": fresh,
        "application": fresh.application,
        "form": form,
        "criteria": shows.criteria(fresh, form, paper, other=fresh if stale else None),
        "rest": shows.rest_of_form(fresh, paper),
        "total": shows.total(fresh),
        "closing": shows.closing(fresh),
        "band_columns": shows.BAND_COLUMNS,
        "is_open": fresh.state in reviews.WRITABLE,
        "is_stale": stale,
    }
    return render(request, "assessments/review.html", context)


@GET_POST
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """After the application was opened: a conflict noticed late, or no time after all. What was scored is kept and does not count."""
    assessment = get_object_or_404(Assessment.objects.with_content_for(request.user).for_pages(), pk=pk)
    form = GiveBackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            return _answered(request, assessment, form)
    return render(request, "assessments/give_back.html", {"assessment": assessment, "form": form})


@require_safe
def document(request: HttpRequest, pk: int, document: int) -> HttpResponse:
    """A file of the paper that was sent in, for its assessor while the application is open to them."""
    assessment = get_object_or_404(Assessment.objects.with_content_for(request.user).for_pages(), pk=pk)
    sent = [one for files in paper_for_assessors(assessment.application).documents.values() for one in files if one.pk == document]
    if not sent or sent[0].scan_state in ("waiting", "infected"):
        raise Http404
    shown = "look" in request.GET and sent[0].can_be_shown
    return handed_out(sent[0], documents.open_document(document=sent[0], shown=shown, by=request.user, at=now()), shown=shown)
