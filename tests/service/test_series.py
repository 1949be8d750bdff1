"""Series: waves open by themselves, in the organisation's own time, once, and what was slept through is made up for."""

from __future__ import annotations

from datetime import UTC, date, datetime
from threading import Event

import pytest
from sqlmodel import col, select

import forms
from service import ballots
from service.consents import retention
from service.errors import Conflict
from service.jobs import Engine
from service.people.importing import actions as imports
from service.questionnaires import actions, series
from service.questionnaires.actions import Rules
from service.submissions import drafts
from service.tables import Organisation, Questionnaire, Series, Wave
from service.worker import DUTIES
from tests.factories import Browser, World
from tests.service.test_ballots import SURVEY, close, open_anonymous
from tests.service.test_results import DEFINITION, answered, says
from tests.service.test_submissions import form_of


class Clock:
    """The moment that it is for the service."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.patch = patch

    def says(self, year: int, month: int, day: int, hour: int, minute: int = 0) -> None:
        at = datetime(year, month, day, hour, minute, tzinfo=UTC)
        for module in (series, actions):
            self.patch.setattr(module, "now", lambda: at)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def started(
    world: World, rhythm: str = "monthly", starts_on: date = date(2026, 1, 31), mode: str = "named"
) -> int:
    with world.database.writing(world.organisation_id) as session:
        questionnaire = actions.add_questionnaire(session, DEFINITION)
        row = Series(
            questionnaire_id=questionnaire.id,
            title="Потребности, {month} {year} (№ {number})",
            rhythm=rhythm,
            starts_on=starts_on,
            days=7,
            mode=mode,
        )
        return series.start(session, row).id


def waves(world: World) -> list[Wave]:
    with world.database.reading(world.organisation_id) as session:
        return list(session.exec(select(Wave).order_by(col(Wave.due_on))).all())


def of_rhythm(rhythm: str, starts_on: date) -> Series:
    return Series(questionnaire_id=1, title="Опрос", rhythm=rhythm, starts_on=starts_on, days=7)


def test_the_last_day_of_a_month_stays_the_last_day() -> None:
    monthly = of_rhythm("monthly", date(2026, 1, 31))
    assert [series.day_of(monthly, at).isoformat() for at in (0, 1, 2, 13)] == [
        *("2026-01-31", "2026-02-28", "2026-03-31", "2027-02-28"),
    ]
    assert series.latest_due(monthly, date(2026, 1, 30)) is None
    assert series.latest_due(monthly, date(2026, 2, 27)) == 0
    assert series.latest_due(monthly, date(2026, 2, 28)) == 1
    yearly = of_rhythm("yearly", date(2024, 2, 29))
    assert series.day_of(yearly, 1) == date(2025, 2, 28)
    quarterly = of_rhythm("quarterly", date(2026, 11, 15))
    assert series.next_day(quarterly, date(2026, 11, 15)) == date(2027, 2, 15)


def test_a_wave_opens_at_nine_in_the_organisations_time_and_only_once(world: World, clock: Clock) -> None:
    person = world.person("Петрова Анна Ильинична", "mentee")
    with world.database.writing(world.organisation_id) as session:
        session.get_one(Organisation, world.organisation_id).zone = "Asia/Vladivostok"
    started(world)
    clock.says(2026, 1, 30, 22, 59)
    series.open_due(world.worker)
    assert waves(world) == []
    clock.says(2026, 1, 30, 23, 1)
    for _ in range(3):
        series.open_due(world.worker)
    [wave] = waves(world)
    assert wave.opens_at == datetime(2026, 1, 30, 23, tzinfo=UTC)
    assert wave.closes_at == datetime(2026, 2, 6, 13, 59, tzinfo=UTC)
    assert wave.title == "Потребности, январь 2026 (№ 1)"
    assert world.link(wave.id, person)


def test_what_was_slept_through_opens_late_unless_it_would_be_over(world: World, clock: Clock) -> None:
    started(world)
    clock.says(2026, 3, 3, 12)
    series.open_due(world.worker)
    clock.says(2026, 3, 30, 12)
    series.open_due(world.worker)
    assert [str(wave.due_on) for wave in waves(world)] == ["2026-02-28"]
    clock.says(2026, 4, 2, 12)
    series.open_due(world.worker)
    assert [str(wave.due_on) for wave in waves(world)] == ["2026-02-28", "2026-03-31"]


def test_a_paused_series_opens_nothing_until_it_goes_on(world: World, clock: Clock) -> None:
    row, curator = started(world), world.signed_in(world.curator)
    clock.says(2026, 2, 1, 12)
    assert curator.post(f"/series/{row}/pause").status_code == 303
    series.open_due(world.worker)
    assert waves(world) == []
    assert "приостановлена" in curator.get(f"/series/{row}").text
    assert curator.post(f"/series/{row}/pause").status_code == 303
    series.open_due(world.worker)
    assert len(waves(world)) == 1


def test_an_anonymous_series_has_tickets_for_every_wave_and_ended_ones_are_sealed(
    world: World, clock: Clock
) -> None:
    for at in "абв":
        world.person(f"Петрова{at} Анна Ильинична", "mentee")
    started(world, mode="anonymous")
    clock.says(2026, 2, 1, 12)
    series.open_due(world.worker)
    [wave] = waves(world)
    assert ballots.pool(world.database, wave.id).tickets == 4

    going = open_anonymous(world, people=0)
    for wave_id in (wave.id, going):
        answered(world, wave_id, "12")
    assert sorted(ballots.unsealed(world.database)) == [wave.id, going]
    close(world, wave.id)
    series.seal_ended(world.worker)
    assert ballots.unsealed(world.database) == [going]


def test_a_series_whose_questionnaire_may_not_be_asked_so_any_more_holds_up_no_other(
    world: World, clock: Clock
) -> None:
    started(world, mode="anonymous")
    mail = {"key": "mail", "kind": "email", "label": "Ваша почта?"}
    named = {"key": "named", "title": "Именная", "purpose": "survey", "minutes": 1}
    with world.database.writing(world.organisation_id) as session:
        telling = {**DEFINITION.to_json(), "pages": [{"title": "Кто", "questions": [mail]}]}
        actions.add_questionnaire(session, forms.parse(telling))
        other = actions.add_questionnaire(
            session, forms.parse({**DEFINITION.to_json(), **named, "pages": telling["pages"]})
        )
        row = Series(
            questionnaire_id=other.id, title="Опрос", rhythm="monthly", starts_on=date(2026, 1, 31), days=7
        )
        series.start(session, row)
    clock.says(2026, 2, 1, 12)

    series.open_due(world.worker)

    assert [wave.title for wave in waves(world)] == ["Опрос"]


def test_a_series_of_a_bank_cannot_be_anonymous(world: World) -> None:
    curator = world.signed_in(world.curator)
    with world.database.reading(world.organisation_id) as session:
        bank = session.exec(select(Questionnaire.id).where(Questionnaire.key == "mentee")).one()
    fields = form_of(curator.get("/series/new").text) | {
        "questionnaire_id": [str(bank)],
        "title": ["Потребности, {month}"],
        "mode": ["anonymous"],
    }
    assert curator.post("/series/new", fields).status_code == 409
    to = curator.post("/series/new", fields | {"mode": ["named"]}).headers["location"]
    assert "Следующая волна" in curator.get(to).text


def test_answers_of_the_last_wave_of_a_series_are_offered_in_the_next(world: World) -> None:
    person = world.person("Петрова Анна Ильинична", "mentee")
    world.says(person)
    row = started(world)
    first, second = (in_series(world, row, date(2026, month, 1)) for month in (1, 2))
    says(world, first, person, mood="2", why="Как в прошлый раз")
    page = world.client.get(f"{world.link(second, person)}/answers").text
    assert form_of(page)["why"] == ["Как в прошлый раз"]
    other = in_series(world, started(world, "yearly"), date(2026, 3, 1))
    assert form_of(world.client.get(f"{world.link(other, person)}/answers").text)["why"] == [""]


def in_series(world: World, row: int, due: date) -> int:
    from_factory = world.wave("quality")
    with world.database.writing(world.organisation_id) as session:
        wave = session.get_one(Wave, from_factory)
        wave.series_id, wave.due_on = row, due
        return wave.id


def test_the_trend_shows_every_wave_of_the_series(world: World) -> None:
    curator: Browser = world.signed_in(world.curator)
    row = started(world)
    person = world.person("Петрова Анна Ильинична", "mentee")
    world.says(person)
    for month, mood in ((1, "1"), (2, "3")):
        says(world, in_series(world, row, date(2026, month, 1)), person, mood=mood)
    page = curator.get(f"/series/{row}").text
    assert "Как ответы меняются со временем" in page
    assert "1,0" in page
    assert "3,0" in page


def test_a_mode_that_is_not_offered_is_refused(world: World) -> None:
    with world.database.writing(world.organisation_id) as session:
        survey = actions.add_questionnaire(session, forms.parse(SURVEY))
        with pytest.raises(Conflict, match="режима"):
            actions.refuse_mode(session, survey, Rules("blind").mode)


@pytest.mark.own_database
def test_a_duty_that_fails_keeps_no_other_from_being_done(world: World) -> None:
    done = Event()

    def fails(_database: object) -> None:
        raise ZeroDivisionError

    engine = Engine(world.database, world.settings, {}, [fails, lambda database: done.set()])
    engine.start()
    try:
        assert done.wait(20)
    finally:
        engine.stop()


def test_regular_duties_are_done_by_whoever_does_the_jobs(world: World) -> None:
    done = Event()
    engine = Engine(world.database, world.settings, {}, [lambda database: done.set()])
    engine.start()
    try:
        assert done.wait(20)
    finally:
        engine.stop()
    assert set(DUTIES) == {
        *(series.open_due, series.seal_ended, drafts.forget_ended),
        *(imports.forget, retention.let_go),
    }
