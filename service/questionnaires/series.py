"""Series: waves that open by themselves, in the organisation's time; a day that was slept through is made up for.

A series goes by the calendar, or «on completion»: then a wave asks the people of the pairs that have ended since its
first day, each pair once; an anonymous one waits until they are enough to hide among.
"""

from __future__ import annotations

import logging
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import get_month_names
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, or_, select

from service import ballots
from service.database import EVERY_ORGANISATION, Database
from service.errors import Refusal
from service.questionnaires import actions
from service.questionnaires.results.reading import ended
from service.tables import Assignment, Organisation, PairAsked, Questionnaire, Series, Wave, now

MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
ON_COMPLETION = "on_completion"
_log = logging.getLogger("nastavnik.series")
OPENS, CLOSES = time(9), time(23, 59)


def day_of(series: Series, number: int) -> date:
    """When the wave with this number, from 0 on, is due; the 31st is the last day of a shorter month."""
    months = series.starts_on.month - 1 + number * MONTHS[series.rhythm]
    year, month = series.starts_on.year + months // 12, months % 12 + 1
    return date(year, month, min(series.starts_on.day, monthrange(year, month)[1]))


def latest_due(series: Series, today: date) -> int | None:
    """The number of the last wave that is due by ``today``."""
    if today < series.starts_on:
        return None
    months = (today.year - series.starts_on.year) * 12 + today.month - series.starts_on.month
    number = months // MONTHS[series.rhythm]
    return number if day_of(series, number) <= today else number - 1


def next_day(series: Series, today: date) -> date | None:
    """None for a series on completion: nobody knows."""
    if series.rhythm == ON_COMPLETION:
        return None
    latest = latest_due(series, today)
    return series.starts_on if latest is None else day_of(series, latest + 1)


def title_of(series: Series, day: date, number: int) -> str:
    """``number`` counts from 0."""
    month = get_month_names("wide", "stand-alone", "ru")[day.month]
    words = {"{month}": month, "{year}": str(day.year), "{number}": str(number + 1)}
    title = series.title
    for place, word in words.items():
        title = title.replace(place, word)
    return title


# --- on completion


def completed(session: Session, series: Series, here: datetime) -> list[Assignment]:
    """Pairs that have ended between the series' first day and today, and that it has not asked yet. ``here`` is now,
    in the organisation's zone."""
    asked = select(PairAsked.assignment_id).where(PairAsked.series_id == series.id)
    over = or_(col(Assignment.ended_at).is_not(None), col(Assignment.ends_on) < here.date())
    pairs = session.exec(
        select(Assignment).where(over, col(Assignment.id).not_in(asked)).order_by(col(Assignment.id))
    ).all()
    return [pair for pair in pairs if _ended_between(pair, series.starts_on, here)]


def _ended_between(pair: Assignment, first: date, here: datetime) -> bool:
    """Not a pair that was called off before it began."""
    ended_on = pair.ended_at.astimezone(here.tzinfo).date() if pair.ended_at else pair.ends_on
    return ended_on is not None and max(first, pair.starts_on or first) <= ended_on < here.date()


def waiting(session: Session, series: Series, here: datetime) -> int:
    """How many people the next wave would ask."""
    return len(_people(session, series, completed(session, series, here)))


def _people(session: Session, series: Series, pairs: list[Assignment]) -> set[int]:
    questionnaire = session.get_one(Questionnaire, series.questionnaire_id)
    return actions.people_of(pairs, questionnaire.role or series.audience)


# --- opening


@dataclass(frozen=True)
class Due:
    """A wave that is to be open: its day, its ``number`` from 0, and the ``pairs`` whose people it asks."""

    day: date
    number: int
    pairs: tuple[int, ...] = ()


def open_due(database: Database) -> None:
    """Open what is due and still goes on, once; whoever else does this at the same moment has done it."""
    with database.reading(EVERY_ORGANISATION) as session:
        running = session.exec(
            select(Series, Organisation.zone)
            .join(Organisation, col(Organisation.id) == col(Series.organisation_id))
            .where(col(Series.paused_at).is_(None))
        ).all()
        session.expunge_all()
    for series, zone in running:
        try:
            with database.writing(series.organisation_id) as session:
                _attend(database, session, session.get_one(Series, series.id), ZoneInfo(zone))
        except IntegrityError:
            continue
        except Refusal as refusal:  # its questionnaire has changed: no other series waits for that
            _log.warning("series %s cannot open a wave: %s", series.id, type(refusal).__name__)
            with database.writing(series.organisation_id) as session:
                _tell(session.get_one(Series, series.id), refusal)


def _attend(database: Database, session: Session, series: Series, zone: ZoneInfo) -> None:
    """What would keep a wave from opening is told before its day."""
    questionnaire = session.get_one(Questionnaire, series.questionnaire_id)
    actions.refuse_mode(session, questionnaire, series.mode)
    due = _due(session, series, now().astimezone(zone))
    if due:
        _open(database, session, series, due, zone)
    series.obstacle = series.obstacle_since = None


def _tell(series: Series, refusal: Refusal) -> None:
    series.obstacle = f"{refusal.message} {refusal.advice}"
    series.obstacle_since = series.obstacle_since or now()


def _due(session: Session, series: Series, here: datetime) -> Due | None:
    if series.rhythm == ON_COMPLETION:
        return _due_on_completion(session, series, here)
    number = latest_due(series, here.date())
    return None if number is None else Due(day_of(series, number), number)


def _due_on_completion(session: Session, series: Series, here: datetime) -> Due | None:
    pairs = completed(session, series, here)
    enough = series.threshold if series.mode == "anonymous" else 1
    if len(_people(session, series, pairs)) < enough:
        return None
    return Due(here.date(), len(waves_of(session, series)), tuple(pair.id for pair in pairs))


def _open(database: Database, session: Session, series: Series, due: Due, zone: ZoneInfo) -> None:
    opens_at = datetime.combine(due.day, OPENS, zone)
    closes_at = datetime.combine(due.day + timedelta(days=series.days - 1), CLOSES, zone)
    there = select(Wave.id).where(Wave.series_id == series.id, Wave.due_on == due.day)
    if not opens_at <= now() < closes_at or session.exec(there).first():
        return
    rules = actions.Rules(series.mode, series.threshold, series.audience, series.id, due.day, due.pairs)
    questionnaire = session.get_one(Questionnaire, series.questionnaire_id)
    title = title_of(series, due.day, due.number)
    wave = actions.open_wave(session, questionnaire, title, opens_at, closes_at, rules)
    actions.provide_tickets(database, session, wave)


def seal_ended(database: Database) -> None:
    """Anonymous answers lose what was left of their order when their wave has ended."""
    for wave_id in ballots.unsealed(database):
        with database.reading(EVERY_ORGANISATION) as session:
            wave = session.get(Wave, wave_id)
        if wave and ended(wave):
            ballots.seal(database, wave_id)


def start(session: Session, series: Series) -> Series:
    """A series for a questionnaire that may be asked in its mode."""
    questionnaire = session.get_one(Questionnaire, series.questionnaire_id)
    actions.refuse_mode(session, questionnaire, series.mode)
    session.add(series)
    session.flush()
    return series


def pause(series: Series) -> None:
    """No wave is opened until it goes on; days that were missed meanwhile are not made up for, pairs are."""
    series.paused_at = series.paused_at or now()


def go_on(series: Series) -> None:
    series.paused_at = None


def waves_of(session: Session, series: Series) -> list[Wave]:
    return list(
        session.exec(select(Wave).where(Wave.series_id == series.id).order_by(col(Wave.due_on))).all()
    )
