"""A demo organisation, made once by the same actions that a browser uses, matched by a real job, served until Ctrl-C.

Everybody in demo.json is invented. Two people are left unanswered, so that their links can be tried. All of it lies in
a folder of its own, which gets its name when it is complete: what was broken off half-way is made anew.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

import forms
from service import organisations, queries, schema, seals
from service.accounts import actions as accounts
from service.assignments import actions as assignments
from service.consents import actions as consents
from service.database import EVERY_ORGANISATION, Database
from service.documents import actions as documents
from service.documents.produce import render_order
from service.documents.reading import drafting_of
from service.documents.sheet import sheet_of
from service.jobs import Engine
from service.people import actions as people
from service.questionnaires import actions as questionnaires
from service.runs import actions as runs
from service.runs.criteria import DEFAULT_WEIGHTS
from service.runs.reading import seal_of
from service.runs.snapshot import RunSettings
from service.seals import Ticket
from service.settings import Settings
from service.submissions import actions as submissions
from service.tables import (
    ROLES,
    Account,
    Assignment,
    Consent,
    Link,
    Organisation,
    Person,
    Questionnaire,
    Run,
    Submission,
    Wave,
    now,
)
from service.worker import HANDLERS

PEOPLE = Path(__file__).parent / "demo.json"
VAR = Path("var")
FOLDER, HALF_MADE = VAR / "demo", VAR / "demo.new"
SECRET = VAR / "secret"
TITLES = {"mentor": "Наставники", "mentee": "Наставляемые"}
NOT_YET_ACCEPTED = 2


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """What the demo needs of the environment: a secret kept under var/, an address, and databases of its own always."""
    VAR.mkdir(exist_ok=True)
    if not SECRET.exists():
        SECRET.touch(0o600)
        SECRET.write_text(secrets.token_urlsafe(48))
    address = f"http://127.0.0.1:{given.get('PORT', Settings.port)}"
    return {"SECRET_KEY_FILE": str(SECRET), "ADDRESS": address} | dict(given) | _databases(FOLDER)


def _databases(folder: Path) -> dict[str, str]:
    return {"DATABASE_URL": f"sqlite:///{folder}/nastavnik.db", "JOBS_URL": f"sqlite:///{folder}/jobs.db"}


def make_once(settings: Settings) -> dict[str, str]:
    """The passwords by login, when it was made now."""
    if (FOLDER / "nastavnik.db").exists():
        return {}
    print("Создаём демонстрационную организацию: это займёт несколько секунд…", flush=True)
    for folder in (HALF_MADE, FOLDER):
        shutil.rmtree(folder, ignore_errors=True)
    HALF_MADE.mkdir()
    made = _databases(HALF_MADE)
    settings = replace(settings, database_url=made["DATABASE_URL"], jobs_url=made["JOBS_URL"])
    database = Database(settings.database_url)
    schema.upgrade(database)
    passwords = _fill(settings, database)
    database.close()
    HALF_MADE.rename(FOLDER)
    return passwords


def _fill(settings: Settings, database: Database) -> dict[str, str]:
    told = json.loads(PEOPLE.read_text("utf-8"))
    starts_on, ends_on = school_year(date.today())
    organisation = _organisation(database, told["organisation"], f"{starts_on:%Y}/{ends_on:%Y}")
    passwords = {account["login"]: secrets.token_urlsafe(9) for account in told["accounts"]}
    _accounts(database, organisation.id, told["accounts"], passwords)
    _people_answer(database, organisation.id, told)
    _match(settings, database, organisation.id, max(starts_on, date.today()), ends_on)
    _order(database, organisation.id)
    return passwords


def school_year(today: date) -> tuple[date, date]:
    """The one that goes on; from May on the next one."""
    begins = today.year - (today.month < 5)
    return date(begins, 9, 1), date(begins + 1, 5, 31)


def _organisation(database: Database, card: Mapping[str, Any], year: str) -> Organisation:
    with database.writing(EVERY_ORGANISATION) as session:
        organisation = Organisation(
            **card,
            school_year=year,
            order_texts={},
            second_factor_off_at=now(),
            second_factor_off_by="демонстрация",
        )
        session.add(organisation)
        session.flush()
    with database.writing(organisation.id) as session:
        organisations.furnish(session)
    return organisation


def _accounts(
    database: Database,
    organisation_id: int,
    told: Iterable[Mapping[str, str]],
    passwords: Mapping[str, str],
) -> None:
    for account in told:
        hashed = accounts.hash_password(passwords[account["login"]])
        with database.writing(organisation_id) as session:
            accounts.add_account(session, **account, hashed=hashed)


def _people_answer(database: Database, organisation_id: int, told: Mapping[str, Any]) -> None:
    with database.writing(organisation_id) as session:
        ids = {role: [_add(session, card, role) for card in told[f"{role}s"]] for role in ROLES}
        waves = {role: _open_wave(session, role) for role in ROLES}
        known = {person.name: str(person.id) for person in session.exec(select(Person)).all()}
        for role in ROLES:
            for person_id, card in zip(ids[role], told[f"{role}s"], strict=True):
                _answer(session, waves[role], role, session.get_one(Person, person_id), card, known)


def _add(session: Session, card: Mapping[str, Any], role: str) -> int:
    return people.add(session, {**card, f"is_{role}": True}).id


def _open_wave(session: Session, role: str) -> Wave:
    questionnaire = session.exec(select(Questionnaire).where(Questionnaire.role == role)).one()
    return questionnaires.open_wave(
        session, questionnaire, TITLES[role], now() - timedelta(minutes=1), now() + timedelta(days=30)
    )


def _answer(
    session: Session, wave: Wave, role: str, person: Person, card: Mapping[str, Any], known: Mapping[str, str]
) -> None:
    if card.get("says") == "nothing":
        return
    refused = card.get("says") == "refused"
    text = queries.consent_text(session)
    consents.say(session, person, text.id, "refused" if refused else "given", "link")
    if refused:
        return
    named = {key: [known[name] for name in card["answers"].get(key, ())] for key in ("wishes", "undesired")}
    filled = forms.build(forms.library()[role], queries.choices_of_people(session)).from_answers(
        card["answers"] | named
    )
    if problems := filled.errors():
        raise ValueError(f"{person.name}: {problems}")
    ticket = Ticket(seals.new_key(), wave.version_id, now())
    submissions.record(session, wave, person.id, role, ticket, filled.answers())


def _match(
    settings: Settings, database: Database, organisation_id: int, starts_on: date, ends_on: date
) -> None:
    """By a real job, then approved, as the curator would."""
    with database.writing(organisation_id) as session:
        run = runs.start(session, _account(session, "curator"), RunSettings(DEFAULT_WEIGHTS))
    engine = Engine(database, settings, HANDLERS)
    engine.start()
    engine.wait_until_idle()
    engine.stop()
    with database.writing(organisation_id) as session:
        curator, run = _account(session, "curator"), session.get_one(Run, run.id)
        runs.approve(session, curator, run, seal_of(run))
        session.flush()
        assignments.set_term(session, starts_on, ends_on)
        pairs = session.exec(select(Assignment).order_by(col(Assignment.id))).all()
        for pair in pairs[NOT_YET_ACCEPTED:]:
            for role in ROLES:
                assignments.accept(session, pair, role)


def _order(database: Database, organisation_id: int) -> None:
    with database.writing(organisation_id) as session:
        order = documents.create(session, _account(session, "curator"))
    with database.reading(organisation_id) as session:
        draft = drafting_of(session, order).draft
    (HALF_MADE / "order.docx").write_bytes(render_order(draft))
    (HALF_MADE / "pairs.xlsx").write_bytes(sheet_of(draft.pairs))


def _account(session: Session, role: str) -> Account:
    return (
        session.exec(select(Account).where(Account.role == role)).first()
        or session.exec(select(Account)).one()
    )


def print_addresses(settings: Settings, database: Database, passwords: Mapping[str, str]) -> None:
    base = settings.address
    with database.reading(EVERY_ORGANISATION) as session:
        organisation = session.exec(select(Organisation)).one()
    with database.reading(organisation.id) as session:
        waiting = _links(session, answered=False)
        links = waiting or _links(session, answered=True)
    for login, password in passwords.items():
        print(f"  вход: {login}, пароль: {password}  (показываем один раз)")
    print(f"""
{organisation.short_name}
  для куратора и директора:  {base}/sign-in   (имена: kurator, direktor)
  забыли пароль:             {_command("set-password kurator")}
  проект приказа:            {(FOLDER / "order.docx").resolve()}
  {"попробовать ответить:" if waiting else "на все анкеты ответили; открыть и изменить ответы:"}""")
    for name, key in links:
        print(f"    {name}: {base}/q/{seals.link_token(settings.secret_key, key)}")
    print(f"\nСервис работает: {base}   Остановить: Ctrl-C\n", flush=True)


def _command(words: str) -> str:
    """For the demo's database, to be typed as it is where the demo was started."""
    where = f"SECRET_KEY_FILE={SECRET} DATABASE_URL={_databases(FOLDER)['DATABASE_URL']}"
    return f"{where} {os.path.relpath(sys.executable)} -m service {words}"


def _links(session: Session, answered: bool) -> list[tuple[str, str]]:
    """Names and keys of two personal links, of people who have answered or have not."""
    there = col(Person.id).in_(select(Submission.person_id))
    refused = select(Consent.person_id).where(Consent.state != "given")
    rows = session.exec(
        select(Person, Link.key)
        .join(Link, col(Link.person_id) == col(Person.id))
        .where(there if answered else ~there, col(Person.id).not_in(refused))
        .order_by(col(Link.id))
        .limit(2)
    ).all()
    return [(person.name, key) for person, key in rows]
