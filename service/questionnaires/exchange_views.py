"""Questionnaires from files and into files: XLSForm workbooks and our JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

import forms
from forms.difference import breaks, difference
from forms.text import line
from forms.xlsform import Imported, Place, sentences, write
from service import queries
from service.database import Database
from service.errors import Invalid
from service.i18n import N_, language
from service.questionnaires import exchange
from service.questionnaires.changes import told, told_broken
from service.questionnaires.previews import previewed
from service.questionnaires.version_views import asked_for
from service.tables import Questionnaire
from service.web import download, redirect, render

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
JSON = "application/json"
MOST_FINDINGS = 200
SCHEMA = Path(forms.__file__).parent / "schema.json"


def importing(request: Request, session: Session) -> Response:
    return _page(request, session, target=request.query_params.get("target", ""))


def look(request: Request, database: Database) -> Response:
    """Reads the file, says what was found and what would be kept; keeps nothing."""
    posted, account = request.state.form, request.state.account
    file = posted.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise Invalid(N_("Choose a file."))
    with file.file:
        content = file.file.read()
    imported = exchange.looked_through(content, line(file.filename))
    with database.reading(account.organisation_id) as session:
        return _page(request, session, str(posted.get("target", "")), imported)


def keep(request: Request, session: Session) -> Response:
    questionnaire = exchange.keep(session, str(request.state.form.get("definition", "")))
    return redirect(request, "questionnaires.versions", id=questionnaire.id)


def xlsx(request: Request, session: Session) -> Response:
    questionnaire, version = asked_for(request, session)
    return download(write(forms.parse(version.definition)), XLSX, f"{questionnaire.title}.xlsx")


def as_json(request: Request, session: Session) -> Response:
    questionnaire, version = asked_for(request, session)
    text = json.dumps(version.definition, ensure_ascii=False, indent=2)
    return download(f"{text}\n".encode(), JSON, f"{questionnaire.title}.json")


def schema(request: Request, session: Session) -> Response:
    return download(SCHEMA.read_bytes(), JSON, "nastavnik.questionnaire.schema.json")


def _page(request: Request, session: Session, target: str, imported: Imported | None = None) -> Response:
    definition, refused = None, []
    if imported and imported.definition:
        definition = exchange.aimed(session, imported.definition, target)
    elif imported:
        refused = [("findings", str(N_("The file cannot be taken yet: see the table.")))]
    return render(
        request,
        "questionnaires/import.html",
        422 if refused else 200,
        questionnaires=session.exec(select(Questionnaire).order_by(col(Questionnaire.id))).all(),
        target=target,
        new=exchange.NEW,
        errors=refused,
        findings=_in_words(imported)[:MOST_FINDINGS] if imported else [],
        more=max(0, len(imported.findings) - MOST_FINDINGS) if imported else 0,
        definition=definition,
        **(_offered(session, definition) if definition else {}),
    )


def _in_words(imported: Imported) -> list[tuple[bool, Place, str, str]]:
    return [(found.refused, found.place, *sentences(found, language())) for found in imported.findings]


def _offered(session: Session, definition: forms.Definition) -> dict[str, Any]:
    """What the curator looks at before it is kept."""
    questionnaire, old = exchange.present(session, definition.key)
    return {
        "written": json.dumps(definition.to_json(), ensure_ascii=False),
        "present": questionnaire,
        "same": old is not None and old.hash == definition.hash,
        "changes": [told(change) for change in difference(old, definition)] if old else [],
        "broken": [told_broken(change) for change in breaks(old, definition)] if old else [],
        "pages": previewed(definition, queries.choices_of_people(session)),
        "sentence": forms.sentence,
    }
