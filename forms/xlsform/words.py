"""Findings in words: what is wrong and what to do, in the language of whoever reads."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from forms.reader import Defect
from forms.xlsform.findings import Finding

_PARTS = {
    "ru": {
        "label": "текст",
        "title": "название",
        "hint": "подсказка",
        "key": "имя",
        "choices": "варианты ответа",
        "rows": "строки",
        "scale": "шкала",
        "formula": "формула",
        "pages": "страницы",
        "questions": "вопросы",
        "minutes": "сколько минут занимает",
        "min": "наименьшее",
        "max": "наибольшее",
        "size": "размер файла",
        "purpose": "назначение",
    }
}
_LOGIC = {
    "ru": {
        "unreadable": "непонятный знак",
        "unclosed_text": "кавычка не закрыта",
        "unexpected": "лишнее",
        "unexpected_end": "обрывается",
        "unknown_function": "нет такой функции",
        "wrong_arguments": "у функции не те значения",
        "too_deep": "слишком сложно",
    }
}
_PLACE = {"ru": "знак {}: {} {}", "en": "character {}: {} {}"}
_WRONG_DATA = {"not_an_object", "not_a_list", "not_a_text", "not_a_number", "not_yes_or_no", "not_a_pair"}


def sentences(finding: Finding | Defect, language: str = "ru") -> tuple[str, str]:
    """(what is wrong, what to do)"""
    texts = (
        _texts().get("wrong_data" if finding.code in _WRONG_DATA else finding.code) or _texts()["wrong_data"]
    )
    params = {"part": "", "detail": ""} | (
        dict(finding.params) if isinstance(finding, Finding) else _of_defect(finding)
    )
    params["part"] = _PARTS.get(language, {}).get(params["part"], params["part"])
    if finding.code == "bad_expression":
        params["detail"] = _logic(params["detail"], language)
    what, to_do = texts.get(language, texts["ru"])
    return what.format_map(params), to_do.format_map(params)


def _of_defect(defect: Defect) -> dict[str, str]:
    return {"part": defect.where.rpartition("/")[2], "detail": defect.detail}


def _logic(detail: str, language: str) -> str:
    """«22: unclosed_text 'abc» as people say it."""
    found = re.fullmatch(r"(\d+): (\w+) ?(.*)", detail, re.DOTALL)
    if not found:
        return detail
    said = _LOGIC.get(language, {}).get(found[2], found[2].replace("_", " "))
    return _PLACE.get(language, _PLACE["en"]).format(found[1], said, found[3]).rstrip()


@cache
def _texts() -> dict[str, dict[str, tuple[str, str]]]:
    texts: dict[str, dict[str, tuple[str, str]]] = json.loads(
        Path(__file__).with_name("sentences.json").read_text("utf-8")
    )
    return texts
