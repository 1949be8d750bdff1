"""How a page is made: the templates, and the words that every template may use.

_(text), ngettext(…)     in the language of the request
url(name, **path)        an address of ours;  static(file) one that may be kept for ever
csrf()                   the hidden field of every form that a signed-in person sends
|day  |moment            dates in the organisation's zone
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from service import i18n, seals

ROOT = Path(__file__).parent.parent
STATIC = Path(__file__).parent / "static"
DEFAULT_ZONE = "Europe/Moscow"


@pass_context
def url(context: Context, name: str, **path: Any) -> str:
    return str(context["request"].app.url_path_for(name, **path))


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
def moment(context: Context, value: datetime | None) -> str:
    return f"{_here(context, value):%d.%m.%Y %H:%M}" if value else ""


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
        "errors": (),
        "done": None,
        "section": "",
        "organisation": None,
    }
    environment.filters |= {"day": day, "moment": moment}
    return environment


TEMPLATES = _environment()
