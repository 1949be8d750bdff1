"""Both banks and the register of pairs in the columns that the target model of mentoring recommends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

import forms
from forms.enumerations import FORMS, KINDS
from service import queries
from service.i18n import translate
from service.queries import Member
from service.sheets import Cell, Sheet
from service.tables import Assignment, AssignmentOrder, Person, Team, TeamMember

MENTORS = (
    "№", "ФИО", "Контакты", "Место работы (учёбы)", "Должность", "Основные компетенции",
    "Важные для программы достижения", "Интересы", "Желаемый возраст наставляемых", "Ресурс времени, часов в неделю",
    "Дата вхождения в программу", "ФИО наставляемого (наставляемых)", "Форма наставничества",
    "Место работы (учёбы) наставляемого", "Дата завершения", "Результаты программы", "Ссылка на кейс или отзыв",
)  # fmt: skip
MENTEES = (
    "№", "ФИО", "Контакты", "Дата рождения", "Должность", "Основной запрос", "Дата вхождения в программу",
    "ФИО наставника", "Форма наставничества", "Место работы (учёбы) наставника", "Дата завершения",
    "Результаты программы", "Ссылка на кейс или отзыв", "Отметка о прохождении программы",
)  # fmt: skip
PAIRS = (
    "№", "Приказ", "Наставник", "Наставляемый", "Группа", "Форма", "Вид", "Тема, запрос", "С", "По",
    "Программа утверждена", "Состояние", "Дата завершения", "Итог", "Практика в методической копилке",
)  # fmt: skip
Pair = tuple[Assignment, Person]  # with the other side


def bank(session: Session, role: str, zone: ZoneInfo) -> Sheet:
    """Those in the bank now, but for whoever has refused or withdrawn consent."""
    pairs = _pairs(session, role)
    members = [
        member
        for member in queries.members(session, role)
        if not member.membership.withdrawn_at
        and member.person.confirmed_at
        and member.consent not in ("refused", "withdrawn")
    ]
    line = _mentor if role == "mentor" else _mentee
    rows = (
        (number, *line(member, pairs[member.person.id], zone))
        for number, member in enumerate(members, start=1)
    )
    if role == "mentor":
        return Sheet("База наставников", MENTORS, rows)
    return Sheet("База наставляемых", MENTEES, rows)


def _pairs(session: Session, role: str) -> dict[int, list[Pair]]:
    """person id → their pairs as ``role``, the earliest first."""
    mine, theirs = (
        (Assignment.mentor_id, Assignment.mentee_id)
        if role == "mentor"
        else (Assignment.mentee_id, Assignment.mentor_id)
    )
    pairs: dict[int, list[Pair]] = defaultdict(list)
    asked = select(Assignment, Person).join(Person, col(Person.id) == col(theirs))
    for assignment, other in session.exec(asked.order_by(col(Assignment.id))).all():
        pairs[assignment.mentor_id if mine is Assignment.mentor_id else assignment.mentee_id].append(
            (assignment, other)
        )
    return pairs


def _mentor(member: Member, pairs: Sequence[Pair], zone: ZoneInfo) -> Iterator[Cell]:
    profile = member.profile
    yield from (member.person.name, member.person.contact, ", ".join(member.person.sites), member.person.post)
    yield _topics(profile.get("competences"))
    yield ""
    yield str(profile.get("topics") or "")
    yield ""
    yield profile.get("hours_per_week")
    yield _day(member.membership.created_at, zone)
    yield "; ".join(other.name for _, other in pairs)
    yield _forms(pairs)
    yield "; ".join(dict.fromkeys(site for _, other in pairs for site in other.sites))
    yield _ends(pairs, zone)
    yield from ("", "")


def _mentee(member: Member, pairs: Sequence[Pair], zone: ZoneInfo) -> Iterator[Cell]:
    profile = member.profile
    yield from (
        member.person.name,
        member.person.contact,
        _day(member.person.birth_date, zone),
        member.person.post,
    )
    yield str(profile.get("request") or "") or _topics(profile.get("needs"))
    yield _day(member.membership.created_at, zone)
    yield "; ".join(other.name for _, other in pairs)
    yield _forms(pairs)
    yield "; ".join(dict.fromkeys(site for _, other in pairs for site in other.sites))
    yield _ends(pairs, zone)
    yield from ("", "")
    yield "пройдена" if pairs and all(assignment.ended_at for assignment, _ in pairs) else ""


def _topics(levels: object) -> str:
    named = levels if isinstance(levels, dict) else {}
    foremost = sorted(
        (code for code, level in named.items() if str(level) in "23"), key=lambda code: str(code)
    )
    return "; ".join(forms.competences().get(code, code) for code in foremost)


def _forms(pairs: Sequence[Pair]) -> str:
    return "; ".join(dict.fromkeys(translate(dict(FORMS)[assignment.form]) for assignment, _ in pairs))


def _ends(pairs: Sequence[Pair], zone: ZoneInfo) -> str:
    return "; ".join(_day(assignment.ended_at or assignment.ends_on, zone) for assignment, _ in pairs).strip(
        "; "
    )


def _day(value: date | datetime | None, zone: ZoneInfo) -> str:
    if value is None:
        return ""
    return f"{value.astimezone(zone) if isinstance(value, datetime) else value:%d.%m.%Y}"


def pairs(session: Session, zone: ZoneInfo) -> Sheet:
    """Every pair that was ever approved, in that order."""
    names = queries.names(session)
    groups = dict(
        session.exec(
            select(TeamMember.person_id, Team.name).join(Team, col(Team.id) == col(TeamMember.team_id))
        ).all()
    )
    approved = dict(session.exec(select(AssignmentOrder.id, AssignmentOrder.approved_at)).all())
    listed = session.exec(select(Assignment).order_by(col(Assignment.id))).all()
    rows = (
        (number, *_pair(assignment, names, groups, approved.get(assignment.order_id or 0), zone))
        for number, assignment in enumerate(listed, start=1)
    )
    return Sheet("Реестр пар", PAIRS, rows)


def _pair(
    pair: Assignment, names: dict[int, str], groups: dict[int, str], ordered: datetime | None, zone: ZoneInfo
) -> Iterator[Cell]:
    yield f"проект от {_day(ordered, zone)}" if ordered else ""
    yield from (names[pair.mentor_id], names[pair.mentee_id], groups.get(pair.mentee_id, ""))
    yield from (translate(dict(FORMS)[pair.form]), translate(dict(KINDS)[pair.kind]), pair.topic)
    yield from (_day(pair.starts_on, zone), _day(pair.ends_on, zone), "")
    yield "завершена" if pair.ended_at else "действует" if ordered else "ждёт приказа"
    yield from (_day(pair.ended_at, zone), "", "")
