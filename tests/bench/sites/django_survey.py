"""django-survey-and-report as a site with one questionnaire, all of it on one page, open to everybody."""

# Django is in the peers' environment alone:
# mypy: disable-error-code="import-not-found"
# Its models may be imported only when it is set up:
# ruff: noqa: E402

from __future__ import annotations

from typing import Any

from tests.bench.sites.settings import configure

ITS_OWN = {"CHOICES_SEPARATOR": "|", "USER_DID_NOT_ANSWER": "", "EXCEL_COMPATIBLE_CSV": False}
configure(__name__, ["survey"], [], {}, **ITS_OWN)

from django.contrib.staticfiles.views import serve
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import include, path
from django.utils.text import slugify
from survey.models import Question, Survey

KINDS = {
    "radio": Question.RADIO,
    "select": Question.SELECT,
    "text": Question.SHORT_TEXT,
    "multi": Question.SELECT_MULTIPLE,
    "int": Question.INTEGER,
    "date": Question.DATE,
    "longtext": Question.TEXT,
}
urlpatterns = [
    path("survey/", include("survey.urls")),
    path("static/<path:path>", serve, {"insecure": True}),
]
application = get_wsgi_application()


def seed(source: dict[str, Any]) -> list[tuple[str, str]]:
    """What a browser posts."""
    call_command("migrate", verbosity=0)
    survey = Survey.objects.create(name=source["title"], description="", need_logged_user=False)
    posted = []
    for order, asked in enumerate(source["questions"]):
        labels = {choice["code"]: choice["label"] for choice in asked["choices"]}
        question = Question.objects.create(
            survey=survey,
            order=order,
            text=asked["text"],
            required=asked["required"],
            type=KINDS[asked["type"]],
            choices="|".join(labels.values()),
        )
        for said in asked["said"]:
            value = slugify(labels[said], allow_unicode=True) if labels else said
            posted.append((f"question_{question.pk}", value))
    return posted
