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

from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError
from sqlmodel import select
from starlette.types import ASGIApp

from service import audit, backup, backup_folder, daily_backup, demo, jobs, organisations, schema
from service.accounts import actions as accounts
from service.accounts import passwords, staffing
from service.app import create_app, create_public, create_staff
from service.backup import Backup
from service.database import EVERY_ORGANISATION, Database, UnsafeSQLite
from service.grants import MissingRoles
from service.i18n import speak
from service.schema import OldSchema
from service.server import serve
from service.settings import Settings, SettingsError
from service.stores import Unfit
from service.tables import STAFF_ROLES, Account, Organisation, now
from service.worker import DUTIES, HANDLERS, duties, work

CONSOLE = "консоль сервера"  # as whose decision it is kept


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
        with closing(Database(settings.database_url, settings.ballots_url)) as database:
            options.run(options, settings, database)
    except (CommandError, SettingsError, UnsafeSQLite, OldSchema, MissingRoles, Unfit) as error:
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
    _backup_parser(commands)
    _audit_parser(commands)
    revise = commands.add_parser("revise", help="write the next migration from service/tables.py")
    revise.add_argument("message")
    revise.set_defaults(run=_revise)
    commands.add_parser("demo", help="make a demo organisation once, and serve it").set_defaults(run=_demo)
    _staff_parser(commands)
    return parser


def _staff_parser(commands: Any) -> None:
    organisation = commands.add_parser(
        "add-organisation", help="with its card to be filled in, and our questionnaires"
    )
    organisation.add_argument("full_name")
    organisation.add_argument("short_name")
    organisation.add_argument(
        "--password-suffices", action="store_true", help="ask directors and curators for no second factor"
    )
    organisation.set_defaults(run=_add_organisation)
    account = commands.add_parser("add-account", help="the first director; asks for the password")
    account.add_argument("organisation_id", type=int)
    account.add_argument("role", choices=STAFF_ROLES)
    account.add_argument("login")
    account.add_argument("name")
    account.add_argument("post", nargs="?", default="")
    account.set_defaults(run=_add_account)
    password = commands.add_parser("set-password", help="of an account; asks for it and ends its sessions")
    password.add_argument("login")
    password.set_defaults(run=_set_password)
    recover = commands.add_parser(
        "recover", help="print a one-time link by which an account sets its password and second factor anew"
    )
    recover.add_argument("login")
    recover.add_argument("reason")
    recover.set_defaults(run=_recover)


def _backup_parser(commands: Any) -> None:
    for name, run, told in (
        ("backup", _backup, "all that the database holds at this moment, sealed, into a new file"),
        ("restore", _restore, "put the rows of a backup into an empty database"),
        ("drill", _drill, "try a restore in a scratch place beside the database, and leave nothing"),
    ):
        command = commands.add_parser(name, help=told)
        command.add_argument("file", type=Path)
        command.set_defaults(run=run)
        if run is _restore:
            command.add_argument("--replace", action="store_true", help="move what is there aside first")


def _audit_parser(commands: Any) -> None:
    trail = commands.add_parser("audit", help="the audit trail: is it whole, and where does it end")
    trail.add_argument("what", choices=("verify", "heads"))
    trail.add_argument(
        "--head",
        type=_head,
        action="append",
        default=[],
        help="as printed by `audit heads` and kept elsewhere",
    )
    trail.set_defaults(run=_audit)


def _serve(options: argparse.Namespace, settings: Settings, database: Database) -> None:
    schema.refuse_an_old_one(database)
    handlers = None if options.no_jobs else HANDLERS
    app: ASGIApp
    if options.only == "public":
        app = create_public(settings, database)
    elif options.only == "staff":
        app = create_staff(settings, database, handlers, duties(settings))
    else:
        app = create_app(settings, database, handlers, duties(settings))
    serve(app, settings)


def _work(_: argparse.Namespace, settings: Settings, database: Database) -> None:
    schema.refuse_an_old_one(database)
    work(settings, database)


def _migrate(_: argparse.Namespace, settings: Settings, database: Database) -> None:
    if file := _file(settings):
        file.parent.mkdir(parents=True, exist_ok=True)
    with closing(Database(settings.database_url)) as owner:  # of the ballots, too
        schema.upgrade(owner)
    if settings.jobs_url == settings.database_url:
        jobs.prepare(settings.jobs_url)


def _file(settings: Settings) -> Path | None:
    """Where the database of SQLite lies."""
    url = make_url(settings.database_url)
    return Path(url.database) if url.drivername == "sqlite" and url.database else None


def _backup(options: argparse.Namespace, settings: Settings, database: Database) -> None:
    if (file := _file(settings)) and not file.exists():
        raise CommandError(f"there is no database {file}")
    print(backup.write(database, _backup_key(settings), options.file))


def _restore(options: argparse.Namespace, settings: Settings, database: Database) -> None:
    whole = Backup(options.file, _backup_key(settings))
    destroyed = backup_folder.destroyed(options.file.parent)
    if options.replace and not backup.is_empty(database):
        destroyed |= {*daily_backup.destroyed(database)}
        backup.set_aside(database)
    if file := _file(settings):
        file.parent.mkdir(parents=True, exist_ok=True)
    backup.restore(whole, database, destroyed, daily_backup.destroy_again)
    print(whole.manifest)


def _drill(options: argparse.Namespace, settings: Settings, database: Database) -> None:
    whole = Backup(options.file, _backup_key(settings))
    daily_backup.rehearse(whole, database, settings)
    print(whole.manifest)


def _backup_key(settings: Settings) -> str:
    if not settings.backup_key:
        raise CommandError("BACKUP_KEY_FILE: name a file with at least 32 random characters")
    return settings.backup_key


def _audit(options: argparse.Namespace, settings: Settings, database: Database) -> None:
    if options.what == "verify" and (found := audit.breaks(database, options.head)):
        for one in found:
            print(f"organisation {one.organisation_id}, entry {one.number}: {one.fault}")
        raise CommandError("the audit trail does not hold")
    for head in audit.heads(database):
        print(f"{head.organisation_id}:{head.number}:{head.hash}")


def _head(written: str) -> audit.Head:
    organisation_id, number, hashed = written.split(":")
    return audit.Head(int(organisation_id), int(number), hashed)


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
        if options.password_suffices:
            organisation.sqlmodel_update({"second_factor_off_at": now(), "second_factor_off_by": CONSOLE})
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
    accounts.set_password_at_console(database, _account(database, options.login), _ask_password())


def _recover(options: argparse.Namespace, settings: Settings, database: Database) -> None:
    account = _account(database, options.login)
    with database.writing(account.organisation_id) as session:
        token = staffing.recover(session, None, account, options.reason, factors_too=True)
    base = settings.address or f"http://{settings.host}:{settings.port}"
    print(f"{base}/recover/{token}")


def _account(database: Database, login: str) -> Account:
    with database.reading(EVERY_ORGANISATION) as session:
        account = session.exec(select(Account).where(Account.login == accounts.as_login(login))).first()
    if account is None:
        raise CommandError(f"there is no account {login}")
    return account


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
    if fault := passwords.fault(typed):
        speak("en")
        raise CommandError(f"the password will not do. {fault}")
    return typed


if __name__ == "__main__":
    sys.exit(main())
