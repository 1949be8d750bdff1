"""Every command: python -m service --help lists them."""

from __future__ import annotations

import argparse
import getpass
import json
import logging
import os
import secrets
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import uvicorn
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError
from sqlmodel import select
from starlette.types import ASGIApp

from service import demo, organisations, schema
from service.accounts import actions as accounts
from service.app import create_app, create_public, create_staff
from service.database import EVERY_ORGANISATION, Database, UnsafeSQLite
from service.schema import OldSchema
from service.settings import Settings, SettingsError
from service.tables import Account, Organisation
from service.worker import DUTIES, HANDLERS, work


class CommandError(Exception):
    """What was asked for cannot be done; the text is one line for whoever typed it."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("nastavnik").setLevel(logging.WARNING if options.command == "demo" else logging.INFO)
    try:
        settings = Settings.from_env(
            demo.environment(os.environ) if options.command == "demo" else os.environ
        )
        options.run(options, settings, Database(settings.database_url))
    except (CommandError, SettingsError, UnsafeSQLite, OldSchema) as error:
        print(f"service: {error}", file=sys.stderr)
        return 2
    except OperationalError as error:
        print(
            f"service: the database does not answer: {str(error.orig).partition(chr(10))[0]}", file=sys.stderr
        )
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m service", description="Nastavnik, the service.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="serve the pages; with SQLite, do the jobs too")
    serve.add_argument(
        "--only", choices=("public", "staff"), help="the respondents' part or the staff's alone"
    )
    serve.add_argument("--no-jobs", action="store_true", help="leave the jobs to `worker` (PostgreSQL)")
    serve.set_defaults(run=_serve)
    commands.add_parser("worker", help="do the jobs, nothing else (PostgreSQL)").set_defaults(run=_work)
    commands.add_parser("migrate", help="bring the database to this version").set_defaults(run=_migrate)
    backup = commands.add_parser(
        "backup",
        help="copy the SQLite database to new files while it is in use",
    )
    backup.add_argument("target", type=Path)
    backup.set_defaults(run=_backup)
    revise = commands.add_parser("revise", help="write the next migration from service/tables.py")
    revise.add_argument("message")
    revise.set_defaults(run=_revise)
    commands.add_parser("demo", help="make a demo organisation once, and serve it").set_defaults(run=_demo)
    organisation = commands.add_parser(
        "add-organisation", help="with its card to be filled in, and our questionnaires"
    )
    organisation.add_argument("full_name")
    organisation.add_argument("short_name")
    organisation.set_defaults(run=_add_organisation)
    account = commands.add_parser("add-account", help="a curator or a director; asks for the password")
    account.add_argument("organisation_id", type=int)
    account.add_argument("role", choices=("curator", "director"))
    account.add_argument("login")
    account.add_argument("name")
    account.add_argument("post", nargs="?", default="")
    account.set_defaults(run=_add_account)
    password = commands.add_parser("set-password", help="of an account; asks for it and ends its sessions")
    password.add_argument("login")
    password.set_defaults(run=_set_password)
    return parser


def _serve(options: argparse.Namespace, settings: Settings, database: Database) -> None:
    schema.refuse_an_old_one(database)
    handlers = None if options.no_jobs else HANDLERS
    app: ASGIApp
    if options.only == "public":
        app = create_public(settings, database)
    elif options.only == "staff":
        app = create_staff(settings, database, handlers, DUTIES)
    else:
        app = create_app(settings, database, handlers, DUTIES)
    serve(app, settings)


def serve(app: ASGIApp, settings: Settings) -> None:
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
        limit_concurrency=1000,
    )


def _work(_: argparse.Namespace, settings: Settings, database: Database) -> None:
    schema.refuse_an_old_one(database)
    work(settings, database)


def _migrate(_: argparse.Namespace, settings: Settings, database: Database) -> None:
    if file := _file(settings):
        file.parent.mkdir(parents=True, exist_ok=True)
    schema.upgrade(database)


def _file(settings: Settings) -> Path | None:
    """Where the database of SQLite lies."""
    url = make_url(settings.database_url)
    return Path(url.database) if url.drivername == "sqlite" and url.database else None


def _backup(options: argparse.Namespace, settings: Settings, database: Database) -> None:
    """By SQLite itself: a copy of the file alone would miss what is still in its log."""
    file, target = _file(settings), options.target
    if file is None:
        raise CommandError("this is PostgreSQL: make the copy with pg_dump")
    if not file.exists():
        raise CommandError(f"there is no database {file}")
    beside = target.with_suffix(f".ballots{target.suffix}")
    for engine, copied in ((database.engine, target), (database.ballots, beside)):
        try:
            copied.touch(0o600, exist_ok=False)
        except OSError as error:
            raise CommandError(f"{copied}: {error.strerror}") from error
        library: Any = engine.dialect.loaded_dbapi  # the safe one
        with (
            closing(library.connect(engine.url.database)) as source,
            closing(library.connect(copied)) as copy,
        ):
            source.backup(copy)


def _revise(options: argparse.Namespace, settings: Settings, database: Database) -> None:
    schema.revise(database, options.message)


def _demo(_: argparse.Namespace, settings: Settings, database: Database) -> None:
    passwords = demo.make_once(settings)
    schema.upgrade(database)
    demo.print_addresses(settings, database, passwords)
    serve(create_app(settings, database, HANDLERS, DUTIES), settings)


def _add_organisation(options: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.writing(EVERY_ORGANISATION) as session:
        organisation = Organisation(
            full_name=options.full_name, short_name=options.short_name, order_texts={}
        )
        session.add(organisation)
        session.flush()
        organisation_id = organisation.id
    with database.writing(organisation_id) as session:
        organisations.furnish(session)
    print(json.dumps({"organisation_id": organisation_id}))


def _add_account(options: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.reading(EVERY_ORGANISATION) as session:
        if session.get(Organisation, options.organisation_id) is None:
            raise CommandError(f"there is no organisation {options.organisation_id}")
        if session.exec(select(Account).where(Account.login == accounts.as_login(options.login))).first():
            raise CommandError(f"the login {options.login} is taken")
    hashed = accounts.hash_password(_ask_password())
    with database.writing(options.organisation_id) as session:
        accounts.add_account(session, options.login, options.role, options.name, options.post, hashed)


def _set_password(options: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.reading(EVERY_ORGANISATION) as session:
        account = session.exec(
            select(Account).where(Account.login == accounts.as_login(options.login))
        ).first()
    if account is None:
        raise CommandError(f"there is no account {options.login}")
    accounts.set_password(database, account, _ask_password())


def _ask_password() -> str:
    """From the terminal, or a line of standard input; an empty one makes a random password and prints it."""
    typed = (
        getpass.getpass("Password (empty: make one): ")
        if sys.stdin.isatty()
        else sys.stdin.readline().strip()
    )
    if not typed:
        typed = secrets.token_urlsafe(12)
        print(f"password: {typed}")
    if len(typed) < accounts.PASSWORD_LENGTH:
        raise CommandError(f"the password is shorter than {accounts.PASSWORD_LENGTH} characters")
    return typed


if __name__ == "__main__":
    sys.exit(main())
