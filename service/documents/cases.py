"""The cases of Russian names and posts, and whether a person had better look at the result.

Names go by pytrovich with the exceptions of cases.json, posts by the dictionary of cases.json, where a post
is its head («заместитель») and the rest («директора по УВР») stays as it is; only then by morphology.
What is not ``sure`` is shown to the curator, who may write the right form instead.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from service.names import gender_by

Case = Literal["genitive", "dative", "accusative", "instrumental"]
Gender = Literal["f", "m"]
CASES: tuple[Case, ...] = ("genitive", "dative", "accusative", "instrumental")
NBSP = "\N{NO-BREAK SPACE}"

_DATA: dict[str, Any] = json.loads(Path(__file__).with_name("cases.json").read_text(encoding="utf-8"))
_UNCHANGED_PATRONYMICS = ("оглы", "кызы", "гызы", "углы", "оглу")
_INITIAL = re.compile(r"(?:\w\.-?)+")

# Endings that leave no doubt. With others (Лебедь, Воробей, Сорока) a vowel may or may not change.
_VOWEL_KEPT = r"[оеёиуюыэ]|[ыи]х"
_SURE_SURNAME = {
    "f": re.compile(rf"(?:{_VOWEL_KEPT}|[оеё]ва|[иы]на|[яа]я|[бвгджзйклмнпрстфхцчшщь])$"),
    "m": re.compile(
        rf"(?:{_VOWEL_KEPT}|[оеё]в|[иы]н|[кн]ий|ый|[сц]кой|[ау]й|[бвгджзмнпрстфхчшщ]|[аиыуюя][лк])$"
    ),
}
_SURE_FIRST_NAME = {
    "f": re.compile(r"[аяоеиуйбвгджзклмнпрстфх]$"),
    "m": re.compile(r"[бвгджзйклмнпрстфхцчшщаяиоуеэ]$"),
}


@dataclass(frozen=True)
class Name:
    last: str
    first: str = ""
    patronymic: str = ""

    @property
    def full(self) -> str:
        return " ".join(part for part in (self.last, self.first, self.patronymic) if part)


@dataclass(frozen=True)
class Inflected:
    text: str
    sure: bool


def name_from(text: str) -> Name:
    """«Иванова Анна Сергеевна», «Иванова А.С.» and «А.С. Иванова» as a name."""
    words = text.replace(NBSP, " ").split()
    initials = [
        initial for word in words if _INITIAL.fullmatch(word) for initial in re.findall(r"\w\.", word)
    ]
    if initials:
        last = " ".join(word for word in words if not _INITIAL.fullmatch(word))
        return Name(last, *initials[:2])
    last, first, *rest = [*words, "", ""]
    return Name(last, first, " ".join(rest).strip())


def gender_of(name: Name) -> Gender | None:
    """What the patronymic says."""
    return gender_by(name.patronymic)


def initials(name: Name) -> str:
    """«А.С.», of a double name «А.-М.»."""
    parts = (part for part in (name.first, name.patronymic) if part)
    return "".join("-".join(f"{half[0].upper()}." for half in part.split("-") if half) for part in parts)


def short(name: Name) -> str:
    """In running text: «Иванова А.С.» with a no-break space."""
    return NBSP.join(part for part in (name.last, initials(name)) if part)


def signature(name: Name) -> str:
    """In signatures: «А.С. Иванова» with a no-break space."""
    return NBSP.join(part for part in (initials(name), name.last) if part)


def name_in(name: Name, gender: Gender | None, case: Case) -> Inflected:
    """The full name in ``case``."""
    known = gender or gender_of(name)
    parts = [
        _surname_in(name.last, known, case),
        _first_name_in(name.first, known, case),
        _patronymic_in(name.patronymic, known, case),
    ]
    return Inflected(" ".join(part.text for part in parts if part.text), all(part.sure for part in parts))


def short_in(name: Name, gender: Gender | None, case: Case) -> Inflected:
    """The surname in ``case`` with initials: «Ивановой А.С.»."""
    surname = _surname_in(name.last, gender or gender_of(name), case)
    return Inflected(short(Name(surname.text, name.first, name.patronymic)), surname.sure)


def post_in(post: str, case: Case) -> Inflected:
    """The post in ``case``, beginning with a small letter unless its first word is an abbreviation."""
    text = _lowered(" ".join(post.split()))
    if not text:
        return Inflected("", True)
    head = _known_head(text)
    if head is None:
        return _analysed(text, case)
    rest = text[len(head) :]
    return Inflected(_DATA["posts"][head][CASES.index(case)] + rest, not rest or not _agrees(rest.split()[0]))


# --- names


def _surname_in(surname: str, gender: Gender | None, case: Case) -> Inflected:
    if gender is None:
        return Inflected(surname, False)
    halves = [_half_surname_in(half, gender, case) for half in surname.split("-")]
    return Inflected("-".join(half.text for half in halves), all(half.sure for half in halves))


def _half_surname_in(surname: str, gender: Gender, case: Case) -> Inflected:
    key = surname.lower()
    if key in _DATA["surnames_unchanged"]:
        return Inflected(surname, True)
    if forms := _DATA["surnames"].get(gender, {}).get(key):
        return Inflected(_like(surname, forms[CASES.index(case)]), True)
    sure = key not in _DATA["surnames_doubtful"] and bool(_SURE_SURNAME[gender].search(key))
    return Inflected(_by_rules("LASTNAME", surname, gender, case), sure)


def _first_name_in(first: str, gender: Gender | None, case: Case) -> Inflected:
    if not first or first.endswith("."):
        return Inflected(first, True)
    if gender is None:
        return Inflected(first, False)
    key = first.lower()
    if forms := _DATA["first_names"].get(gender, {}).get(key):
        return Inflected(_like(first, forms[CASES.index(case)]), True)
    sure = bool(_SURE_FIRST_NAME[gender].search(key))
    if gender == "f" and key[-1] not in "ая":
        return Inflected(first, sure)
    return Inflected(_by_rules("FIRSTNAME", first, gender, case), sure)


def _patronymic_in(patronymic: str, gender: Gender | None, case: Case) -> Inflected:
    if not patronymic or patronymic.endswith("."):
        return Inflected(patronymic, True)
    if gender is None:
        return Inflected(patronymic, False)
    if patronymic.lower().endswith(_UNCHANGED_PATRONYMICS):
        return Inflected(patronymic, True)
    return Inflected(
        _by_rules("MIDDLENAME", patronymic, gender, case), gender_of(Name("", "", patronymic)) == gender
    )


def _by_rules(part: str, word: str, gender: Gender, case: Case) -> str:
    import pytrovich.enums as words  # noqa: PLC0415  (the rules take a while to read)

    gendered = words.Gender.MALE if gender == "m" else words.Gender.FEMALE
    return _like(word, _rules().make(words.NamePart[part], gendered, words.Case[case.upper()], word))


@cache
def _rules() -> Any:
    from pytrovich.maker import PetrovichDeclinationMaker  # noqa: PLC0415  (see _by_rules)

    return PetrovichDeclinationMaker()


def _like(sample: str, text: str) -> str:
    """``text`` with the capitals of ``sample``."""
    if len(sample) > 1 and sample.isupper():
        return text.upper()
    return text[:1].upper() + text[1:] if sample[:1].isupper() else text


# --- posts


def _lowered(text: str) -> str:
    return text if text.split(" ")[0].isupper() else text[:1].lower() + text[1:]


def _known_head(text: str) -> str | None:
    """The longest post of the dictionary that ``text`` begins with."""
    words = text.split(" ")
    beginnings = (" ".join(words[:count]) for count in range(len(words), 0, -1))
    return next((beginning for beginning in beginnings if beginning.lower() in _DATA["posts"]), None)


def _analysed(text: str, case: Case) -> Inflected:
    """Inflect the adjectives and the noun that a post begins with; sure when each has but one reading."""
    words, sure = text.split(" "), True
    done: list[str] = []
    while words:
        word = words.pop(0)
        readings = [_nominatives(half) for half in word.split("-")]
        if not all(readings):
            return Inflected(" ".join([*done, word, *words]), False)
        done.append("-".join(_inflected(found[0], case) for found in readings))
        sure = sure and all(len({_inflected(reading, case) for reading in found}) == 1 for found in readings)
        if not (words and _agrees(words[0])):
            break
    return Inflected(" ".join([*done, *words]), sure)


def _nominatives(word: str) -> list[Any]:
    """Readings of ``word`` as who one is, in the nominative: as a person's noun, else as an adjective."""
    known = [reading for reading in _morphology().parse(word) if reading.is_known]
    if any("PREP" in reading.tag for reading in known):
        return []
    readings = [
        reading
        for reading in known
        if {"nomn", "sing"} in reading.tag and reading.tag.POS in ("NOUN", "ADJF", "PRTF")
    ]
    people = [reading for reading in readings if reading.tag.POS == "NOUN" and "anim" in reading.tag]
    return people or readings


def _agrees(word: str) -> bool:
    """Whether ``word`` could be another word in the nominative, so that it would have to be inflected too."""
    return bool(_nominatives(word.split("-")[0]))


def _inflected(reading: Any, case: Case) -> str:
    wanted = {"genitive": "gent", "dative": "datv", "accusative": "accs", "instrumental": "ablt"}[case]
    if case == "accusative" and reading.tag.gender == "masc":
        wanted = "gent"  # of a living being the two are one
    form = reading.inflect({wanted, "sing"})
    return str(form.word if form else reading.word)


@cache
def _morphology() -> Any:
    import pymorphy3  # noqa: PLC0415  (its dictionary takes a third of a second and 16 MB)

    return pymorphy3.MorphAnalyzer()
