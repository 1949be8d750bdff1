"""An error of Excel in a cell is told with its place, never taken for an empty cell."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
import xlsxwriter

from forms.cell_errors import CellError, cell_errors
from forms.xlsform import read, sentences

ODS = """<?xml version="1.0"?><office:document-content {names}><office:body><office:spreadsheet>
<table:table table:name="Банк">
<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>
<table:table-row>
 <table:table-cell table:number-columns-repeated="2"><text:p>#хэштег</text:p></table:table-cell>
 <table:covered-table-cell/>
 <table:table-cell table:formula="of:=FOO()" office:value-type="string" calcext:value-type="error">
  <office:annotation><text:p>примечание</text:p></office:annotation><text:p>#NAME?</text:p></table:table-cell>
 <table:table-cell table:formula="of:=1/0" office:value-type="string"><text:p>#DIV/0!</text:p></table:table-cell>
 <table:table-cell table:formula="of:=1" office:value-type="float"><text:p>1</text:p></table:table-cell>
</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"""
NAMES = " ".join(f'xmlns:{name}="urn:{name}"' for name in ("office", "table", "text", "calcext"))


def excel() -> bytes:
    saved = BytesIO()
    with xlsxwriter.Workbook(saved, {"in_memory": True}) as book:
        sheet = book.add_worksheet("survey")
        sheet.write_row(0, 0, ["type", "name", "label", "", "hint"])
        sheet.write_row(1, 0, ["text", "work", "", "", "#NAME?"])
        sheet.write_formula(1, 2, "=FOO()", None, "#NAME?")
        sheet.write_row(2, 0, ["text", "more", "Ещё?"])
        sheet.write_formula(2, 3, "=1/0", None, "#DIV/0!")
        sheet.write_formula(9, 1, "=A1", None, "text")
        book.add_worksheet("Черновик").write_formula(6, 27, "=#REF!", None, "#REF!")
    return saved.getvalue()


def opened(content: str) -> bytes:
    saved = BytesIO()
    with zipfile.ZipFile(saved, "w") as package:
        package.writestr("content.xml", content)
    return saved.getvalue()


def test_errors_of_an_excel_workbook_are_found_by_sheet_row_and_column() -> None:
    assert list(cell_errors(excel())) == [
        CellError("survey", 2, 3, "#NAME?"),
        CellError("survey", 3, 4, "#DIV/0!"),
        CellError("Черновик", 7, 28, "#REF!"),
    ]


def test_errors_of_an_open_document_are_found_behind_repeated_cells() -> None:
    assert list(cell_errors(opened(ODS.format(names=NAMES)))) == [
        CellError("Банк", 4, 4, "#NAME?"),
        CellError("Банк", 4, 5, "#DIV/0!"),
    ]


def test_a_questionnaire_with_an_error_in_a_column_that_counts_is_refused_with_its_cell() -> None:
    imported = read(excel())
    assert imported.definition is None
    told = [finding for finding in imported.findings if finding.code == "cell_error"]
    assert [(found.place.letters, found.place.row) for found in told] == [("C", 2)]
    assert "ошибка Excel #NAME?" in sentences(told[0])[0]


@pytest.mark.parametrize("broken", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", excel()[:-400], opened("<a")])
def test_a_broken_workbook_has_no_errors_to_tell(broken: bytes) -> None:
    assert list(cell_errors(broken)) == []


def test_entities_are_not_read() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY e "#REF!">]>' + ODS.format(names=NAMES).partition("?>")[2]
    assert list(cell_errors(opened(bomb))) == []
