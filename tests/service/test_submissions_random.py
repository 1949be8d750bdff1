"""Random questionnaires, answers, retries, Backs, tabs, new versions and ends: no answer is lost, none is doubled."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from itertools import count
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select
from starlette.datastructures import FormData

import forms
from service import queries, seals
from service.tables import Person, QuestionnaireVersion, Submission, Wave, now
from tests.factories import World
from tests.forms.random_definitions import definitions
from tests.service.questioned import Respondent, survey
from tests.service.test_submissions import Form

STEPS = (
    "open",
    "type",
    "type",
    "next",
    "next",
    "back",
    "check",
    "check",
    "send",
    "send",
    "again",
    "version",
    "end",
    "here",
)
TYPED = ["5", "Слово", "2026-09-01", "10:30", "a@b.ru", "+7 900 000-00-00", "мусор & <b>", "0,5"]
OURS = {"ticket", "page", "go", "-shown"}
_numbers = count(1)


@dataclass
class Story:
    """One person, their tabs, and what has to be kept by now: ``sent`` by the page's key and its answers."""

    world: World
    data: st.DataObject
    person_id: int
    wave_id: int
    tabs: list[Respondent]
    sent: dict[tuple[str, str], Any] = field(default_factory=dict)
    last: tuple[str, str] | None = None
    ended: bool = False
    changed: bool = False

    def draw(self, strategy: st.SearchStrategy[Any]) -> Any:
        return self.data.draw(strategy)

    def tab(self) -> Respondent:
        tab: Respondent = self.draw(st.sampled_from(self.tabs))
        return tab

    # --- what may happen

    def happens(self, step: str) -> None:
        if step == "open" and not self.ended:
            self.tabs.append(self.tabs[0].copy().open())
        elif step == "type":
            self._type(self.tab())
        elif step == "version":
            self._new_version()
        elif step == "end":
            self._end(
                self.draw(st.sampled_from([timedelta(days=1), timedelta(minutes=-5), timedelta(hours=-1)]))
            )
        elif step == "again":
            self._again(self.tab())
        elif step not in ("open", "end"):
            self._press(self.tab(), step)

    def _type(self, tab: Respondent) -> None:
        chance = Random(self.draw(st.integers(0, 2**32)))
        for name, offered in inputs_of(tab.page).items():
            if chance.random() < 0.8:
                tab.form[name] = [chance.choice(sorted(offered) or TYPED)]

    def _press(self, tab: Respondent, go: str) -> None:
        if not tab.form and not self.ended:
            tab.open()  # after the receipt
        sent = tab.form | {"go": [go]}
        tab.sent_last = sent  # type: ignore[attr-defined]
        tab.press(go)
        self._judge(tab, sent, go)
        if self.draw(st.integers(0, 3)) == 0:
            self._again(tab)

    def _again(self, tab: Respondent) -> None:
        """The network has lost the reply: the browser sends the same once more."""
        sent: Form | None = getattr(tab, "sent_last", None)
        if sent:
            before = (tab.status, tab.heading)
            tab.form = {name: values for name, values in sent.items() if name != "go"}
            tab.press(sent["go"][0])
            self._judge(tab, sent, sent["go"][0])
            assert self.ended or (tab.status, tab.heading) == before

    def _new_version(self) -> None:
        definition = self.draw(definitions())
        self.changed = True
        with self.world.database.writing(self.world.organisation_id) as session:
            wave = session.get_one(Wave, self.wave_id)
            known = select(QuestionnaireVersion).where(QuestionnaireVersion.hash == definition.hash)
            version = session.exec(known).first() or QuestionnaireVersion(
                questionnaire_id=wave.questionnaire_id, hash=definition.hash, definition=definition.to_json()
            )
            session.add(version)
            session.flush()
            wave.version_id = version.id

    def _end(self, by: timedelta) -> None:
        self.ended = by < timedelta(0)
        with self.world.database.writing(self.world.organisation_id) as session:
            session.get_one(Wave, self.wave_id).closes_at = now() + by

    # --- what must hold

    def _judge(self, tab: Respondent, sent: Form, go: str) -> None:
        assert tab.status in (200, 422, 410), tab.status
        if go == "send" and tab.status == 200 and not tab.form:
            self._received(sent)
            return
        for name, values in sent.items():
            if name not in OURS:
                assert lasting(values) <= lasting(tab.form.get(name, [])), (go, name, values)
        if go != "send" and not self.ended:
            reopened = tab.copy().open()
            kept = {name for name in sent if not self.changed or name in reopened.form} - OURS
            assert all(lasting(sent[name]) <= lasting(reopened.form.get(name, [])) for name in kept)

    def _received(self, sent: Form) -> None:
        secret, link = self.world.settings.secret_key, self.tabs[0].path.removeprefix("/q/")
        ticket = seals.open_ticket(secret, seals.link_key(secret, link) or "", sent["ticket"][0])
        assert ticket
        with self.world.database.reading(self.world.organisation_id) as session:
            version = session.get_one(QuestionnaireVersion, ticket.version_id)
            others = queries.choices_of_people(session, but=session.get_one(Person, self.person_id))
        pairs: Any = [(name, value) for name, values in sent.items() for value in values]
        answers = forms.build(forms.parse(version.definition), others).bind(FormData(pairs)).answers()
        key = ticket.key, repr(sorted(answers.items()))
        if key not in self.sent:
            self.last = key
        self.sent[key] = (ticket.version_id, answers)

    def ends_well(self) -> None:
        with self.world.database.reading(self.world.organisation_id) as session:
            rows = session.exec(
                select(Submission).where(Submission.wave_id == self.wave_id).order_by(col(Submission.id))
            ).all()
        assert {(row.key, repr(sorted(row.answers.items()))) for row in rows} == set(self.sent)
        assert len(rows) == len(self.sent)
        assert [(row.version_id, row.answers) for row in rows if row.replaced_at is None] == (
            [self.sent[self.last]] if self.last else []
        )


def lasting(values: list[str]) -> set[str]:
    return {value for value in values if value.strip()}


def inputs_of(page: str) -> dict[str, set[str]]:
    """The names that can be filled in on the page, with the values that are offered; none where one types."""
    found: dict[str, set[str]] = {}
    for tag in re.findall(r"<input\b[^>]*>", page):
        facts = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if facts.get("type") in ("radio", "checkbox"):
            found.setdefault(facts["name"], set()).add(unescape(facts["value"]))
        elif facts.get("type") not in ("hidden", "file"):
            found[facts["name"]] = set()
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        found[name] = set(map(unescape, re.findall(r'value="([^"]+)"', options)))
    found |= {name: set() for name in re.findall(r'<textarea[^>]*name="([^"]+)"', page)}
    return {name: offered for name, offered in found.items() if not name.endswith("-remove")}


@pytest.mark.slow
@given(data=st.data())
@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.generate],  # a failing story is short enough to be read as it is
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_happens_no_answer_is_lost_or_doubled(world: World, data: st.DataObject) -> None:
    number = next(_numbers)
    definition = data.draw(definitions()).to_json() | {"key": f"q{number}"}
    person_id = world.person(f"Петрова{number} Анна Ильинична", "mentee")
    world.says(person_id)
    wave_id = survey(world, definition)
    tab = Respondent(world, world.link(wave_id, person_id)).open()
    story = Story(world, data, person_id, wave_id, [tab])

    for step in data.draw(st.lists(st.sampled_from(STEPS), min_size=4, max_size=16)):
        story.happens(step)

    story.ends_well()
