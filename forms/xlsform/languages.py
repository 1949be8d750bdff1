"""«label::Русский (ru)»: which language a heading names, and how we write it."""

from __future__ import annotations

import re

NAMES = {
    "ru": "Русский",
    "en": "English",
    "ba": "Башҡортса",
    "be": "Беларуская",
    "cv": "Чӑвашла",
    "de": "Deutsch",
    "fr": "Français",
    "kk": "Қазақша",
    "ky": "Кыргызча",
    "tg": "Тоҷикӣ",
    "tt": "Татарча",
    "uk": "Українська",
    "uz": "Oʻzbekcha",
    "zh": "中文",
}
_BY_NAME = {name.lower(): code for code, name in NAMES.items()} | {
    "russian": "ru",
    "английский": "en",
    "chinese": "zh",
    "french": "fr",
    "german": "de",
    "tatar": "tt",
    "татарский": "tt",
    "башкирский": "ba",
    "чувашский": "cv",
    "белорусский": "be",
    "немецкий": "de",
    "французский": "fr",
}
_CODE = r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?"


def language_of(spelt: str) -> str:
    """The code in brackets, else of the known name; «» for a language that cannot be told."""
    if bracketed := re.search(rf"\(\s*({_CODE})\s*\)\s*$", spelt):
        return bracketed[1]
    said = spelt.strip().lower()
    return _BY_NAME.get(said) or (said if re.fullmatch(_CODE, said) and len(said) < 4 else "")


def named(code: str) -> str:
    return f"{NAMES.get(code, code)} ({code})"
