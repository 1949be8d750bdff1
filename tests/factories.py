"""A small world for the tests: an organisation, its staff, people in the banks, what they said and sent."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

from sqlmodel import select
from starlette.testclient import TestClient
from starlette.types import ASGIApp

import forms
from service import organisations, seals
from service.accounts import actions as accounts
from service.app import both, create_app, create_public, create_staff
from service.consents import actions as consents
from service.database import EVERY_ORGANISATION, Database
from service.people import actions as people
from service.queries import choices_of_people, consent_text
from service.questionnaires import actions as questionnaires
from service.seals import Ticket
from service.settings import Settings
from service.submissions import actions as submissions
from service.tables import Account, Link, Organisation, Person, Questionnaire, SignIn, Wave, now
from tests.postgres import logged_in

PASSWORD = "correct horse battery"

MENTOR: dict[str, Any] = {
    "post": "методист",
    "direction": ["artistic"],
    "experience_years": 20,
    "competences": {"C01": "3", "C03": "2"},
    "mentoring_experience": "some",
    "places": 2,
    "groups_welcome": "yes",
    "slots": ["mon_pm", "tue_pm"],
    "sites": ["main"],
    "format": "any",
}
MENTEE: dict[str, Any] = {
    "post": "педагог дополнительного образования",
    "direction": ["artistic"],
    "experience_years": 1,
    "needs": {"C01": "3"},
    "request": "Хочу разобраться с программой",
    "slots": ["mon_pm"],
    "sites": ["main"],
    "format": "any",
}


def served(settings: Settings, database: Database) -> ASGIApp:
    """Everything that is served; on PostgreSQL each part over its own login, so that every test tries its grants."""
    if database.embedded:
        return create_app(settings, database)
    public, staff = (logged_in(part, database) for part in ("public", "staff"))
    return both(create_public(settings, public), create_staff(settings, staff))


@cache
def password_hash() -> str:
    return accounts.hash_password(PASSWORD)


@dataclass
class World:
    settings: Settings
    database: Database
    client: TestClient
    organisation_id: int
    curator: Account
    director: Account
    others: dict[str, Account] = field(default_factory=dict)
    browsers: dict[str, Browser] = field(default_factory=dict)
    waves: dict[str, int] = field(default_factory=dict)

    @classmethod
    def make(
        cls, settings: Settings, database: Database, client: TestClient, name: str = "Дом творчества"
    ) -> World:
        with database.writing(EVERY_ORGANISATION) as session:
            organisation = Organisation(
                full_name=f"ГБУ ДО «{name}»",
                short_name=name,
                head_post="Директор",
                head_name="Белова Анна Ивановна",
                school_year="2026/2027",
                order_texts={},
                second_factor_off_at=now(),
                second_factor_off_by="тесты",
            )
            session.add(organisation)
            session.flush()
            organisation_id = organisation.id
        with database.writing(organisation_id) as session:
            organisations.furnish(session)
            curator, director = (
                accounts.add_account(
                    session,
                    f"{role}{organisation_id}",
                    role,
                    "Ветрова Елена Андреевна",
                    "заместитель директора",
                    password_hash(),
                )
                for role in ("curator", "director")
            )
            session.flush()
        return cls(settings, database, client, organisation_id, curator, director)

    @property
    def worker(self) -> Database:
        """As the process has it that does the jobs."""
        return self.database if self.database.embedded else logged_in("worker", self.database)

    def another(self, name: str = "Чужая школа") -> World:
        return World.make(self.settings, self.database, self.browser(), name)

    def browser(self) -> TestClient:
        return TestClient(served(self.settings, self.database), follow_redirects=False)

    def of_role(self, role: str) -> Account:
        """Somebody of the staff in that role."""
        known = {"curator": self.curator, "director": self.director, **self.others}
        if role not in known:
            card = f"{role}{self.organisation_id}", role, "Соколова Ирина Львовна", "", password_hash()
            with self.database.writing(self.organisation_id) as session:
                known[role] = self.others[role] = accounts.add_account(session, *card)
        return known[role]

    def signed_in(self, account: Account) -> Browser:
        """A browser of ``account``, as if it had signed in a moment ago."""
        token = secrets.token_urlsafe(32)
        with self.database.writing(self.organisation_id) as session:
            session.add(
                SignIn(
                    token_hash=seals.token_hash(token),
                    account_id=account.id,
                    expires_at=now() + timedelta(hours=1),
                )
            )
        client = self.browser()
        client.cookies.set(
            "nastavnik", token, domain="testserver.local"
        )  # as an answer would, to be replaced by one
        return Browser(client, seals.csrf_token(self.settings.secret_key, seals.token_hash(token)))

    def wave(
        self, key: str, opens: timedelta = timedelta(days=-1), closes: timedelta = timedelta(days=7)
    ) -> int:
        """An open wave of the questionnaire ``key``; its id."""
        with self.database.writing(self.organisation_id) as session:
            questionnaire = session.exec(select(Questionnaire).where(Questionnaire.key == key)).one()
            wave = questionnaires.open_wave(
                session, questionnaire, f"Волна {key}", now() + opens, now() + closes
            )
            session.flush()
            self.waves[key] = wave.id
            return wave.id

    def person(self, name: str, role: str, **card: Any) -> int:
        last, first, *rest = name.split()
        card = {
            "last_name": last,
            "first_name": first,
            "patronymic": " ".join(rest),
            "post": "методист",
            **card,
        }
        with self.database.writing(self.organisation_id) as session:
            person = people.add(session, {**card, f"is_{role}": True, "places": card.get("places", 2)})
            session.flush()
            return person.id

    def says(self, person_id: int, state: str = "given") -> None:
        with self.database.writing(self.organisation_id) as session:
            text = consent_text(session)
            consents.say(session, session.get_one(Person, person_id), text.id, state, "link")

    def answers(self, person_id: int, role: str, **answers: Any) -> None:
        """The person answers the wave of ``role`` by the same action as a browser."""
        wave_id = self.waves.get(role) or self.wave(role)
        with self.database.writing(self.organisation_id) as session:
            wave = session.get_one(Wave, wave_id)
            full = {**(MENTOR if role == "mentor" else MENTEE), **answers}
            filled = forms.build(forms.library()[role], choices_of_people(session)).from_answers(full)
            assert filled.errors() == []
            ticket = Ticket(seals.new_key(), wave.version_id, now())
            submissions.record(session, wave, person_id, role, ticket, filled.answers())

    def ready(self, name: str, role: str, **answers: Any) -> int:
        """Somebody who can enter the matching at once."""
        person_id = self.person(name, role)
        self.says(person_id)
        self.answers(person_id, role, **answers)
        return person_id

    def link(self, wave_id: int, person_id: int | None = None) -> str:
        """The path of a personal link, or of the wave's common one."""
        with self.database.writing(self.organisation_id) as session:
            wave = session.get_one(Wave, wave_id)
            questionnaires.add_links(session, wave)
            link = session.exec(
                select(Link).where(Link.wave_id == wave_id, Link.person_id == person_id)
            ).one()
            return "/q/" + seals.link_token(self.settings.secret_key, link.key)


@dataclass
class Browser:
    """A signed-in browser: posts carry the seal that the page would have carried."""

    client: TestClient
    csrf: str

    def get(self, path: str, **options: Any) -> Any:
        return self.client.get(path, **options)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> Any:
        return self.client.post(path, data={"csrf": self.csrf, **(data or {})}, **options)
