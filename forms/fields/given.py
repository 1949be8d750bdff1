"""What is neither typed nor chosen: notes, computed values, files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from forms.definition import Kind, Question
from forms.fields.asked import ALWAYS, ANSWERED, Asked
from forms.messages import Problem
from forms.text import Posted, Upload, line

_REMEMBERED = {"id": str, "name": str, "type": str, "size": int}


class Note(Asked):
    """Only words."""

    takes = ALWAYS - {"messages"}

    @classmethod
    def names(cls, question: Question) -> list[str]:
        return [question.key]  # for its id; nothing is posted

    @classmethod
    def inputs(cls, question: Question, answers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        yield from ()

    def process(self, formdata: Posted, data: object = None, extra_filters: object = None) -> None:
        self.raw_data, self.data = [], None


class Computed(Note):
    """Its formula gives the answer; forms/build.py sets it."""

    takes = ALWAYS - {"messages"} | {"formula"}
    needs = frozenset({"formula"})

    @property
    def answered(self) -> bool:
        return self.data is not None


class File(Asked):
    """The bytes are the shell's: a file that it keeps comes back as JSON {"id", "name", "type", "size"} under the
    question's name; an ``upload`` that is not kept yet has no id. Whose file an id is, only the shell can tell."""

    takes = ANSWERED - {"default", "check"} | {"accept", "size"}
    silent = {  # noqa: RUF012
        "size": 10,
        "accept": ["pdf", "jpg", "jpeg", "png", "docx", "xlsx", "odt", "txt"],
    }
    upload: Upload | None
    refused = ""  # the code of why the shell did not keep the upload

    @classmethod
    def names(cls, question: Question) -> list[str]:
        return [question.key, f"{question.key}-remove"]

    @classmethod
    def inputs(cls, question: Question, answers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        if isinstance(answer := answers.get(question.key), dict):
            yield question.key, json.dumps(answer, ensure_ascii=False)

    @classmethod
    def words(cls, question: Question, answers: Mapping[str, Any]) -> str:
        answer = answers.get(question.key)
        return str(answer.get("name", "")) if isinstance(answer, dict) else ""

    def process(self, formdata: Posted, data: object = None, extra_filters: object = None) -> None:
        self.upload = formdata.upload(self.name)
        removed = bool(formdata.getlist(f"{self.name}-remove")) and not self.upload
        self.raw_data = [] if removed else formdata.getlist(self.name)
        self.data = _kept(self.value)
        if self.upload:
            self.data = {"name": line(self.upload.filename or "")[-200:], "type": self.upload.content_type or "",
                         "size": self.upload.size or 0}  # fmt: skip

    @property
    def answered(self) -> bool:
        return self.data is not None

    @property
    def kept(self) -> dict[str, Any] | None:
        """What the shell keeps already."""
        return _kept(self.value)

    @property
    def described_by(self) -> str:
        """What is taken is always said."""
        return " ".join([self.hint_id] + [self.error_id] * bool(self.errors))

    def faults(self) -> Iterator[Problem]:
        most = self.question.size or 0
        if self.data["name"].rpartition(".")[2].lower() not in self.question.accept:
            yield self.problem("wrong_file", endings=", ".join(self.question.accept))
        elif self.data["size"] > most * 2**20:
            yield self.problem("large_file", most=most)
        elif self.data["size"] <= 0:
            yield self.problem("empty_file")
        elif self.refused:
            yield self.problem(self.refused)


def _kept(text: str) -> dict[str, Any] | None:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return None
    known = isinstance(read, dict) and read.keys() == _REMEMBERED.keys()
    proper = known and all(type(read[name]) is kind for name, kind in _REMEMBERED.items())
    return read if proper and all(line(str(said))[:200] == str(said) for said in read.values()) else None


FIELDS: dict[Kind, type[Asked]] = {
    Kind.NOTE: Note,
    Kind.COMPUTED: Computed,
    Kind.FILE: File,
}
