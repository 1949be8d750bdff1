"""Series: waves that open by themselves, in the organisation's time; a day that was slept through is made up for."""

from __future__ import annotations

import logging
from calendar import monthrange
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import get_month_names
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from service import ballots
from service.database import EVERY_ORGANISATION, Database
from service.errors import Refusal
from service.questionnaires import actions
from service.questionnaires.results.reading import ended
from service.tables import Organisation, Questionnaire, Series, Wave, now

MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
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


def next_day(series: Series, today: date) -> date:
    latest = latest_due(series, today)
    return series.starts_on if latest is None else day_of(series, latest + 1)


def title_of(series: Series, number: int) -> str:
    day = day_of(series, number)
    month = get_month_names("wide", "stand-alone", "ru")[day.month]
    words = {"{month}": month, "{year}": str(day.year), "{number}": str(number + 1)}
    title = series.title
    for place, word in words.items():
        title = title.replace(place, word)
    return title


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
        number = latest_due(series, now().astimezone(ZoneInfo(zone)).date())
        if number is not None:
            try:
                with database.writing(series.organisation_id) as session:
                    _open(database, session, series, number, ZoneInfo(zone))
            except IntegrityError:
                continue
            except Refusal as refusal:  # its questionnaire has changed: no other series waits for that
                _log.warning("series %s could not open a wave: %s", series.id, type(refusal).__name__)


def _open(database: Database, session: Session, series: Series, number: int, zone: ZoneInfo) -> None:
    day = day_of(series, number)
    opens_at = datetime.combine(day, OPENS, zone)
    closes_at = datetime.combine(day + timedelta(days=series.days - 1), CLOSES, zone)
    there = select(Wave.id).where(Wave.series_id == series.id, Wave.due_on == day)
    if not opens_at <= now() < closes_at or session.exec(there).first():
        return
    rules = actions.Rules(series.mode, series.threshold, series.audience, series.id, day)
    questionnaire = session.get_one(Questionnaire, series.questionnaire_id)
    wave = actions.open_wave(session, questionnaire, title_of(series, number), opens_at, closes_at, rules)
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
    """No wave is opened until it goes on; those that were missed meanwhile are not made up for."""
    series.paused_at = series.paused_at or now()


def go_on(series: Series) -> None:
    series.paused_at = None


def waves_of(session: Session, series: Series) -> list[Wave]:
    return list(
        session.exec(select(Wave).where(Wave.series_id == series.id).order_by(col(Wave.due_on))).all()
    )
