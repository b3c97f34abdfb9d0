"""Own form fields, and how every field is drawn."""

import re
from datetime import date

import pytest
from django import forms
from django.template import Context, Template

from design.fields import MemorableDateField, PoundsField, WordsField
from design.forms import problems_of
from design.looks import Choice, Look


class ProjectForm(forms.Form):
    title = forms.CharField(label="Project title", help_text="As in public")
    starts_on = MemorableDateField(label="Start date", earliest=date(2027, 1, 1))
    grant = PoundsField(label="Grant requested", min_pence=100_00, max_pence=1_000_00)
    summary = WordsField(label="Summary", max_words=3, required=False)
    samples = forms.ChoiceField(
        label="Are samples used?", choices=[("yes", Choice("Yes", hint="Say when")), ("no", "No")], widget=forms.RadioSelect
    )
    looks = {"title": Look(width=20, label_size="l")}


def posted(**changes):
    whole = {
        "title": "Lateral flow",
        "starts_on_day": "27",
        "starts_on_month": "3",
        "starts_on_year": "2027",
        "grant": "£1,000",
        "summary": "",
        "samples": "no",
    }
    return ProjectForm(whole | changes)


def test_a_whole_form_cleans_to_dates_and_pence():
    form = posted()
    assert form.is_valid(), form.errors
    assert form.cleaned_data["starts_on"] == date(2027, 3, 27)
    assert form.cleaned_data["grant"] == 100_000


class AskedForm(forms.Form):
    happened = forms.CharField(label="Say what happened")
    due_on = MemorableDateField(label="Due on")
    opens_on = MemorableDateField(label="Opens on")
    given = forms.CharField(label="Given name")


def test_an_empty_field_is_asked_for_in_a_sentence():
    form = AskedForm({})
    said = [form[name].errors[0] for name in form.fields]
    assert said == ["Say what happened", "Enter when it is due", "Enter when it opens", "Enter the given name"]


@pytest.mark.parametrize(("typed", "pence"), [("250", 25_000), ("£250.5", 25_050), ("1,000.00", 100_000), (" 999.99 ", 99_999)])
def test_pounds_are_taken_as_people_type_them(typed, pence):
    assert posted(grant=typed).fields["grant"].clean(typed) == pence


@pytest.mark.parametrize("typed", ["abc", "1,00", "10.999", "-5", "1e3", "٣٠٠", "12 345,00"])
def test_what_is_no_amount_is_refused_with_an_example(typed):
    assert posted(grant=typed).errors["grant"] == ["Enter an amount in pounds, like 1,250 or 1250.75"]


@pytest.mark.parametrize(("typed", "sentence"), [("99.99", "Enter £100 or more"), ("1000.01", "Enter £1,000 or less")])
def test_amounts_out_of_bounds_say_the_bound(typed, sentence):
    assert posted(grant=typed).errors["grant"] == [sentence]


@pytest.mark.parametrize(
    ("day", "month", "year", "sentence"),
    [
        ("31", "2", "2027", "Start date must be a real date, like 27 3 2027"),
        ("", "2", "2027", "Start date must include a day"),
        ("1", "", "", "Start date must include a month and year"),
        ("1", "2", "27", "Start date must have a year of four digits"),
        ("31", "12", "2026", "Start date must be 1 January 2027 or later"),
        ("", "", "", "Enter the start date"),
        ("x" * 5000, "2", "2027", "Start date must be a real date, like 27 3 2027"),
    ],
)
def test_dates_say_what_is_wrong_and_keep_what_was_typed(day, month, year, sentence):
    form = posted(starts_on_day=day, starts_on_month=month, starts_on_year=year)
    assert form.errors["starts_on"] == [sentence]
    if day:
        assert f'value="{day}"' in str(form["starts_on"])


def test_months_may_be_typed_as_names():
    form = posted(starts_on_month="Sept")
    assert form.is_valid()
    assert form.cleaned_data["starts_on"].month == 9


def test_too_many_words_are_counted():
    assert posted(summary="one two three four").errors["summary"] == ["Use 3 words or fewer. You have 1 word too many."]


def test_a_field_is_described_by_its_hint_and_its_error():
    html = posted(title="")["title"].as_field_group()
    assert 'aria-describedby="id_title-hint id_title-error"' in html
    assert 'id="id_title-hint"' in html
    assert 'id="id_title-error"' in html
    assert "Enter the project title" in html
    assert "govuk-input--error" in html
    assert "govuk-input--width-20" in html
    assert "govuk-label--l" in html


def test_optional_fields_say_so_and_no_field_is_starred():
    html = str(ProjectForm())
    assert "Summary (optional)" in html
    assert "Project title (optional)" not in html
    assert "*" not in re.sub(r"<[^>]*>", "", html)


def test_every_link_of_the_error_summary_leads_to_a_control():
    form = ProjectForm({})
    html = str(form)
    problems = problems_of(form)
    assert len(problems) == 4
    for anchor, _ in problems:
        assert re.search(rf'<(input|select|textarea)[^>]*id="{anchor}"', html), anchor


def test_a_sentence_that_stands_for_several_fields_names_each():
    class TwoSumsForm(forms.Form):
        turnover = PoundsField(label="Turnover")
        total = PoundsField(label="Balance sheet total")
        vat = PoundsField(label="VAT", min_pence=100)

    wrong = TwoSumsForm({"turnover": "1.2m", "total": "lots", "vat": "0"})
    sentences = [sentence for _, sentence in problems_of(wrong)]
    assert sentences[0] == "Turnover: enter an amount in pounds, like 1,250 or 1250.75"
    assert sentences[1].startswith("Balance sheet total: ")
    assert sentences[2] == "Enter £1 or more"
    row = TwoSumsForm({"turnover": "1", "total": "1", "vat": "0"})
    row.names_row = "Line 2"
    assert [sentence for _, sentence in problems_of(row)] == ["Line 2, VAT: enter £1 or more"]


def test_radios_have_a_legend_and_hints_of_their_own():
    html = posted(samples="yes")["samples"].as_field_group()
    assert "<legend" in html
    assert 'aria-describedby="id_samples_0-hint"' in html
    assert re.search(r'value="yes"[^>]*checked', html)


def test_what_people_typed_is_escaped():
    assert "<script>" not in posted(title="<script>alert(1)</script>")["title"].as_field_group()


def test_a_table_heads_its_rows_and_labels_its_cells():
    html = Template("{% table columns rows caption='Claims' %}").render(
        Context({"columns": ["Claim", {"label": "Amount", "numeric": True}], "rows": [["<1>", "£5"]]})
    )
    assert '<th scope="row"' in html
    assert "&lt;1&gt;" in html
    assert 'data-label="Amount"' in html


def test_a_table_without_rows_says_so():
    assert "No claims yet." in Template("{% table c r empty='No claims yet.' %}").render(Context({"c": ["Claim"], "r": []}))


def test_a_row_that_does_not_fit_its_columns_is_an_error_of_ours():
    with pytest.raises(ValueError, match="zip"):
        Template("{% table c r %}").render(Context({"c": ["Claim", "Amount"], "r": [["1"]]}))
