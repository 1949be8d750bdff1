"""People who answer a survey of the tests page by page, as a browser without scripts would."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import unescape
from typing import Any

from sqlmodel import Session, col, select

import forms
from forms.definition import FORMAT
from service.questionnaires import actions
from service.tables import Draft, Person, Questionnaire, QuestionnaireVersion, Series, Submission, Wave, now
from tests.factories import World
from tests.service.test_submissions import Form, form_of

SURVEY: dict[str, Any] = {
    "format": FORMAT,
    "key": "month",
    "title": "Итоги месяца",
    "purpose": "survey",
    "minutes": 3,
    "pages": [
        {
            "title": "Встречи",
            "questions": [
                {"key": "met", "kind": "yes_no", "label": "Вы встречались?", "required": True},
                {"key": "topics", "kind": "multiple", "label": "О чём говорили?", "other": True,
                 "choices": [["plan", "План"], ["lesson", "Занятие"]]},
            ],
        },
        {
            "title": "Почему нет",
            "show_if": "${met} = 'no'",
            "questions": [{"key": "reason", "kind": "long", "label": "Что помешало?", "required": True}],
        },
        {
            "title": "Польза",
            "questions": [
                {"key": "use", "kind": "scale", "label": "Насколько полезно?", "min": 1, "max": 5},
                {"key": "why", "kind": "short", "label": "Почему?", "show_if": "${use} <= 2"},
            ],
        },
        {"title": "Ещё", "questions": [{"key": "more", "kind": "long", "label": "Что добавить?"}]},
    ],
    "translations": {"en": {"title": "The month", "pages.1.title": "Meetings", "met.label": "Did you meet?"}},
}  # fmt: skip


def survey(world: World, definition: dict[str, Any], closes: timedelta = timedelta(days=7)) -> int:
    """A named wave of it, for everybody; its id."""
    with world.database.writing(world.organisation_id) as session:
        questionnaire = actions.add_questionnaire(session, forms.parse(definition))
        wave = actions.open_wave(session, questionnaire, "Ноябрь", now() - timedelta(days=1), now() + closes)
        return wave.id


def respondent(
    world: World, definition: dict[str, Any] = SURVEY, name: str = "Петрова Анна Ильинична"
) -> Respondent:
    """With their consent, before the first page."""
    person_id = world.person(name, "mentee")
    world.says(person_id)
    return Respondent(world, world.link(survey(world, definition), person_id))


@dataclass
class Respondent:
    """``page`` is what they see now, ``form`` what their browser would send of it."""

    world: World
    path: str
    status: int = 0
    page: str = ""
    form: Form = field(default_factory=dict)

    def open(self, query: str = "") -> Respondent:
        return self._see(self.world.client.get(f"{self.path}/answers{query}"))

    def type(self, **answers: Any) -> Respondent:
        """An answer is a text, several, or None: untick it. A hyphen in a name is written as two underscores."""
        for key, value in answers.items():
            name = key.replace("__", "-")
            self.form.pop(name, None)
            if value is not None:
                self.form[name] = value if isinstance(value, list) else [str(value)]
        return self

    def press(self, go: str, **files: Any) -> Respondent:
        sent = {name: values for name, values in self.form.items() if name not in files} | {"go": [go]}
        answer = self.world.client.post(f"{self.path}/answers", data=sent, files=files or None)
        while answer.status_code == 303:
            answer = self.world.client.get(answer.headers["location"])
        return self._see(answer)

    def _see(self, answer: Any) -> Respondent:
        self.status, self.page = answer.status_code, answer.text
        self.form = form_of(answer.text) if '<form method="post"' in answer.text else {}
        return self

    def copy(self) -> Respondent:
        """The same page, left open in another tab."""
        return Respondent(self.world, self.path, self.status, self.page, dict(self.form))

    @property
    def heading(self) -> str:
        return unescape(
            re.sub(r"<[^>]+>", "", re.findall(r"<h1[^>]*>(.*?)</h1>", self.page, re.S)[0])
        ).strip()

    @property
    def mistakes(self) -> list[str]:
        return [unescape(text) for text in re.findall(r'<li><a href="#[^"]+">(.*?)</a>', self.page)]

    def says(self, text: str) -> bool:
        return text in " ".join(unescape(re.sub(r"<[^>]+>", " ", self.page)).split())


def answers_of(world: World) -> list[dict[str, Any]]:
    """What stands now, in the order in which it came."""
    current = select(Submission).where(col(Submission.replaced_at).is_(None)).order_by(col(Submission.id))
    with world.database.reading(world.organisation_id) as session:
        return [row.answers for row in session.exec(current).all()]


def people_of(world: World) -> list[int]:
    with world.database.reading(world.organisation_id) as session:
        return list(session.exec(select(Person.id)).all())


def drafts_of(world: World) -> list[Draft]:
    with world.database.reading(world.organisation_id) as session:
        return list(session.exec(select(Draft)).all())


def again(world: World, days: int = 30) -> int:
    """The last wave ended so long ago; the next one of the same series is open."""
    with world.database.writing(world.organisation_id) as session:
        wave = _last_wave(session)
        series = Series(
            questionnaire_id=wave.questionnaire_id,
            title="{month}",
            rhythm="monthly",
            starts_on=date(2026, 9, 1),
            days=9,
        )
        session.add(series)
        session.flush()
        wave.series_id = series.id
        wave.opens_at, wave.closes_at = (now() - timedelta(days=days + by) for by in (7, 0))
        questionnaire = session.get_one(Questionnaire, wave.questionnaire_id)
        rules, week = actions.Rules(series_id=series.id), timedelta(days=7)
        return actions.open_wave(session, questionnaire, "Декабрь", now() - week, now() + week, rules).id


def _last_wave(session: Session) -> Wave:
    wave = session.exec(select(Wave).order_by(col(Wave.id).desc())).first()
    assert wave
    return wave


def new_version(world: World, definition: dict[str, Any]) -> None:
    """The only wave asks it from now on."""
    parsed = forms.parse(definition)
    with world.database.writing(world.organisation_id) as session:
        wave = _last_wave(session)
        questionnaire = session.get_one(Questionnaire, wave.questionnaire_id)
        version = QuestionnaireVersion(
            questionnaire_id=questionnaire.id, hash=parsed.hash, definition=parsed.to_json()
        )
        session.add(version)
        session.flush()
        wave.version_id = version.id
