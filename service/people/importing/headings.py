"""Which column of a list holds what, guessed by its heading in whatever words; the curator may say otherwise."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from service.people.importing.reading import Line

DEEPEST = 30  # lines above which the header is looked for
IGNORED = ""

# The first field whose pattern fits a heading; the order matters: «ФИО желаемого наставника» is a wish.
_PATTERNS: tuple[tuple[str, str], ...] = (
    ("number", r"^(n|no|номер|п п|n п п|таб.*|табельн.*)$|^$"),
    ("undesired", r"нежелат|не желат|не хо\w+ работать|с кем (не|неудобно)"),
    ("wishes", r"^(фио )?(желаем|предпочита|предпочтит|пожелани)|кого (бы )?(хоте|хоч|виде)|хотел\w* бы видеть"),
    ("age", r"возраст"),
    (
        "places",
        r"^(макс|предел|мест|число|кол|сколько)\w*( \w+)? ?(наставляем|подопечн|подшефн|мест|человек|чел)"
        r"|^мест(а|о)?$",
    ),
    ("groups", r"групп(у|ой|е|ами|а|ах)$|^групп"),
    ("since", r"дата (при[её]ма|вхожд|включ|заверш|оконч)|^(принят|завершен)"),
    ("results", r"результат|достижен|ссылк|отзыв|отметк|интерес|примечан|комментар|образован"),
    ("hours", r"час(ов|ы)? в неделю|ресурс времени"),
    (
        "can",
        r"^(чем|в чем) (готов|мож|силь|могу|смож)|компетенци|^чем поделит|может помочь|сильн\w+ сторон"
        r"|чему (могу|готов)",
    ),
    ("needs", r"запрос|затруднен|дефицит|потребност|нужна помощь|^чему (хо|нуж)|требуется помощь|проблем"),
    ("slots", r"врем(я|ени)|дни|расписан|когда"),
    ("birth_date", r"рожден|^др$|^д р$"),
    ("patronymic", r"^отчество"),
    ("last_name", r"^фамилия$|^фамилия (сотрудник|педагог|работник|наставник|наставляем)\w*$"),
    ("first_name", r"^имя$|^имя (сотрудник|педагог|работник|наставник|наставляем)\w*$"),
    ("email", r"mail|мейл|эл\w* ?(адрес|почт)|электр|^почта|^адрес (эл|поч)"),
    ("phone", r"^(тел|моб|сот|номер тел)|телефон"),
    ("contact", r"контакт|связ"),
    ("gender", r"^пол$"),
    ("experience_years", r"^(пед\w* )?(общий )?(пед\w* )?стаж|опыт работы|лет (работы|стажа)"),
    ("category", r"категори|^кв кат"),
    ("directions", r"^направл"),
    ("kind", r"^(кто это|статус участника|вид участника|кто такой)"),
    ("post", r"^должност|^кем работает|^специальност|^преподаваемый предмет|^предмет$"),
    ("sites", r"площадк|место (работы|учебы|занятий)|корпус|филиал|^адрес|подразделен|отдел$|^отдел"),
    ("format", r"формат|способ (общ|встреч)|^очно"),
    (
        "name",
        r"^ф ?и ?о|фио$|фамилия (имя|и )|полное имя|^имя (и )?фамилия"
        r"|^(наставник|наставляем\w+|педагог|сотрудник|работник|участник|учащ\w+|ученик|студент)$",
    ),
)  # fmt: skip
FIELDS = tuple(field for field, _ in _PATTERNS if field not in ("number", "age", "since", "results"))
_KNOWN = tuple((field, re.compile(pattern)) for field, pattern in _PATTERNS)
_MENTORS = re.compile(r"наставник(и|ов|а|ам)?\b")
_MENTEES = re.compile(r"наставляем|подопечн|молод\w+ (педагог|специалист)")


@lru_cache(maxsize=100_000)
def plain(heading: str) -> str:
    return " ".join(re.sub(r"[^a-zа-я0-9]+", " ", heading.casefold().replace("ё", "е")).split())


def field_of(heading: str) -> str | None:
    """None for a heading that says nothing to us; ``IGNORED`` for one whose column is not needed."""
    said = plain(heading)
    found = next((field for field, pattern in _KNOWN if pattern.search(said)), None)
    return IGNORED if found in ("number", "age", "since", "results") else found


def columns_of(headings: Sequence[str]) -> dict[int, str]:
    """{column: field}, a field once: the first heading that means it."""
    columns: dict[int, str] = {}
    for at, heading in enumerate(headings):
        field = field_of(heading) if heading else None
        if field and field not in columns.values():
            columns[at] = field
    if "last_name" in columns.values():
        columns = {at: field for at, field in columns.items() if field != "name"}
    return columns


def header_of(lines: Sequence[Line]) -> int | None:
    """The index of the line that is most of all a header, or None where no line names a person's column."""
    best, most = None, 0
    for index, (_, cells) in enumerate(lines[:DEEPEST]):
        fields = set(columns_of(cells).values())
        if {"name", "last_name"} & fields and len(fields) + sum(map(bool, cells)) > most:
            best, most = index, len(fields) + sum(map(bool, cells))
    return best


def role_of(sheet: str, above: Sequence[str], fields: Sequence[str], headings: Sequence[str]) -> str:
    """Whose list it is, by its title, its name and its columns; "nobody" for a plain list of staff."""
    for said in (*above, sheet, *headings[:3]):
        if _MENTEES.search(plain(said)):
            return "mentee"
        if _MENTORS.search(plain(said)):
            return "mentor"
    if {"can", "places"} & set(fields):
        return "mentor"
    return "mentee" if {"needs", "wishes"} & set(fields) else "nobody"
