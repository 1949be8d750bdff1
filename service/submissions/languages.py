"""The languages that a questionnaire can be read in, each under its own name."""

from __future__ import annotations

from forms import Definition

NAMES = {
    "ru": "Русский",
    "en": "English",
    "ba": "Башҡортса",
    "be": "Беларуская",
    "ce": "Нохчийн",
    "cv": "Чӑвашла",
    "de": "Deutsch",
    "fr": "Français",
    "hy": "Հայերեն",
    "ka": "ქართული",
    "kk": "Қазақша",
    "ky": "Кыргызча",
    "os": "Ирон",
    "sah": "Саха тыла",
    "tg": "Тоҷикӣ",
    "tt": "Татарча",
    "tyv": "Тыва дыл",
    "uk": "Українська",
    "uz": "Oʻzbekcha",
    "zh": "中文",
}


def languages_of(definition: Definition) -> list[tuple[str, str]]:
    """(code, name), its own first; nothing where there is no choice."""
    codes = [definition.language, *definition.translations]
    return [(code, NAMES.get(code, code)) for code in codes] if len(codes) > 1 else []
