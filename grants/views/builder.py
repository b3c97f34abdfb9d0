"""The builder: a draft written section by section. Every change goes through `grants.actions.drafting`."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import holders, require
from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refusal, refusals_on
from accounts.roles import Permission
from grants.actions import drafting
from grants.definition import DocumentRefused, outline, references, slots, surgery
from grants.definition.beginnings import beginning
from grants.forms.parts import KindForm, OwnerForm, PartForm, RenameForm, TextForm
from grants.models import Programme, ProgrammeVersion
from grants.presenters import builder, expressions, lineage, previewing, public
from grants.presenters.builder import Draft, Path

GET_POST = require_http_methods(["GET", "HEAD", "POST"])


@GET_POST
def draft(request: HttpRequest, slug: str) -> HttpResponse:
    """The task list of the draft; a POST begins one."""
    programme = _programme(request, slug)
    if request.method == "POST":
        version = drafting.begin(programme=programme, by=request.user, at=now())
        messages.success(request, f"You are writing version {version.number}. Nobody sees it until somebody else publishes it")
        return redirect("grants:draft", slug)
    found = draft_of(request, slug)
    copied = {
        "carried": lineage.carried_over(found),
        "inherited": lineage.still_as_in_parent(found.version),
        "copied_href": found.url("draft_copied"),
        "parent": found.programme.cloned_from,
    }
    return render(request, "grants/builder/tasks.html", builder.task_page(found, now()) | copied)


@GET_POST
def section(request: HttpRequest, slug: str, section: str) -> HttpResponse:
    """One section of the draft; a POST writes its own keys."""
    found = draft_of(request, slug)
    outlined = outline.BY_KEY.get(section)
    if outlined is None:
        raise Http404
    path, only = _root(found, outlined)
    form = _part_form(request, found, path, only=only) if path is not None else None
    is_sent = request.method == "POST" and form is not None and path == () and form.is_valid()
    if is_sent and form is not None and (response := _save(request, found, form, then=found.url("draft_section", section))):
        return response
    return _section_page(request, _again(found), outlined, form, path or ())


@GET_POST
def part(request: HttpRequest, slug: str, where: str) -> HttpResponse:
    """One group of the draft; a POST writes its own keys."""
    found, path = draft_of(request, slug), builder.split(where)
    if not path or found.model(path) is None or (isinstance(path[-1], int) and surgery.get(found.values, path) is None):
        raise Http404
    form = _part_form(request, found, path)
    if request.method == "POST" and form.is_valid() and (response := _save(request, found, form, then=_here(found, path))):
        return response
    fresh = _again(found)
    context = builder.group_page(fresh, path, form) | expressions.beside(fresh, path, form) | _meanwhile(fresh, form)
    return render(request, "grants/builder/part.html", context)


@GET_POST
def new(request: HttpRequest, slug: str, where: str) -> HttpResponse:
    """A new item of a list. A question is asked first which kind it is."""
    found, path = draft_of(request, slug), builder.split(where)
    slot = slots.list_at(found.values, path)
    if slot is None:
        raise Http404
    kinds = slots.kinds(slot.model)
    kind = request.GET.get("kind", "") if kinds else ""
    if kinds and kind not in kinds:
        return render(
            request, "grants/builder/kind.html", {"form": KindForm(kinds), "crumbs": builder.crumbs(found, (*path, 0)), "draft": found}
        )
    start = beginning(found.values, path, kind)
    model = kinds[kind] if kinds else slot.model
    form = PartForm(model, found.values, path, _sent(request), start=start, initial={"based_on": found.version.sha256})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            drafting.add(
                version=found.version, based_on=form.cleaned_data["based_on"], part=path, value=form.whole(), by=request.user, at=now()
            )
            messages.success(request, "Added")
            return redirect(found.href(path))
    context = {"form": form, "one": builder.labels.one(str(path[-1]))} | expressions.beside(found, (*path, -1), form)
    return render(request, "grants/builder/new.html", context | _around(found, (*path, 0)))


@require_POST
def move(request: HttpRequest, slug: str, where: str) -> HttpResponse:
    """One place up or down."""
    found, path = draft_of(request, slug), _item(builder.split(where))
    way = "up" if request.POST.get("way") == "up" else "down"
    places = -1 if way == "up" else 1
    drafting.move(version=found.version, based_on=request.POST.get("based_on", ""), part=path, places=places, by=request.user, at=now())
    return redirect(f"{found.href(path[:-1])}#{builder.button_to_go_on(_again(found), path, way)}")


@GET_POST
def remove(request: HttpRequest, slug: str, where: str) -> HttpResponse:
    """Ask, then take a group or an item away; what is still used stays."""
    found, path = draft_of(request, slug), builder.split(where)
    if not path or surgery.get(found.values, path) is None:
        raise Http404
    refused = ""
    if request.method == "POST":
        try:
            drafting.remove(version=found.version, based_on=request.POST.get("based_on", ""), part=path, by=request.user, at=now())
        except (drafting.Refused, NotAllowedNow) as refusal:
            refused = _told(refusal)
        else:
            messages.success(request, "Removed")
            return redirect(found.href(path[:-1]) if len(path) > 1 else found.href(path))
    context = {"title": builder.title_of(surgery.get(found.values, path), path), "refused": refused, "back_href": found.href(path)}
    return render(request, "grants/builder/remove.html", context | _around(found, path), status=409 if refused else 200)


@GET_POST
def rename(request: HttpRequest, slug: str, where: str) -> HttpResponse:
    """Give an id another name in every place that uses it."""
    found, path = draft_of(request, slug), _item(builder.split(where))
    kind, old = references.kind_at(path), builder.uses_of(found, path)
    if kind is None or not old:
        raise Http404
    form = RenameForm(_sent(request), initial={"name": old, "based_on": found.version.sha256})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            given = form.cleaned_data
            drafting.rename(
                version=found.version, based_on=given["based_on"], kind=kind, old=old, new=given["name"], by=request.user, at=now()
            )
            messages.success(request, f"“{old}” is now “{given['name']}” everywhere")
            return redirect(found.href(path))
    return render(request, "grants/builder/rename.html", {"form": form, "uses": builder.used_by(found, kind, old)} | _around(found, path))


@GET_POST
def text(request: HttpRequest, slug: str, section: str) -> HttpResponse:
    """One section as text, or the whole document."""
    found = draft_of(request, slug)
    key = "" if section == "all" else section
    if key and key not in found.values:
        raise Http404
    stored = surgery.part_of(found.version.document, key) if key else found.version.document
    form = TextForm(_sent(request), initial={"text": stored, "based_on": found.version.sha256})
    overtaken, problems = "", []
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            drafting.write_text(version=found.version, based_on=given["based_on"], key=key, text=given["text"], by=request.user, at=now())
        except DocumentRefused as refused:
            problems = builder.lines_of(refused, found.version.document, key)
            form.add_error("text", "This is not stored yet: the document would no longer be a programme. What is wrong stands above.")
        except drafting.Overtaken as refused:
            overtaken = refused.sentence
            form.data = form.data | {"based_on": found.version.sha256} if isinstance(form.data, dict) else _with(form, found)
        except Refusal as refused:
            form.add_error("text", refused.sentence)
        else:
            messages.success(request, "Saved")
            return redirect(found.url("draft_section", outline.section_of((key,)).key) if key else found.url("draft"))
    context = {"form": form, "key": key, "overtaken": overtaken, "stored": stored, "wrong": problems}
    return render(request, "grants/builder/text.html", context | {"draft": found, "crumbs": builder.text_crumbs(found, key)})


@require_POST
def owner(request: HttpRequest, slug: str, section: str) -> HttpResponse:
    """Say who writes a section."""
    found = draft_of(request, slug)
    form = OwnerForm(_editors(found), request.POST)
    chosen = form.chosen() if form.is_valid() else None
    drafting.set_owner(version=found.version, section=section, owner=chosen, by=request.user, at=now())
    messages.success(request, f"{chosen} writes it" if chosen else "Nobody in particular writes it")
    return redirect(found.url("draft_section", section))


@require_POST
def ready(request: HttpRequest, slug: str, section: str) -> HttpResponse:
    """Say that a section is ready, or not after all."""
    found = draft_of(request, slug)
    is_ready = request.POST.get("ready") == "yes"
    drafting.set_ready(version=found.version, section=section, is_ready=is_ready, by=request.user, at=now())
    messages.success(request, "The section is ready" if is_ready else "The section is not ready")
    return redirect(found.url("draft"))


@require_safe
def as_public(request: HttpRequest, slug: str) -> HttpResponse:
    """The public page that this draft would have."""
    found = draft_of(request, slug)
    page = public.ProgrammePage(found.programme, found.definition, None, now())
    return render(request, "grants/programme.html", {"page": page, "preview_of": found.url("draft")} | public.COLUMNS)


@require_safe
def as_assessor(request: HttpRequest, slug: str) -> HttpResponse:
    """What an assessor would see: each criterion with the answers that are read for it."""
    found = draft_of(request, slug)
    crumbs = [*builder.crumbs(found)[:-1], ("As an assessor", "")]
    return render(request, "grants/builder/assessor.html", previewing.assessor_page(found) | {"draft": found, "crumbs": crumbs})


def _programme(request: HttpRequest, slug: str) -> Programme:
    found = get_object_or_404(Programme.objects.visible_to(request.user), slug=slug)
    require(request.user, Permission.PROGRAMME_EDIT, on=found)
    return found


def draft_of(request: HttpRequest, slug: str) -> Draft:
    """The draft that is being written. Raises NotAllowedNow where there is none."""
    programme = _programme(request, slug)
    versions = programme.versions.select_related("programme__funder", "text", "created_by", "edited_by")
    found = versions.filter(state=ProgrammeVersion.State.DRAFT).order_by("-number").first()
    if found is None:
        raise NotAllowedNow("No draft of this programme is being written. Begin one on the programme's page.", code="no_draft")
    return Draft(found)


def _again(draft: Draft) -> Draft:
    """The draft as it is stored now."""
    versions = draft.programme.versions.select_related("programme__funder", "text", "created_by", "edited_by")
    return Draft(versions.get(pk=draft.version.pk))


def _root(draft: Draft, section: outline.Section) -> tuple[Path | None, tuple[str, ...]]:
    """Where a section's own form writes: its one group, or keys at the top; None where it is a list."""
    one = section.holds[:1] if len(section.holds) == 1 else ()
    if one and slots.list_at(draft.values, one):
        return None, ()
    return (one, ()) if one and draft.model(one) else ((), section.holds)


def _here(draft: Draft, path: Path) -> str:
    """The page that a group is written on: its own, or its section's where it is all that the section holds."""
    return draft.href(path) if (path[0],) == path == outline.section_of(path).holds else draft.url("draft_part", builder.joined(path))


def _part_form(request: HttpRequest, draft: Draft, path: Path, *, only: tuple[str, ...] = ()) -> PartForm:
    model = draft.model(path)
    return PartForm(model, draft.values, path, _sent(request), only=only, initial={"based_on": draft.version.sha256})


def _save(request: HttpRequest, draft: Draft, form: PartForm, *, then: str) -> HttpResponse | None:
    """Store what a form says; None where it was refused, and the form says why."""
    based_on = form.cleaned_data["based_on"]
    with refusals_on(form):
        drafting.set_value(version=draft.version, based_on=based_on, part=form.path, value=form.changes(), by=request.user, at=now())
    if form.errors:
        return None
    wrong = [each for each in _again(draft).problems if each.steps[: len(form.path)] == form.path]
    messages.success(request, f"Saved. To be mended: {builder.labels.in_words(wrong[0].sentence)}" if wrong else "Saved")
    if "to_draft" in request.POST:
        return redirect(draft.url("draft"))
    return redirect(draft.href(form.path[:-1]) if "to_list" in request.POST and form.path and not wrong else then)


def _meanwhile(draft: Draft, form: PartForm) -> dict[str, Any]:
    """Where another text was stored since the page was opened: what it says, beside what was typed."""
    if not form.is_bound or form.data.get("based_on") == draft.version.sha256 or not form.non_field_errors():
        return {}
    _with(form, draft)
    return {"stored_now": builder.stored_now(draft, form)}


def _with(form: Any, draft: Draft) -> Any:
    """The page now rests on what is stored, so that saving again is a choice made knowingly."""
    form.data = form.data.copy()
    form.data["based_on"] = draft.version.sha256
    return form.data


def _section_page(request: HttpRequest, draft: Draft, section: outline.Section, form: PartForm | None, path: Path) -> HttpResponse:
    task = draft.tasks.get(section.key)
    people = OwnerForm(_editors(draft), initial={"owner": task.owner_id if task else None})
    context = builder.section_page(draft, section, form, path, people) | expressions.beside(draft, path, form)
    return render(request, "grants/builder/section.html", context | (_meanwhile(draft, form) if form else {}))


def _editors(draft: Draft) -> list[Person]:
    return sorted(holders(draft.programme.scopes(), Permission.PROGRAMME_EDIT), key=lambda person: (person.name, person.pk))


def _around(draft: Draft, path: Path) -> dict[str, Any]:
    return {"draft": draft, "crumbs": builder.crumbs(draft, path), "based_on": draft.version.sha256}


def _item(path: Path) -> Path:
    if not path or not isinstance(path[-1], int):
        raise Http404
    return path


def _told(refusal: Refusal) -> str:
    return refusal.report() if isinstance(refusal, DocumentRefused) else refusal.sentence


def _sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None
