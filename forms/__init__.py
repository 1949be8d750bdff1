"""What is asked of people, and what a proper reply is. Knows WTForms; knows no database, no web, no template.

definition.py   a questionnaire as data                Definition, Page, Question, Kind
defects.py      JSON → Definition, or every defect     parse, DefinitionError
  sense.py        whether its logic can work
  kinds.py        what logic may expect of an answer
  reader.py       one JSON object, its faults noted      Reader, Defect
logic.py        conditions and formulas                Expression, Scope
  syntax.py       how they are written                   LogicError
  values.py       what they are made of and can do
  course.py       what has to be worked out first
fields/         one field per question kind            FIELDS
build.py        definition → blank                     build, summary
  filled.py       filled in: logic, problems, answers    Filled
messages.py     problems and the sentences for them    Problem, sentence
library/        the questionnaires that we ship        library, competences
schema.json     what a definition is, for other programs
xlsform/        spreadsheet ⇄ definition               read, write
difference.py   two versions of one questionnaire      difference, breaks
staff.py        forms that developers wrote            SignIn, PersonForm, …
checks.py       what those check
text.py         what text may be printed and stored
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from forms.build import Blank, build, summary
from forms.defects import Defect, DefinitionError, parse
from forms.definition import Definition, Kind, Page, Purpose, Question
from forms.filled import Filled
from forms.messages import Problem, sentence
from forms.syntax import LogicError

__all__ = [
    "Blank",
    "Defect",
    "Definition",
    "DefinitionError",
    "Filled",
    "Kind",
    "LogicError",
    "Page",
    "Problem",
    "Purpose",
    "Question",
    "build",
    "competences",
    "library",
    "parse",
    "sentence",
    "summary",
]


@cache
def library() -> Mapping[str, Definition]:
    """The questionnaires that we ship, by key."""
    files = sorted((Path(__file__).parent / "library").glob("*.json"))
    definitions = [parse(json.loads(file.read_text("utf-8"))) for file in files]
    return MappingProxyType({definition.key: definition for definition in definitions})


@cache
def competences() -> Mapping[str, str]:
    """The names of C01… that mentors offer and mentees need."""
    question = next(q for q in library()["mentor"].questions if q.key == "competences")
    return MappingProxyType(dict(question.rows))
