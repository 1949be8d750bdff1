"""The published JSON Schema says of a questionnaire what the reader says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

import forms
from forms.definition import Question
from forms.fields import FIELDS
from forms.messages import CODES
from tests.forms.random_definitions import definitions
from tests.forms.test_definition import question, questionnaire

SCHEMA = json.loads((Path(forms.__file__).parent / "schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def faults(data: Any) -> Iterator[str]:
    return (f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(data))


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("key", forms.library())
def test_what_we_ship_keeps_to_it(key: str) -> None:
    assert list(faults(forms.library()[key].to_json())) == []


@given(definitions())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_whatever_can_be_a_definition_keeps_to_it(definition: forms.Definition) -> None:
    assert list(faults(definition.to_json())) == []


@pytest.mark.parametrize("kind", forms.Kind)
def test_it_knows_what_each_kind_takes(kind: forms.Kind) -> None:
    of_question = SCHEMA["$defs"]["question"]
    [rule] = [rule for rule in of_question["allOf"] if kind in rule["if"]["properties"]["kind"]["enum"]]
    assert set(rule["then"]["propertyNames"]["enum"]) == FIELDS[kind].takes
    assert set(rule["then"].get("required", [])) - {"label"} == FIELDS[kind].needs - {"choices"}
    assert of_question["properties"].keys() == {*Question.__dataclass_fields__}
    assert set(of_question["properties"]["messages"]["propertyNames"]["enum"]) == CODES


@pytest.mark.parametrize(
    "data",
    [
        {},
        [],
        questionnaire(question(), format="other/1"),
        questionnaire(question(), minutes=0),
        questionnaire(question(), pages=[]),
        questionnaire(question(kind="essay")),
        questionnaire(question(key="Имя")),
        questionnaire(question(key="page")),
        questionnaire(question(colour="red")),
        questionnaire(question(min=1)),
        questionnaire(question(required="yes")),
        questionnaire(question(kind="matrix", rows=[["a", "А"]])),
        questionnaire(question(kind="single", choices=[["a"]])),
        questionnaire(question(), translations={"english": {}}),
    ],
)
def test_what_the_reader_refuses_it_refuses_too(data: Any) -> None:
    assert list(faults(data)) != []
    with pytest.raises(forms.DefinitionError):
        forms.parse(data)
