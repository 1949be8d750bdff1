"""Wagtail as a site with one form page, bare: no styles, no scripts."""

# Wagtail is in the peers' environment alone:
# mypy: disable-error-code="import-not-found, misc"
# Its models may be imported only when it is set up:
# ruff: noqa: E402

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from tests.bench.sites.settings import configure

PAGE = """<!doctype html><html lang="ru"><meta charset="utf-8"><title>{{ page.title }}</title><h1>{{ page.title }}</h1>
<form method="post">{% csrf_token %}{{ form.as_p }}<button>Отправить</button></form></html>"""
THANKS = (
    """<!doctype html><html lang="ru"><meta charset="utf-8"><title>Спасибо</title><h1>Спасибо</h1></html>"""
)
MIGRATIONS = "form_migrations"  # made beside the database
APPS = (
    *("wagtail.contrib.forms", "wagtail.contrib.redirects", "wagtail.embeds", "wagtail.sites"),
    *("wagtail.users", "wagtail.snippets", "wagtail.documents", "wagtail.images", "wagtail.search"),
    *("wagtail.admin", "wagtail", "modelcluster", "taggit", "django_filters"),
)
configure(
    __name__,
    [__name__, *APPS],
    ["wagtail.contrib.redirects.middleware.RedirectMiddleware"],
    {"form.html": PAGE, "thanks.html": THANKS},
    MIGRATION_MODULES={"wagtail_forms": MIGRATIONS},
    WAGTAIL_SITE_NAME="Анкеты",
    WAGTAILADMIN_BASE_URL="http://localhost",
)

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import models
from django.urls import include, path
from modelcluster.fields import ParentalKey
from wagtail.contrib.forms.models import AbstractForm, AbstractFormField
from wagtail.models import Page

KINDS = {
    "radio": "radio",
    "select": "dropdown",
    "text": "singleline",
    "multi": "checkboxes",
    "int": "number",
    "date": "date",
    "longtext": "multiline",
}


class FormPage(AbstractForm):
    template, landing_page_template = "form.html", "thanks.html"


class FormField(AbstractFormField):
    page = ParentalKey(FormPage, on_delete=models.CASCADE, related_name="form_fields")


urlpatterns = [path("", include("wagtail.urls"))]
application = get_wsgi_application()


def seed(source: dict[str, Any]) -> list[tuple[str, str]]:
    """What a browser posts."""
    _make_tables(Path(os.environ["SITE_DATABASE"]).parent)
    page, posted = FormPage(title=source["title"], slug="form"), []
    for order, asked in enumerate(source["questions"]):
        labels = {choice["code"]: choice["label"] for choice in asked["choices"]}
        field = FormField(
            sort_order=order,
            clean_name=asked["name"],
            label=asked["text"],
            required=asked["required"],
            field_type=KINDS[asked["type"]],
            choices="\n".join(labels.values()),
        )
        page.form_fields.add(field)
        posted += [(asked["name"], labels.get(said, said)) for said in asked["said"]]
    Page.objects.get(depth=2).add_child(instance=page)
    return posted


def _make_tables(folder: Path) -> None:
    (folder / MIGRATIONS).mkdir()
    (folder / MIGRATIONS / "__init__.py").touch()
    sys.path.append(str(folder))
    call_command("makemigrations", "wagtail_forms", verbosity=0)
    call_command("migrate", verbosity=0)
