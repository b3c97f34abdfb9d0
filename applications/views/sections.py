"""One section of the form a page, and the files that belong to it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import can
from accounts.refusals import NotAllowedNow, Refusal, Refused, refusals_on
from accounts.roles import Permission
from applications import crosschecks, presence, shapes, spreadsheets
from applications.actions import answers, documents, sections
from applications.forms.rows import filled, with_other_rows
from applications.forms.sections import SectionPage
from applications.models import Application, Document
from applications.policies import check_is_written_in, open_sections
from applications.presenters import conflicts, pages, saves, tasks
from applications.presenters import history as earlier
from applications.reading import Reading
from applications.views.applications import own
from applications.views.files import handed_out


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def section(request: HttpRequest, reference: str, section: str) -> HttpResponse:
    application = own(request, reference)
    if not application.is_written_in:
        return redirect(application)
    if not can(request.user, Permission.APPLICATION_EDIT, on=application):
        return _only_read(request, application)
    if application.is_being_changed and section not in open_sections(application, at=now()):
        return redirect("applications:changes", reference)
    reading = Reading(application, at=now())
    asked = reading.section(section)
    if asked is None:
        raise Http404
    if all(question.kind == "declaration" for question in asked.questions):
        return redirect("applications:check", reference)
    if request.method == "POST":
        return _posted(request, reading, section)
    return _page(request, SectionPage(reading, section))


def _only_read(request: HttpRequest, application: Application) -> HttpResponse:
    """Whoever belongs to the company and does not write, a finance contact, reads the answers where they stand together."""
    messages.info(request, "You can read this and not change it: the owner, the team's members and its signatories write the application.")
    return redirect("applications:changes" if application.is_being_changed else "applications:check", application.reference)


def _posted(request: HttpRequest, reading: Reading, id: str) -> HttpResponse:
    """Another row, or a save; whatever was typed is on the page again unless it was saved."""
    if (data := with_other_rows(request.POST)) is not None:
        return _page(request, SectionPage(reading, id, data=data))
    if "use_again" in request.POST:
        return _used_again(request, reading, id)
    if "paste_rows" in request.POST:
        return _spread(request, reading, id)
    given_way = _give_way(request, reading, id) if conflicts.given_up(request.POST) else None
    data = conflicts.without_what_was_given_up(request.POST, given_way)
    if given_way and given_way.saved:
        messages.success(request, "What your colleague saved stands. Your own text is kept under “Earlier versions”.")
    stays = next((name for name in ("later", "upload", "take_off", "give_back") if name in data), "")
    page = SectionPage(reading, id, data=data, files=request.FILES, is_complete=not stays)
    if page.is_valid():
        with refusals_on(page.form):
            return _saved(request, page, stays)
    _keep_what_can_be(request, page, data)
    _keep_files(request, page)
    return _page(request, page)


def _give_way(request: HttpRequest, reading: Reading, id: str) -> answers.Outcome:
    """Where the other person's text was chosen, one's own becomes an earlier version of the answer; what cannot be saved anyway is left."""
    typed, _ = SectionPage(reading, id, data=request.POST).sorted_out()
    own = {question: one for question, one in typed.items() if question in conflicts.given_up(request.POST)}
    outcome = answers.give_way(application=reading.application, typed=own, by=request.user, at=now())
    for name in ("answers", "given"):
        reading.__dict__.pop(name, None)
    return outcome


def _used_again(request: HttpRequest, reading: Reading, id: str) -> HttpResponse:
    """A file of this application for another question, too; what was typed is kept."""
    question, _, number = request.POST["use_again"].partition(":")
    found = get_object_or_404(reading.application.documents.kept(), pk=_number(number))
    found.application = reading.application
    page = SectionPage(reading, id, data=request.POST)
    _keep_what_can_be(request, page, request.POST)
    try:
        documents.use_again(document=found, question=question, by=request.user, at=now())
    except (Refused, NotAllowedNow) as refused:
        page.form.add_error(question if question in page.form.fields else None, refused.sentence)
        return _page(request, page)
    return redirect("applications:section", reading.application.reference, id)


def _spread(request: HttpRequest, reading: Reading, id: str) -> HttpResponse:
    """Lines out of a spreadsheet, pasted or as a file: into the table, and saved as far as they can be."""
    question = next((each for each in reading.definition.form.questions() if each.id == request.POST["paste_rows"]), None)
    if question is None or question.kind != "cost_table":
        raise Http404
    page = SectionPage(reading, id, data=request.POST)
    try:
        sheet: Any = request.FILES.get(f"{question.id}-sheet")
        lines = spreadsheets.uploaded(sheet) if sheet else spreadsheets.pasted(request.POST.get(f"{question.id}-paste", ""))
        data = filled(request.POST, question, lines, categories=shapes.categories(reading.definition, question))
    except Refused as refused:
        page.is_valid()
        page.tables[question.id].pasted = request.POST.get(f"{question.id}-paste", "")
        page.tables[question.id].accuse(refused.sentence)
        return _page(request, page)
    page = SectionPage(reading, id, data=data)
    page.is_valid()
    _keep_what_can_be(request, page, data)
    count = f"{len(lines)} line{'' if len(lines) == 1 else 's'}"
    messages.success(
        request, f"{count} from the spreadsheet {'is' if len(lines) == 1 else 'are'} in the table below. Check them, then continue."
    )
    return _page(request, page)


def _keep_what_can_be(request: HttpRequest, page: SectionPage, data: QueryDict) -> None:
    """The page comes back with what is wrong on it; whatever else was typed is saved already."""
    typed, _ = SectionPage(page.reading, page.section.id, data=data).sorted_out()
    with refusals_on(page.form):
        outcome = answers.save_many(application=page.reading.application, typed=typed, by=request.user, at=now())
        page.take_revisions(outcome.saved)


def _keep_files(request: HttpRequest, page: SectionPage) -> None:
    """Files that came with a page that is not right yet: a browser does not send them a second time by itself."""
    came = page.uploads()
    for question, several in came.items():
        for upload in several:
            try:
                documents.attach(application=page.reading.application, question=question, upload=upload, by=request.user, at=now())
            except (Refused, NotAllowedNow) as refused:
                if not page.form.has_error(question):
                    page.form.add_error(question, refused.sentence)
    if came:
        page.reading = Reading(_again(page.reading.application), at=now())


def _saved(request: HttpRequest, page: SectionPage, stays: str) -> HttpResponse:
    application, id = page.reading.application, page.section.id
    taken_off = application.documents.kept().filter(pk=_number(request.POST["take_off"])) if "take_off" in request.POST else []
    back = application.assignments.filter(pk=_number(request.POST.get("give_back", "")), section=id, assignee=request.user, ended_at=None)
    outcome = sections.save(
        application=application,
        typed=page.typed(),
        uploads=page.uploads(),
        taken_off=taken_off,
        given_back=(given_back := back.select_related("assigned_by").first()),
        by=request.user,
        at=now(),
    )
    if outcome.stale:
        return render(request, "applications/conflict.html", conflicts.page(page, outcome.stale), status=409)
    _warn(request, application, page.section)
    if stays in ("later", "give_back"):
        messages.success(request, f"Saved, and “{given_back.title}” is given back" if given_back else "Saved")
        return redirect("applications:changes" if application.is_being_changed else "applications:form", application.reference)
    fresh = Reading(_again(application), at=now())
    if stays or (pages.asks_more(fresh, id, page)):
        return redirect("applications:section", application.reference, id)
    if application.is_being_changed:
        return redirect("applications:changes", application.reference)
    after = tasks.next_section(fresh, id)
    return (
        redirect("applications:section", application.reference, after) if after else redirect("applications:check", application.reference)
    )


def _warn(request: HttpRequest, application: Application, section: Any) -> None:
    """It is saved; what does not agree with it is said now, and again before it is sent in."""
    if section.checks or application.version.definition.form.checks:
        for sentence in filter(None, crosschecks.on_page(Reading(application, at=now()), section).values()):
            messages.warning(request, f"Saved, but look at this: {sentence}")


@require_POST
def save(request: HttpRequest, reference: str, section: str) -> JsonResponse:
    """The page's script saves what was typed. Whatever can be kept is; the answer says which, and why not the rest."""
    try:
        application = own(request, reference)
        check_is_written_in(application, at=now())
        reading = _reading(application, section)
        page = SectionPage(reading, section, data=request.POST)
        typed, refused = page.sorted_out()
        if conflicts.given_up(request.POST):
            outcome = _give_way(request, reading, section)
        else:
            outcome = answers.save_many(application=application, typed=typed, by=request.user, at=now())
    except Refusal as refusal:
        return JsonResponse({"code": refusal.code, "sentence": refusal.sentence}, status=refusal.status)
    return JsonResponse(saves.acknowledged(page, outcome, refused, person=request.user, at=now()))


@require_POST
def here(request: HttpRequest, reference: str, section: str) -> JsonResponse:
    """The page's script says that it is open; the answer says who else has it open and what they saved."""
    application = own(request, reference)
    _reading(application, section)
    presence.touch(application, section, request.user)
    ends_at = request.session.get_expiry_date()
    return JsonResponse(saves.company_on(application, section, request.user) | {"ends_at": ends_at.isoformat()})


@require_http_methods(["GET", "HEAD", "POST"])
def history(request: HttpRequest, reference: str, question: str) -> HttpResponse:
    """Every version of one answer; posting one saves it again, as the newest."""
    application = own(request, reference)
    asked = next((each for each in application.version.definition.form.questions() if each.id == question), None)
    answer = get_object_or_404(application.answers.select_related("saved_by"), question=question)
    if asked is None or asked.kind == "declaration":
        raise Http404
    if request.method == "POST":
        version, revision = _number(request.POST.get("version", "")), _number(request.POST.get("revision", ""))
        answers.restore(application=application, question=question, version=version, revision=revision, by=request.user, at=now())
        messages.success(request, "The earlier version is the answer again")
        return redirect("applications:history", reference, question)
    may_restore = application.is_written_in and can(request.user, Permission.APPLICATION_EDIT, on=application)
    return render(request, "applications/history.html", earlier.page(application, asked, answer) | {"may_restore": may_restore})


def _reading(application: Application, section: str) -> Reading:
    if all(each.id != section for each in application.version.definition.form.sections):
        raise Http404
    return Reading(application, at=now())


def _again(application: Application) -> Application:
    return Application.objects.afresh(application)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 12 else 0


def _page(request: HttpRequest, page: SectionPage) -> HttpResponse:
    return render(request, "applications/section.html", pages.section(page, request.user))


@require_safe
def document(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """A file, to whoever may read the application: as a download, or with `?look` shown in place, in a sandbox without our address."""
    found = get_object_or_404(Document.objects.visible_to(request.user), pk=pk, application__reference=reference)
    shown = "look" in request.GET and found.can_be_shown
    return handed_out(found, documents.open_document(document=found, shown=shown, by=request.user, at=now()), shown=shown)
