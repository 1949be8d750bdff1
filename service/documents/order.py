"""What an order says, as plain values: these names, and nothing else, are the fields of a template.

The number, the date and the signatures are human acts: they are not here and stay blank.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pair:
    """A row of annex 1."""

    number: int
    mentor: str
    mentor_post: str
    mentee: str
    mentee_post: str
    form: str
    kind: str
    topic: str
    term: str
    reporting: str


@dataclass(frozen=True)
class Reader:
    """A row of the acquaintance sheet."""

    number: int
    name: str
    post: str


@dataclass(frozen=True)
class OrderDraft:
    """``project`` marks what is not final; ``checked`` says which runs were checked, and of what exactly."""

    project: bool
    founder_line: str
    full_name: str
    short_name: str
    place: str
    heading: str
    preamble: str
    items: tuple[str, ...]
    pairs: tuple[Pair, ...]
    head_post: str
    head_signature: str
    readers: tuple[Reader, ...]
    checked: str


SAMPLE = OrderDraft(
    project=True,
    founder_line="Администрация района",
    full_name="Государственное бюджетное учреждение дополнительного образования Дом детского творчества",
    short_name="ГБУ ДО ДДТ",
    place="Санкт-Петербург",
    heading="О закреплении наставнических пар и групп",
    preamble="В соответствии со статьёй 351.8 Трудового кодекса Российской Федерации",
    items=("Закрепить наставнические пары согласно приложению 1.", "Контроль оставляю за собой."),
    pairs=tuple(
        Pair(
            number=number,
            mentor="Иванова Анна Сергеевна",
            mentor_post="методист",
            mentee="Петров & <Сыновья> Илья Ильич",
            mentee_post="педагог дополнительного образования",
            form="педагог – педагог",
            kind="традиционное",
            topic="Современные образовательные технологии",
            term="с 01.12.2026 по 31.05.2027",
            reporting="отчёт раз в полугодие",
        )
        for number in (1, 2)
    ),
    head_post="Директор",
    head_signature="И.И. Смирнова",
    readers=(Reader(1, "Иванова Анна Сергеевна", "методист"), Reader(2, "Петров Илья Ильич", "педагог")),
    checked="Подбор № 7 проверен независимо, SHA-256 0123456789abcdef.",
)
