"""Files of people: chosen, looked at line by line, decided about, loaded, taken back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, select
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from forms.people import ImportForm
from forms.text import line
from service import i18n, jobs, queries
from service.errors import Invalid
from service.i18n import N_
from service.people.importing import actions, words
from service.people.importing.headings import FIELDS, IGNORED
from service.tables import Account, Import, ImportRow, Job, Person
from service.web import found, number, redirect, render

ON_A_PAGE = 100
MOST_LISTED = 50
CHOICE = re.compile(r"new|skip|nobody|p\d{1,9}")


def index(request: Request, session: Session) -> Response:
    files = session.exec(
        select(Import, Account)
        .join(Account, col(Account.id) == col(Import.account_id))
        .order_by(col(Import.id).desc())
        .limit(MOST_LISTED)
    ).all()
    form = ImportForm(role=request.query_params.get("role", ""))
    return render(request, "people/imports.html", form=form, files=files)


def upload(request: Request, session: Session) -> Response:
    form, file = ImportForm(request.state.form), request.state.form.get("file")
    if not isinstance(file, UploadFile) or not file.filename or not form.validate():
        raise Invalid(N_("Choose a file."))
    content = file.file.read()
    row = actions.receive(session, request.state.account, line(file.filename)[:200], content, form.role.data)
    return redirect(request, "people.import", id=row.id)


def show(request: Request, session: Session) -> Response:
    row = _import(request, session)
    verdict = request.query_params.get("verdict", "")
    page = max(1, number(request.query_params.get("page", "1")) or 1)
    job = session.get(Job, row.job_id)
    waiting = job is not None and job.finished_at is None
    listed = [] if waiting else _rows(session, row, verdict, page)
    return render(
        request,
        "people/import.html",
        file=row,
        waiting=waiting,
        failure=_failure(row, job),
        progress=words.progress((job and job.progress) or {}),
        counts=actions.counts(session, row),
        verdict=verdict,
        page=page,
        more=len(listed) > ON_A_PAGE,
        rows=listed[:ON_A_PAGE],
        candidates=_candidates(session, listed),
        names=queries.names(session) if listed else {},
        undoable=row.applied_at and not row.undone_at and actions.rows_left(session, row),
        fields=[(field, words.FIELDS[field]) for field in FIELDS],
        words=words,
    )


def _failure(row: Import, job: Job | None) -> str:
    if row.failure:
        return str(words.FAILURES.get(row.failure, words.FAILURES["unreadable"]))
    if job and job.failure:
        return str(
            N_(
                "The file could not be looked through. Try again; if it repeats, tell whoever runs the service."
            )
        )
    return ""


def _rows(session: Session, row: Import, verdict: str, page: int) -> Sequence[ImportRow]:
    """A page of them and one more, if there is."""
    listed = select(ImportRow).where(ImportRow.import_id == row.id)
    if verdict in words.VERDICTS:
        listed = listed.where(ImportRow.verdict == verdict)
    skipped = (page - 1) * ON_A_PAGE
    return session.exec(listed.order_by(col(ImportRow.number)).offset(skipped).limit(ON_A_PAGE + 1)).all()


def _candidates(session: Session, rows: Sequence[ImportRow]) -> Mapping[int, Person]:
    ids = {person for row in rows for _, _, people in row.asks for person in people}
    return {person.id: person for person in session.exec(select(Person).where(col(Person.id).in_(ids))).all()}


def events(request: Request, session: Session) -> AsyncIterator[dict[str, Any]]:
    """What the page shows of a file under way, sentence by sentence."""
    row = _import(request, session)
    return _sentences(jobs.follow(request.app.state.database, row.job_id), i18n.language())


async def _sentences(reports: AsyncIterator[dict[str, Any]], language: str) -> AsyncIterator[dict[str, Any]]:
    async for report in reports:
        i18n.speak(language)
        yield {"text": words.progress(report)}


def choose(request: Request, session: Session) -> Response:
    """What the columns hold, who is who, and whom the wishes mean; then everything is compared anew."""
    row, form = _import(request, session), request.state.form
    chosen = {"sheets": _sheets_of(form, row), **_decisions_of(form, session, row)}
    actions.choose(session, row, chosen)
    return redirect(request, "people.import", id=row.id)


def _sheets_of(form: FormData, row: Import) -> dict[str, Any]:
    """Another heading line makes the columns guessed anew."""
    said: dict[str, Any] = {}
    for at, sheet in enumerate((row.found or {}).get("sheets", ())):
        role, heading = str(form.get(f"role-{at}", "")), number(form.get(f"line-{at}", ""))
        if role not in words.ROLES:
            continue
        said[sheet["name"]] = {"role": role}
        if heading and heading != sheet["line"]:
            said[sheet["name"]]["line"] = heading
        elif sheet["line"]:
            columns = {
                str(column): field
                for column, *_ in sheet["columns"]
                if (field := str(form.get(f"column-{at}-{column}", IGNORED))) in FIELDS
            }
            said[sheet["name"]] |= {"line": sheet["line"], "columns": columns}
    return said


def _decisions_of(form: FormData, session: Session, row: Import) -> dict[str, dict[str, str]]:
    rows: dict[str, str] = {}
    people: dict[str, str] = {}
    for name, value in form.multi_items():
        asked = re.fullmatch(r"ask-(\d{1,9})-(\d{1,3})", name)
        if not asked or not isinstance(value, str) or not CHOICE.fullmatch(value):
            continue
        line_ = found(
            session.exec(
                select(ImportRow).where(ImportRow.import_id == row.id, ImportRow.number == int(asked[1]))
            ).first()
        )
        what, written, _ = line_.asks[int(asked[2])] if int(asked[2]) < len(line_.asks) else ("", "", ())
        key = f"{line_.sheet}:{line_.line}"
        if what == "who":
            rows[key] = value
        elif what == "named":
            people[f"{key}:{written}"] = value
    return {"rows": rows, "people": people}


def apply(request: Request, session: Session) -> Response:
    row = _import(request, session)
    actions.apply(session, row)
    return redirect(request, "people.import", id=row.id)


def undo(request: Request, session: Session) -> Response:
    row = _import(request, session)
    actions.undo(session, row)
    return redirect(request, "people.import", id=row.id)


def discard(request: Request, session: Session) -> Response:
    actions.discard(session, _import(request, session))
    return redirect(request, "people.imports")


def _import(request: Request, session: Session) -> Import:
    return found(session.get(Import, request.path_params["id"]))
