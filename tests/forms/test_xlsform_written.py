"""Out to a workbook and in again: nothing changes, and the reference converter takes what we write."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import HealthCheck, assume, given, settings
from pyxform.xls2xform import convert

import forms
from forms.xlsform import read, write
from tests.forms.random_definitions import definitions


def _witnessed(workbook: bytes) -> str:
    return str(convert(BytesIO(workbook), validate=False, file_type=".xlsx").xform)


@given(definitions())
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_a_definition_survives_the_way_to_a_workbook_and_back(definition: forms.Definition) -> None:
    imported = read(write(definition))

    assert imported.findings == ()
    assert imported.definition == definition
    assert imported.definition.hash == definition.hash


@pytest.mark.parametrize("key", forms.library())
def test_what_we_ship_survives_it_too_and_is_taken_by_the_reference_converter(key: str) -> None:
    definition = forms.library()[key]
    workbook = write(definition)

    assert read(workbook).definition == definition
    assert definition.title in _witnessed(workbook)


@given(definitions())
@settings(
    max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much], deadline=None
)
def test_other_programs_of_the_format_take_what_we_write(definition: forms.Definition) -> None:
    assume(
        not any(question.other and question.choice_filter for question in definition.questions)
    )  # it has no such

    assert definition.key in _witnessed(write(definition))
