"""Terms of the law by the Russian working calendar; the days are data to be edited (calendar.json)."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

DAY = timedelta(days=1)
DESTROY_DAYS, ANSWER_WORKING_DAYS = 30, 10  # 152-FZ: art. 21 part 5, art. 20 part 1
ALARM_DAYS, LAST_ALARM_DAYS = 5, 1
CALENDAR: dict[str, Any] = json.loads(Path(__file__).with_name("calendar.json").read_text("utf-8"))


def is_working(day: date) -> bool:
    """In a year that the data do not know, weekdays are."""
    known = CALENDAR["years"].get(str(day.year), {"off": (), "working": ()})
    written = f"{day:%m-%d}"
    return written in known["working"] or (day.weekday() < 5 and written not in known["off"])


def working_days_after(day: date, number: int) -> date:
    """The last day of a term of so many working days; the day of the event is not counted."""
    while number:
        day += DAY
        number -= is_working(day)
    return day


def destroy_by(received: date) -> date:
    """The last working day within the term: what falls on a holiday is done before it, not after."""
    day = received + timedelta(days=DESTROY_DAYS)
    while not is_working(day):
        day -= DAY
    return day


def answer_by(received: date) -> date:
    return working_days_after(received, ANSWER_WORKING_DAYS)


def alarm(due_on: date, today: date) -> str | None:
    """ "soon" five days before, "last" on the day before and that day, "late" afterwards."""
    left = (due_on - today).days
    if left < 0:
        return "late"
    if left <= LAST_ALARM_DAYS:
        return "last"
    return "soon" if left <= ALARM_DAYS else None
