"""The command line: one line and exit code 2 for whatever cannot be done, and the chores of an installation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from sqlmodel import select

from service import schema
from service.__main__ import main
from service.database import EVERY_ORGANISATION, Database
from service.settings import Settings
from service.tables import Account, ConsentText, Organisation, Questionnaire
from tests.conftest import SECRET
from tests.factories import PASSWORD, World
from tests.server import serving
from tests.service.test_audit import behind_our_back, change, deeds

pytestmark = pytest.mark.own_database

ROOT = Path(__file__).parents[2]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(settings: Settings) -> Run:
    """``python -m service …`` as a process, with lines for its standard input."""

    def command(*arguments: str, typed: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        given = {
            "SECRET_KEY": SECRET,
            "DATABASE_URL": settings.database_url,
            "JOBS_URL": settings.jobs_url,
            "PATH": os.environ["PATH"],
        }
        return subprocess.run(
            [sys.executable, "-m", "service", *arguments],
            cwd=ROOT,
            env=given | environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return command


def refused(done: subprocess.CompletedProcess[str], *words: str) -> bool:
    lines = done.stderr.splitlines()
    return done.returncode == 2 and len(lines) == 1 and all(word in lines[0] for word in words)


def accounts(database: Database) -> dict[str, Account]:
    with database.reading(EVERY_ORGANISATION) as session:
        return {account.login: account for account in session.exec(select(Account)).all()}


@pytest.mark.slow
def test_an_installation_is_made_by_three_commands(run: Run, database: Database, world: World) -> None:
    added = run("add-organisation", "ГБУ ДО «Новый дом»", "Новый дом")
    organisation_id = json.loads(added.stdout)["organisation_id"]
    account = ("add-account", str(organisation_id), "curator", "Elena", "Ветрова Елена Андреевна", "методист")
    assert run(*account, typed=f"{PASSWORD}\n").returncode == 0

    with database.reading(organisation_id) as session:
        assert session.get_one(Organisation, organisation_id).short_name == "Новый дом"
        assert session.exec(select(Questionnaire)).all()
        assert "ГБУ ДО «Новый дом»" in session.exec(select(ConsentText)).one().body
    entered = world.client.post("/sign-in", data={"login": "elena", "password": PASSWORD, "next": "/"})
    assert entered.headers["location"] == "/"
    assert refused(run(*account, typed=f"{PASSWORD}\n"), "Elena")


@pytest.mark.slow
def test_a_password_is_set_anew_and_ends_the_sessions(run: Run, world: World) -> None:
    browser = world.signed_in(world.curator)
    made = run("set-password", world.curator.login.upper(), typed="\n")
    password = made.stdout.removeprefix("password: ").strip()
    assert len(password) >= 16
    assert browser.get("/").status_code == 303
    entered = world.client.post("/sign-in", data={"login": world.curator.login, "password": password})
    assert entered.status_code == 303


@pytest.mark.slow
def test_what_cannot_be_done_is_said_in_one_line(run: Run, world: World, tmp_path: Path) -> None:
    person = ("curator", "login", "Имя")
    assert refused(run("add-account", "999", *person, typed=f"{PASSWORD}\n"), "999")
    assert refused(run("add-account", str(world.organisation_id), *person, typed="short\n"), "password")
    assert refused(run("set-password", "nobody", typed=f"{PASSWORD}\n"), "nobody")
    assert refused(run("serve", SECRET_KEY="short"), "SECRET_KEY")
    assert refused(run("serve", PORT="eighty"), "PORT")
    assert refused(run("serve", DATABASE_URL="nonsense"), "DATABASE_URL")
    assert refused(run("serve", DATABASE_URL=f"sqlite:///{tmp_path}/no/such/folder.db"), "database")
    assert refused(run("serve", DATABASE_URL="postgresql://127.0.0.1:1/none"), "database")
    assert "login" not in accounts(world.database)


@pytest.mark.slow
def test_serving_and_working_are_refused_on_an_old_schema(run: Run, database: Database) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '000000000000'")
    for command in ("serve", "worker"):
        assert refused(run(command), "migrate")


@pytest.mark.slow
def test_migrating_an_empty_database_makes_it_ready(run: Run, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/empty.db"
    assert refused(run("serve", DATABASE_URL=url), "migrate")
    assert run("migrate", DATABASE_URL=url).returncode == 0
    assert run("migrate", DATABASE_URL=url).returncode == 0
    database = Database(url)
    assert schema.is_current(database)
    database.close()


@pytest.mark.slow
def test_the_first_migration_makes_the_folder(run: Run, tmp_path: Path) -> None:
    assert run("migrate", DATABASE_URL=f"sqlite:///{tmp_path}/var/nastavnik.db").returncode == 0
    assert (tmp_path / "var" / "nastavnik.db").exists()


@pytest.mark.slow
def test_the_server_serves_the_parts_that_it_was_asked_to_and_does_not_name_itself(
    settings: Settings,
) -> None:
    for only, staff, public in (
        ((), 200, 404),
        (("--only", "staff"), 200, 404),
        (("--only", "public"), 404, 404),
    ):
        with serving(settings, *only) as server:
            pages = [httpx2.get(server.address + path) for path in ("/sign-in", "/q/none")]
        assert [page.status_code for page in pages] == [staff, public]
        for page in pages:
            assert "server" not in page.headers
            assert page.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_command_that_does_not_exist_is_answered_with_those_that_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["dance"])
    assert "add-organisation" in capsys.readouterr().err


def test_the_command_line_says_where_a_trail_does_not_hold(world: World, run: Run) -> None:
    deeds(world, 3)
    heads = run("audit", "verify")
    assert heads.returncode == 0
    assert heads.stdout == run("audit", "heads").stdout
    with behind_our_back(world.database) as connection:
        change(connection, 2)

    done = run("audit", "verify", "--head", heads.stdout.strip())

    assert refused(done, "does not hold")
    assert done.stdout == f"organisation {world.organisation_id}, entry 2: it was changed\n"
