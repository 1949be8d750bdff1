"""What a request of staff was, for the audit trail: every action is on it by being one, what reads in bulk says so."""

from __future__ import annotations

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from service import audit

TOLD = (
    "person",
    "mentor_id",
    "mentee_id",
    "role",
    "kind",
    "state",
    "places",
)  # of a form: ids, numbers and codes
CODE = 40  # characters; nothing longer is one


def put_on_trail(request: Request, session: Session, response: Response) -> None:
    """Who did what, on which rows. What was refused, and whatever has no account behind it, is not there."""
    account = getattr(request.state, "account", None)
    if account is None or response.status_code >= 400:
        return
    audit.identify(session, f"account:{account.id}")
    form = getattr(request.state, "form", {})
    told = {name: str(form[name])[:CODE] for name in TOLD if name in form}
    audit.record(
        session, request.scope["endpoint"].__name__, _person(request, told), **{**told, **request.path_params}
    )


def put_on_trail_apart(request: Request, response: Response) -> None:
    """For a view that has committed already, or reads only."""
    if hasattr(request.state, "account"):
        with request.app.state.database.writing(request.state.organisation.id) as session:
            put_on_trail(request, session, response)


def _person(request: Request, told: dict[str, str]) -> int | None:
    if str(request.scope["route"].path).startswith("/people/{id:id}"):
        return int(request.path_params["id"])
    chosen = told.get("person", "")
    return int(chosen) if chosen.isascii() and chosen.isdigit() else None
