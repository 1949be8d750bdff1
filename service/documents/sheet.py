"""The pairs of an order as a spreadsheet. Whatever people wrote is text there, never a formula or a link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from io import BytesIO

import xlsxwriter

from service.documents.order import Pair

COLUMNS = (  # those of annex 1, with their widths
    ("№ п/п", 6),
    ("Наставник: ФИО", 30),
    ("Наставник: должность", 28),
    ("Наставляемый: ФИО", 30),
    ("Наставляемый: должность", 28),
    ("Форма", 20),
    ("Вид", 20),
    ("Направление, запрос", 36),
    ("Срок", 24),
    ("Отчётность", 26),
)


def sheet_of(pairs: Sequence[Pair]) -> bytes:
    saved = BytesIO()
    options = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    with xlsxwriter.Workbook(saved, {"in_memory": True, **options}) as workbook:
        head = workbook.add_format({"bold": True, "text_wrap": True, "border": 1, "valign": "vcenter"})
        plain = workbook.add_format({"text_wrap": True, "border": 1, "valign": "top"})
        sheet = workbook.add_worksheet("Пары и группы")
        for column, (title, width) in enumerate(COLUMNS):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, title, head)
        for row, pair in enumerate(pairs, 1):
            for column, value in enumerate(astuple(pair)):
                sheet.write(row, column, value, plain)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(pairs), len(COLUMNS) - 1)
    return saved.getvalue()
