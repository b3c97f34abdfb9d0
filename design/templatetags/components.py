"""The components as template tags. `docs/design-system.md` lists each with its parameters; the markup lives in `templates/components/`."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from secrets import token_urlsafe
from typing import Any

from django import template
from django.template.context import Context
from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from design import tables, words
from design.forms import DesignedField, problems_of
from design.tones import TONES, tone_of

register = template.Library()

register.filter("pounds", words.pounds)
register.filter("pounds_exact", words.pounds_exact)
register.filter("pounds_short", words.pounds_short)
register.filter("in_words", words.in_words)
register.filter("moment", words.moment_in_words)
register.filter("deadline", words.deadline_in_words)
register.filter("tone_of", tone_of)


@register.filter
def ago(moment: datetime | None) -> str:
    """`in 3 days` or `2 hours ago`, from now."""
    return words.from_now(moment, now=timezone.now())


@register.filter
def sentence_case(text: str) -> str:
    """`Sign In With A Code` as `Sign in with a code`: for headings and buttons that a library wrote."""
    stripped = str(text).strip()
    return mark_safe(stripped[:1].upper() + stripped[1:].lower()) if "<" not in stripped else mark_safe(stripped)  # noqa: S308 -- rendered already


@register.filter
def iso(moment: date | datetime | None) -> str:
    """For `<time datetime>`."""
    return moment.isoformat() if moment else ""


def part(name: str) -> str:
    return f"components/{name}.html"


# Head of a page


@register.inclusion_tag(part("heading"))
def heading(title: str, caption: str = "", lede: str = "", size: str = "xl", tag: str = "", tone: str = "") -> dict[str, Any]:
    """The page's h1, with what it belongs to above, one sentence below and a status beside."""
    return {
        "title": title,
        "caption": caption,
        "lede": lede,
        "size": size,
        "tag_text": tag,
        "tone_class": TONES.get(tone, TONES["neutral"]),
    }


@register.inclusion_tag(part("breadcrumbs"))
def breadcrumbs(*pairs: str, items: Iterable[Any] = ()) -> dict[str, Any]:
    """`{% breadcrumbs "Programmes" "/" round.title round_url %}`, or `items` of (text, href)."""
    return {"items": [*zip(pairs[::2], pairs[1::2], strict=True), *items]}


@register.inclusion_tag(part("back"))
def back(href: str, text: str = "Back") -> dict[str, Any]:
    return {"href": href, "text": text}


# What a form said


@register.simple_tag(takes_context=True)
def page_problems(context: Context) -> list[tuple[str, str]]:
    """The errors of `form`, `forms`, `formset` and `formsets` in the page's context, and what was said of a step that was refused."""
    refused = _refused(context)
    of_forms = problems_of(*(context.get(name) for name in ("form", "verify_form", "change_form", "forms", "formset", "formsets")))
    return [(refused.anchor, refused.sentence), *of_forms] if refused else of_forms


def _refused(context: Context, action: str = "") -> Any:
    """The refusal that this page is drawn again with (`request.refused`), if it is about the form with this action."""
    refused = getattr(context.get("request"), "refused", None)
    return refused if refused and action in ("", refused.action) else None


@register.inclusion_tag(part("error_summary"))
def error_summary(*forms: Any) -> dict[str, Any]:
    """Only where the base template's own summary does not know the form."""
    return {"problems": problems_of(*forms)}


@register.simple_tag
def field(bound: DesignedField, **look: Any) -> SafeString:
    """One form field, with parts of its look changed: `{% field form.title label_size="l" width=20 %}`."""
    return bound.drawn_as(**look).as_field_group()


# Doing something


@register.inclusion_tag(part("button"))
def button(text: str, href: str = "", kind: str = "", name: str = "", value: str = "", start: bool = False) -> dict[str, Any]:
    """A submit button inside your own form, or a link that looks like one. `kind`: secondary, warning, inverse."""
    return {"text": text, "href": href, "kind": kind, "name": name, "value": value, "start": start}


@register.inclusion_tag(part("post_button"), takes_context=True)
def post_button(
    context: Context,
    action: str,
    text: str,
    kind: str = "",
    hidden: Mapping[str, Any] | None = None,
    note: str = "",
    note_required: bool = False,
    disabled_reason: str = "",
    about: str = "",
    small: bool = False,
    **more_hidden: Any,
) -> dict[str, Any]:
    """A form with one button. `note` is the label of a reason to type; `about` is read out after the text, to tell twins apart.

    Any other named value becomes a hidden input. A `key` for idempotency always goes along, so that a double click is one act.
    """
    values = {**(hidden or {}), **more_hidden}
    refused = _refused(context, action)
    return {
        "typed": refused.note if refused else "",
        "problem": refused.sentence if refused and refused.is_about_note else "",
        "csrf_token": context.get("csrf_token"),
        "action": action,
        "text": text,
        "kind": kind,
        "hidden": {"key": token_urlsafe(12), **values},
        "note": note,
        "note_required": note_required,
        "disabled_reason": disabled_reason,
        "about": about,
        "small": small,
        "id": (identity := f"act-{token_urlsafe(6)}"),
        "note_id": refused.anchor if refused and refused.is_about_note else f"{identity}-note",
    }


@register.inclusion_tag(part("steps"), takes_context=True)
def steps(
    context: Context,
    available: Iterable[Any],
    to: str = "",
    action: str = "",
    only: str = "",
    without: str = "",
    about: str = "",
    nothing: str = "",
) -> dict[str, Any]:
    """Buttons for `workflow.engine.available_steps(...)`: each posts to `to` + step name + "/", or to `action` with `step=<name>`.

    A step that is not this person's part is left out; one that their part allows but not now is a sentence saying why.
    """
    chosen, left_out = only.replace(",", " ").split(), without.replace(",", " ").split()
    mine = [
        one
        for one in available
        if one.code != "no_permission" and (not chosen or one.step.name in chosen) and one.step.name not in left_out
    ]
    return {
        "csrf_token": context.get("csrf_token"),
        "ready": [
            {
                "step": one.step,
                "action": address,
                "hidden": {"step": one.step.name} if action else {},
                "is_open": _refused(context, address),
            }
            for one in sorted(mine, key=lambda one: one.step.note_required)
            if one.is_allowed and (address := action or f"{to}{one.step.name}/")
        ],
        "request": context.get("request"),
        "not_now": [one for one in mine if not one.is_allowed],
        "about": about,
        "nothing": nothing,
    }


# Showing something


@register.inclusion_tag(part("summary_list"))
def summary_list(rows: Iterable[Any], title: str = "", level: int = 2, borders: bool = True) -> dict[str, Any]:
    """`rows` of (key, value) or (key, value, href, action) or dicts `key value href action about tag tone`. With `title`, a card."""
    drawn = [_summary_row(row) for row in rows]
    return {"rows": drawn, "has_actions": any(row.get("href") for row in drawn), "title": title, "level": level, "borders": borders}


def _summary_row(row: Any) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        key, value, *rest = row
        row = {"key": key, "value": value, "href": rest[0] if rest else "", "action": rest[1] if len(rest) > 1 else "Change"}
    return {
        "action": "Change",
        **row,
        "is_empty": row.get("value") in (None, ""),
        "tone_class": TONES.get(row.get("tone", ""), TONES["neutral"]),
    }


@register.inclusion_tag(part("table"))
def table(
    columns: Iterable[Any],
    rows: Iterable[Any],
    caption: str = "",
    size: str = "m",
    empty: str = "Nothing here yet.",
    hide_caption: bool = False,
    dense: bool = False,
    total: Iterable[Any] | None = None,
) -> dict[str, Any]:
    """A table that becomes one block per row on a phone.

    `columns`: strings, or dicts `label numeric sort_href sorted(ascending|descending) hide_label`. `rows`: lists of cells (or dicts
    `cells`, `is_marked`); a cell is anything printable, or a dict `text href tag tone hint numeric`. The first cell heads its row.
    `total`: a last row in bold.
    """
    heads = [dict(column) if isinstance(column, Mapping) else {"label": column} for column in columns]
    return {
        "columns": heads,
        "rows": [_table_row(row, heads) for row in rows],
        "caption": caption,
        "size": size,
        "empty": empty,
        "hide_caption": hide_caption,
        "dense": dense,
        "total": tables.row(total, heads, is_total=True) if total else None,
    }


def _table_row(row: Any, heads: list[dict[str, Any]]) -> SafeString:
    marked = isinstance(row, Mapping) and bool(row.get("is_marked"))
    return tables.row(row["cells"] if isinstance(row, Mapping) else row, heads, is_marked=marked)


@register.inclusion_tag(part("tag"))
def tag(text: str, tone: str = "neutral") -> dict[str, Any]:
    """A status. Tones: good, active, waiting, neutral."""
    return {"text": text, "tone_class": TONES[tone]}


@register.inclusion_tag(part("tag"))
def state_tag(record: Any, public: bool = False) -> dict[str, Any]:
    """The tag of a record with a lifecycle; `public=True` says what the applicant may know."""
    state = record.state_now
    if public:
        return {"text": state.public or state.label, "tone_class": TONES["neutral" if not state.owner else "active"]}
    return {"text": state.label, "tone_class": TONES[tone_of(str(state.value))]}


@register.inclusion_tag(part("task_list"))
def task_list(tasks: Iterable[Mapping[str, Any]], id: str = "tasks") -> dict[str, Any]:
    """`tasks`: dicts `title href hint status tone`. `Completed` is plain text; without `href` it is not a link ("Cannot start yet")."""
    return {"tasks": [{**task, "tone_class": TONES.get(task.get("tone", ""), "")} for task in tasks], "id": id}


@register.inclusion_tag(part("timeline"))
def timeline(events: Iterable[Mapping[str, Any]], level: int = 3) -> dict[str, Any]:
    """`events`, newest first: dicts `title at by text href link tag tone is_now details` (details: (key, value) rows)."""
    return {"events": [{**event, "tone_class": TONES.get(event.get("tone", ""), TONES["neutral"])} for event in events], "level": level}


@register.inclusion_tag(part("stats"))
def stats(cards: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """`cards`: dicts `value label note href tone as_at definition`."""
    return {"cards": list(cards)}


@register.inclusion_tag(part("meter"))
def meter(label: str, value: int, of: int, text: str = "") -> dict[str, Any]:
    """How much of a whole is used: a bar with its words. An SVG, so that no inline style is needed."""
    share = 0 if not of else max(0.0, min(1.0, value / of))
    return {"label": label, "width": f"{share * 100:.2f}", "text": text or f"{share:.0%}", "is_over": bool(of) and value > of}


@register.inclusion_tag(part("pages"), takes_context=True)
def pages(
    context: Context, previous: str = "", next: str = "", previous_label: str = "", next_label: str = "", label: str = "Pages"
) -> dict[str, Any]:
    """Previous and next. Give whole addresses, or cursor query strings starting with `?`."""
    return {"previous": previous, "next": next, "previous_label": previous_label, "next_label": next_label, "label": label}


@register.inclusion_tag(part("filters"))
def filters(form: Any, clear: str = "", title: str = "Filter", button: str = "Apply filters") -> dict[str, Any]:
    """A GET form of filters; pages put it in `.with-filters` beside the results. `clear` is the address without any."""
    form.says_optional = False
    return {"form": form, "clear": clear, "title": title, "button": button}


@register.inclusion_tag(part("figure"))
def figure(
    svg: str, title: str, summary: str, columns: Iterable[Any], rows: Iterable[Any], source: str = "", as_at: Any = None
) -> dict[str, Any]:
    """A chart (SVG text), what it says in a sentence, and the table of its numbers below."""
    heads = [dict(column) if isinstance(column, Mapping) else {"label": column} for column in columns]
    return {
        "svg": mark_safe(svg),  # noqa: S308 -- drawn by our own server from numbers
        "title": title,
        "summary": summary,
        "columns": heads,
        "rows": list(rows),
        "source": source,
        "as_at": as_at,
        "id": f"figure-{token_urlsafe(6)}",
    }


@register.inclusion_tag(part("empty"))
def empty(title: str, text: str = "", href: str = "", link: str = "") -> dict[str, Any]:
    """Where a list has nothing: say so, why, and what to do."""
    return {"title": title, "text": text, "href": href, "link": link}


@register.inclusion_tag(part("warning"))
def warning(text: str) -> dict[str, Any]:
    return {"text": text}


@register.inclusion_tag(part("panel"))
def panel(title: str, text: str = "", reference: str = "") -> dict[str, Any]:
    """The confirmation at the end of something: title, sentence, reference to keep."""
    return {"title": title, "text": text, "reference": reference}


@register.inclusion_tag(part("notice"))
def notice(text: str, title: str = "Important", tone: str = "") -> dict[str, Any]:
    """A notification banner. `tone="success"` after something was done (Django's messages are drawn so by the base template)."""
    return {"text": text, "title": title, "is_success": tone == "success", "id": f"notice-{token_urlsafe(6)}"}


# With a body between two tags


class _Around(template.Node):
    """A component with a body of markup."""

    def __init__(self, name: str, body: template.NodeList, options: dict[str, Any]) -> None:
        self.name, self.nodelist, self.options = name, body, options

    def render(self, context: Context) -> str:
        options = {name: value.resolve(context) for name, value in self.options.items()}
        outer = context.template.engine.get_template(part(self.name)) if context.template else get_template(part(self.name))
        with context.push(**options, body=self.nodelist.render(context)):
            return outer.render(context)  # type: ignore[arg-type]


def _around(name: str, positional: tuple[str, ...]) -> None:
    def compiled(parser: template.base.Parser, token: template.base.Token) -> _Around:
        _, *given = token.split_contents()
        options: dict[str, Any] = dict.fromkeys(positional, template.Variable("''"))
        places = iter(positional)
        for bit in given:
            key, equals, value = bit.partition("=")
            if equals and key.isidentifier():
                options[key] = parser.compile_filter(value)
            else:
                options[next(places)] = parser.compile_filter(bit)
        body = parser.parse((f"end{name}",))
        parser.delete_first_token()
        return _Around(name, body, options)

    register.tag(name, compiled)


_around("details", ("summary",))
_around("inset", ())
_around("card", ("title", "href", "tag", "tone"))
_around("section", ("title", "id"))
_around("button_group", ())
