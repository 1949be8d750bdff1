"""Requests of people and what answers them: the wizard of destruction, its act and log, everything kept about a person,
and the terms after which data go by themselves."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

import forms
from forms.consents import DestroyForm, RetentionForm
from service import queries
from service.consents import erasing, holdings, papers, requests, retention
from service.database import Database
from service.sheets import inert
from service.tables import (
    RETAINED,
    Assignment,
    AssignmentOrder,
    Destruction,
    Person,
    QuestionnaireVersion,
    now,
)
from service.web import download, found, mistakes, redirect, render
from service.working_days import alarm

WITHDRAWN = "отзыв субъектом согласия на обработку персональных данных"


def index(request: Request, session: Session) -> Response:
    today = _local(request, now()).date()
    rows = [
        (row, person, None if row.closed_at else alarm(row.due_on, today))
        for row, person in requests.register(session)
    ]
    destroyed = session.exec(select(Destruction).order_by(col(Destruction.id).desc())).all()
    soon = retention.due(session, now() + retention.NOTICE)
    return render(request, "consents/requests.html", rows=rows, destroyed=destroyed, soon=len(soon))


def receive(request: Request, session: Session) -> Response:
    """A person asks on paper or by word what is kept about them."""
    person = _person(request, session)
    requests.receive(session, person.id, "access", "paper", request.state.account)
    return redirect(request, "consents.data", id=person.id)


def data(request: Request, session: Session) -> Response:
    """Everything stored about a person, to be read, printed and given to them."""
    person = _person(request, session)
    return render(
        request,
        "consents/data.html",
        person=person,
        found=[(holding, _readable(session, rows)) for holding, rows in holdings.everything(session, person)],
        names=queries.names(session),
        fields=holdings.FIELDS,
        asked=requests.opened(session, person.id, "access"),
    )


def _readable(session: Session, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Answers by their questions instead of codes."""
    return [row | {"answers": _by_questions(session, row)} if "answers" in row else row for row in rows]


def _by_questions(session: Session, row: dict[str, Any]) -> dict[str, str]:
    definition = forms.parse(session.get_one(QuestionnaireVersion, row["version_id"]).definition)
    pages = forms.summary(definition, row["answers"], queries.everybody(session))
    said = {
        label: text if isinstance(text, str) else "; ".join(text)
        for _, asked in pages
        for label, text in asked
    }
    return {label: text for label, text in said.items() if text}


def data_json(request: Request, session: Session) -> Response:
    person = _person(request, session)
    said = {str(holding.what): rows for holding, rows in holdings.everything(session, person)}
    text = json.dumps(said, ensure_ascii=False, indent=2, default=str)
    return download(text.encode(), "application/json", f"Данные {person.id}.json")


def answered(request: Request, session: Session) -> Response:
    person = _person(request, session)
    requests.close(session, person.id, "access", "answered")
    return redirect(request, "consents.requests")


# --- destruction


def wizard(request: Request, session: Session) -> Response:
    person = _person(request, session)
    withdrawn = bool(requests.opened(session, person.id, "withdrawal"))
    return _wizard(request, session, person, DestroyForm(reason=WITHDRAWN if withdrawn else retention.REASON))


def _wizard(
    request: Request, session: Session, person: Person, form: DestroyForm, status: int = 200
) -> Response:
    present, mine = erasing.present(session, person), _their_pairs(person)
    return render(
        request,
        "consents/destroy.html",
        status,
        person=person,
        form=form,
        errors=mistakes(form),
        goes=[holding.what for holding in present if erasing.gone(holding)],
        orders=session.exec(
            select(AssignmentOrder).where(
                col(AssignmentOrder.approved_at).is_not(None),
                col(AssignmentOrder.id).in_(select(Assignment.order_id).where(mine)),
            )
        ).all(),
        going_on=session.exec(select(Assignment).where(mine, col(Assignment.ended_at).is_(None))).all(),
        waiting=requests.opened(session, person.id, "withdrawal"),
        consent=queries.consents_now(session).get(person.id),
    )


def _their_pairs(person: Person) -> ColumnElement[bool]:
    return (col(Assignment.mentor_id) == person.id) | (col(Assignment.mentee_id) == person.id)


def destroy(request: Request, database: Database) -> Response:
    account, form = request.state.account, DestroyForm(request.state.form)
    if not form.validate():
        with database.reading(account.organisation_id) as session:
            return _wizard(request, session, _person(request, session), form, 422)
    with database.writing(account.organisation_id) as session:
        erasing.destroy(session, database, _person(request, session), form.reason.data, account)
    return redirect(request, "consents.requests")


def act(request: Request, session: Session) -> Response:
    row = found(session.get(Destruction, request.path_params["id"]))
    day = f"{_local(request, row.destroyed_at):%d.%m.%Y %H:%M}"
    return download(papers.act(row, request.state.organisation, day), papers.DOCX, f"Акт {row.id}.docx")


def log(request: Request, session: Session) -> Response:
    """The export from the log of events, by the order of Roskomnadzor No 179, item 5."""
    table = io.StringIO()
    writer = csv.writer(table, delimiter=";")
    writer.writerow(["Субъект", "Категории данных", "Система", "Причина", "Дата и время"])
    for row in session.exec(select(Destruction).order_by(col(Destruction.id))).all():
        moment = f"{_local(request, row.destroyed_at):%d.%m.%Y %H:%M:%S}"
        cells = (row.subject, "; ".join(row.categories), papers.SYSTEM, row.reason, moment)
        writer.writerow(inert(cell) for cell in cells)
    return download(table.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", "Журнал уничтожения.csv")


# --- terms


def terms(request: Request, session: Session) -> Response:
    known = {purpose: row.months for purpose, row in retention.terms(session).items()}
    return _terms(request, session, RetentionForm(data=known))


def _terms(request: Request, session: Session, form: RetentionForm, status: int = 200) -> Response:
    return render(
        request,
        "consents/retention.html",
        status,
        form=form,
        errors=mistakes(form),
        terms=retention.terms(session),
        due=retention.due(session, now() + retention.NOTICE),
    )


def set_terms(request: Request, session: Session) -> Response:
    form = RetentionForm(request.state.form)
    if not form.validate():
        return _terms(request, session, form, 422)
    for purpose in RETAINED:
        retention.set_term(session, request.state.account, purpose, form.data[purpose])
    return redirect(request, "consents.retention")


def _local(request: Request, moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(request.state.organisation.zone))


def _person(request: Request, session: Session) -> Person:
    return found(session.get(Person, request.path_params["id"]))
