"""What both Django sites have: the settings that a new site of theirs starts with, in Russian and not in debug mode."""

# Django is in the peers' environment alone:
# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import django
from django.conf import settings

DJANGO = (
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
)
MIDDLEWARE = (
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
)
CONTEXT = (
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
)


def configure(
    site: str, apps: Sequence[str], middleware: Sequence[str], pages: Mapping[str, str], **more: Any
) -> None:
    """``pages``: templates of the site's own. The module ``site`` holds its addresses."""
    loaders = [
        ("django.template.loaders.locmem.Loader", pages),
        "django.template.loaders.app_directories.Loader",
    ]
    settings.configure(
        SECRET_KEY="of the bench",
        ALLOWED_HOSTS=["*"],
        LANGUAGE_CODE="ru",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["SITE_DATABASE"]}},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        INSTALLED_APPS=[*apps, *DJANGO],
        MIDDLEWARE=[*MIDDLEWARE, *middleware],
        ROOT_URLCONF=site,
        STATIC_URL="/static/",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "context_processors": CONTEXT,
                    "loaders": [("django.template.loaders.cached.Loader", loaders)],
                },
            }
        ],
        **more,
    )
    django.setup()
