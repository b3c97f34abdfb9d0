"""Lines of costs out of what people paste and upload."""

import io

import pytest
import xlsxwriter
from django.core.files.base import ContentFile

from accounts.refusals import Refused
from applications import spreadsheets


def book(rows, *, merged=()):
    """A workbook; `merged` are cells over several rows: column, first and last row, value."""
    body = io.BytesIO()
    workbook = xlsxwriter.Workbook(body)
    sheet = workbook.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    for column, first, last, value in merged:
        sheet.merge_range(first, column, last, column, value)
    workbook.close()
    return ContentFile(body.getvalue(), name="costs.xlsx")


LINE = {"category": "Labour", "description": "Two engineers", "amount": "1,200.50"}


@pytest.mark.parametrize(
    "text",
    [
        "Labour\tTwo engineers\t1,200.50",
        "Kind of cost\tWhat it is for\tAmount\r\nLabour\tTwo  engineers\t1,200.50\r\n\t\t\r\nTotal\t\t1,200.50\r\n",
        'Amount,Description,Category\n"1,200.50",Two engineers,Labour\n',
        'Labour,"Two\nengineers","1,200.50"',
        "Labour,Two engineers,£1,200.50\n",
        "Our budget\n\nCost heading;Item;Quantity;Total cost (£)\nLabour;Two engineers;2;1,200.50\nSub-total:;;;1,200.50",
        "\tLabour\t\tTwo engineers\t£1,200.50\nGrand total\t\t\t\t£1,200.50",
    ],
)
def test_pasted_cells_are_lines_whatever_their_order(text):
    assert spreadsheets.pasted(text) == [LINE]


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("25.000,50", "25000.50"), ("1 250,5 £", "1250.5"), ("1250,50", "1250.50"), ("1’234’567,89", "1234567.89"),
        ("1,250", "1,250"), ("1.250", "1.250"), ("25,000,50", "25,000,50"), ("12,5k", "12,5k"),
    ],
)  # fmt: skip
def test_pence_after_a_comma_are_pence_and_what_could_be_thousands_stays(cell, amount):
    assert spreadsheets.pasted(f"Reagents\t{cell}") == [{"description": "Reagents", "amount": amount}]


def test_two_columns_are_a_description_and_an_amount():
    assert spreadsheets.pasted("Reagents\t90") == [{"description": "Reagents", "amount": "90"}]


def test_beside_a_column_of_vat_the_amount_is_without_it():
    assert spreadsheets.pasted("Item\tCost\tVAT\tTotal\nReagents\t£90\t£18\t£108") == [
        {"description": "Reagents", "amount": "90", "vat": "18"}
    ]


def test_a_workbook_and_a_csv_file_are_read():
    rows = [["Category", "Item", "Cost (£)"], ["Labour", "Two engineers", 1200.5], ["Travel", "Trains", 90]]
    expected = [
        {"category": "Labour", "description": "Two engineers", "amount": "1200.50"},
        {"category": "Travel", "description": "Trains", "amount": "90"},
    ]
    assert spreadsheets.uploaded(book(rows)) == expected
    csv = "\ufeffCategory,Item,Cost\nLabour,Two engineers,1200.50\nTravel,Trains,90\n"
    assert spreadsheets.uploaded(ContentFile(csv.encode(), name="costs.csv")) == expected


def test_a_kind_of_cost_that_stands_over_several_rows_is_each_ones_and_an_amount_is_there_once():
    rows = [[], ["", "Kind", "Item", "Cost"], ["", "", "One engineer", 600], ["", "", "Another"], ["", "Travel", "Trains"]]
    sheet = book(rows, merged=[(1, 2, 3, "Labour"), (3, 3, 4, 90)])
    said = [(line["category"], line["description"], line["amount"]) for line in spreadsheets.uploaded(sheet)]
    assert said == [("Labour", "One engineer", "600"), ("Labour", "Another", "90"), ("Travel", "Trains", "")]


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (lambda: spreadsheets.pasted(" \n\t\t\n"), "nothing in it"),
        (lambda: spreadsheets.pasted("Labour\tTwo\t2\t600\t1200"), "5 columns and no headings"),
        (lambda: spreadsheets.pasted("Labour,Two engineers,12,000"), "4 columns and no headings"),
        (lambda: spreadsheets.pasted("Kind,Item,Cost\nLabour,Two engineers,12,000"), "Line 1 below the headings has 4 cells"),
        (lambda: spreadsheets.pasted("a\tb\t1\n" * 2_001), "2,000 lines or fewer"),
        (lambda: spreadsheets.pasted("x" * (spreadsheets.MOST_BYTES + 1)), "too much to paste"),
        (lambda: spreadsheets.uploaded(ContentFile(b"%PDF-1.4", name="costs.xlsx")), "must be a"),
        (lambda: spreadsheets.uploaded(ContentFile(b"", name="costs.csv")), "is empty"),
        (lambda: spreadsheets.uploaded(book([])), "nothing in it"),
    ],
)
def test_what_cannot_be_read_gets_its_sentence(act, sentence):
    with pytest.raises(Refused, match=sentence):
        act()


def test_a_csv_file_as_excel_writes_it_keeps_its_pounds_and_accents():
    written = "Kind,Description,Amount\nStaff,Café trial,£900\n".encode("cp1252")
    assert spreadsheets.uploaded(ContentFile(written, name="costs.csv")) == [
        {"category": "Staff", "description": "Café trial", "amount": "900"}
    ]
    with pytest.raises(Refused, match="must be an Excel, CSV or text file"):
        spreadsheets.uploaded(ContentFile(b"\xff\xfe\x01\x02" * 9, name="costs.csv"))
