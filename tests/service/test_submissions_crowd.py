"""A wave's common link is open to everybody: people come in, machines do not, and a crowd waits its turn."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from service import seals
from service.seals import Ticket
from service.submissions import crowd
from service.tables import Link, Person, Wave, now
from tests.factories import World
from tests.service.questioned import SURVEY, people_of, survey
from tests.service.test_submissions import form_of

CARD = {"last_name": ["Новикова"], "first_name": ["Ольга"], "post": ["методист"]}


def common(world: World, newcomers: int = 0) -> str:
    """The common link of a wave that so many have come by in the last minutes."""
    wave_id = survey(world, SURVEY)
    with world.database.writing(world.organisation_id) as session:
        for number in range(newcomers):
            person = Person(last_name="Н", first_name="Я", sort_name="н", cases={})
            session.add(person)
            session.flush()
            session.add(Link(key=f"{world.organisation_id}-{number}", wave_id=wave_id, person_id=person.id))
    return f"{world.link(wave_id)}/introduction"


def test_a_field_that_only_machines_see_stops_them_and_a_person_goes_on(world: World) -> None:
    path = common(world)
    fields = form_of(world.client.get(path).text) | CARD

    stopped = world.client.post(path, data=fields | {"website": ["http://casino"]})

    assert stopped.status_code == 422
    assert people_of(world) == []
    assert form_of(stopped.text)["last_name"] == ["Новикова"]
    assert world.client.post(path, data=form_of(stopped.text)).status_code == 303


def test_a_whole_school_behind_one_address_comes_in_at_once(world: World) -> None:
    path = common(world, crowd.UNNOTICED - 1)
    assert world.client.post(path, data=form_of(world.client.get(path).text) | CARD).status_code == 303


def test_a_crowd_waits_in_a_queue_that_opens_by_itself(world: World) -> None:
    path = common(world, crowd.UNNOTICED)
    queue = world.client.get(path)
    assert "Страница откроется сама через" in queue.text
    seconds, _, there = queue.headers["refresh"].partition("; url=")
    assert 0 < int(seconds) <= crowd.WAIT_SECONDS
    assert "Страница откроется сама через" in world.client.get(there).text, "before the time"
    waited = ticket_of(world, path, timedelta(seconds=crowd.WAIT_SECONDS))

    page = world.client.get(f"{path}?ticket={waited}")

    assert world.client.post(path, data=form_of(page.text) | CARD).status_code == 303


def ticket_of(world: World, path: str, ago: timedelta) -> str:
    token = path.split("/")[2]
    key = seals.link_key(world.settings.secret_key, token)
    with world.database.reading(world.organisation_id) as session:
        version = session.exec(select(Wave.version_id)).one()
    return seals.new_ticket(world.settings.secret_key, key or "", version, now() - ago)


def test_what_was_typed_before_the_crowd_came_waits_in_the_queue(world: World) -> None:
    path = common(world, crowd.UNNOTICED)
    fields = CARD | {"ticket": [ticket_of(world, path, timedelta(0))], "work": [""]}

    queue = world.client.post(path, data=fields)

    assert queue.status_code == 429
    assert form_of(queue.text)["last_name"] == ["Новикова"]
    later = form_of(queue.text) | {"ticket": [ticket_of(world, path, timedelta(seconds=crowd.WAIT_SECONDS))]}
    assert world.client.post(path, data=later).status_code == 303


@pytest.mark.parametrize("many", [crowd.UNNOTICED, crowd.MOST])
def test_a_bit_of_work_is_as_good_as_the_wait(world: World, many: int) -> None:
    path = common(world, many)
    ticket = ticket_of(world, path, timedelta(0))
    opened = Ticket(ticket.partition(".")[0], 0, now())
    work = next(str(number) for number in range(2**20) if crowd.worked(opened, str(number)))

    assert world.client.post(path, data=CARD | {"ticket": [ticket], "work": ["1"]}).status_code == 429
    assert world.client.post(path, data=CARD | {"ticket": [ticket], "work": [work]}).status_code == 303


def test_beyond_all_measure_waiting_alone_lets_nobody_in(world: World) -> None:
    path = common(world, crowd.MOST)
    waited = ticket_of(world, path, timedelta(seconds=crowd.WAIT_SECONDS))

    assert "Страница откроется сама через" in world.client.get(f"{path}?ticket={waited}").text
    assert world.client.post(path, data=CARD | {"ticket": [waited]}).status_code == 429
