"""Both banks and the register of pairs, as files and as a page to print."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from service.errors import NotFound
from service.people import registers
from service.sheets import CSV, XLSX, Sheet, as_csv, as_xlsx
from service.tables import ROLES
from service.web import download, render


def export(request: Request, session: Session) -> Response:
    sheet = _sheet(request, session)
    match request.path_params["format"]:
        case "csv":
            return download(b"".join(as_csv(sheet.headings, sheet.rows)), CSV, f"{sheet.name}.csv")
        case "xlsx":
            return download(b"".join(as_xlsx([sheet])), XLSX, f"{sheet.name}.xlsx")
    raise NotFound


def printed(request: Request, session: Session) -> Response:
    sheet = _sheet(request, session)
    return render(request, "people/register.html", sheet=sheet, rows=list(sheet.rows))


def _sheet(request: Request, session: Session) -> Sheet:
    what, zone = request.path_params["role"], ZoneInfo(request.state.organisation.zone)
    if what == "pairs":
        return registers.pairs(session, zone)
    if what in ROLES:
        return registers.bank(session, what, zone)
    raise NotFound
