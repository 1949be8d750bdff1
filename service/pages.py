"""How a page is made: the templates, and the words that every template may use.

_(text), ngettext(…)     in the language of the request
url(name, **path)        an address of ours;  static(file) one that may be kept for ever
csrf()                   the hidden field of every form that a signed-in person sends
fingerprint(form)        of what a form showed when it was opened (versions.py)
may(name)                whether the role of who is signed in opens the address called so;  link(name, text, **path)
|day  |moment  |clock  |hour   dates and times in the organisation's zone
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from service import i18n, seals, versions
from service.tables import now

ROOT = Path(__file__).parent.parent
STATIC = Path(__file__).parent / "static"
DEFAULT_ZONE = "Europe/Moscow"


@pass_context
def url(context: Context, name: str, **path: Any) -> str:
    return address(context["request"], name, **path)


def address(request: Request, name: str, **path: Any) -> str:
    """In the language that this request's own address asks for."""
    there = str(request.app.url_path_for(name, **path))
    chosen = request.query_params.get("lang")
    return f"{there}?lang={quote(chosen)}" if chosen else there


@cache
def static(file: str) -> str:
    version = hashlib.sha256((STATIC / file).read_bytes()).hexdigest()[:12]
    return f"/static/{file}?v={version}"


@pass_context
def csrf(context: Context) -> Markup:
    request = context["request"]
    token = seals.csrf_token(request.app.state.settings.secret_key, request.state.sign_in.token_hash)
    return Markup('<input type="hidden" name="csrf" value="{}">').format(token)


@pass_context
def fingerprint(context: Context, form: Any) -> str:
    return versions.seen(context["request"], form)


@pass_context
def may(context: Context, name: str) -> bool:
    request = context["request"]
    return request.state.account.role in _roles(request.app).get(name, ())


@lru_cache(maxsize=4)
def _roles(app: Starlette) -> dict[str, frozenset[str]]:
    """Which roles open the addresses of this application that ask for one."""
    asking = [
        route
        for route in app.routes
        if isinstance(route, Route) and hasattr(vars(route.endpoint)["may"], "roles")
    ]
    return {route.name: vars(route.endpoint)["may"].roles for route in reversed(asking)}


@pass_context
def link(context: Context, name: str, text: str, **path: Any) -> Markup:
    """``text`` as a link for whoever may go there, as it is for the others."""
    if not may(context, name):
        return escape(text)
    return Markup('<a href="{}">{}</a>').format(url(context, name, **path), text)


@pass_context
def moment(context: Context, value: datetime | None) -> str:
    return f"{_here(context, value):%d.%m.%Y %H:%M}" if value else ""


@pass_context
def clock(context: Context, value: datetime | None) -> str:
    """The time of day; with the day when that was another one."""
    if value is None:
        return ""
    here = _here(context, value)
    return f"{here:%H:%M}" if here.date() == _here(context, now()).date() else f"{here:%H:%M (%d.%m.%Y)}"


@pass_context
def hour(context: Context, value: datetime | None) -> str:
    """For what is known to the hour: between which two."""
    if value is None:
        return ""
    here = _here(context, value)
    return f"{here:%d.%m.%Y, %H:00}–{here + timedelta(hours=1):%H:00}"


@pass_context
def day(context: Context, value: date | None) -> str:
    return f"{_here(context, value) if isinstance(value, datetime) else value:%d.%m.%Y}" if value else ""


def _here(context: Context, value: datetime) -> datetime:
    organisation = context.get("organisation")
    return value.astimezone(ZoneInfo(organisation.zone if organisation else DEFAULT_ZONE))


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "_": i18n.say,
        "ngettext": i18n.translate_many,
        "language": i18n.language,
        "url": url,
        "static": static,
        "csrf": csrf,
        "fingerprint": fingerprint,
        "may": may,
        "link": link,
        "errors": (),
        "done": None,
        "section": "",
        "organisation": None,
    }
    environment.filters |= {"day": day, "moment": moment, "clock": clock, "hour": hour}
    return environment


TEMPLATES = _environment()
