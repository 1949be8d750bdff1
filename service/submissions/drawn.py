"""The questions of a page as HTML. One that nobody has touched looks the same to everybody: it is drawn once."""

from __future__ import annotations

from markupsafe import Markup

import forms
from forms import Filled
from forms.fields import Asked
from service.i18n import language
from service.pages import TEMPLATES

MOST_KEPT = 2_000
_kept: dict[tuple[str, str, str], Markup] = {}  # by what is asked, the question's key and our language


def drawn(filled: Filled, field: Asked) -> Markup:
    if not filled.untouched(field):
        return _draw(field)
    its = filled.definition.hash, field.question.key, language()
    if its not in _kept:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[its] = _draw(field)
    return _kept[its]


def _draw(field: Asked) -> Markup:
    html: Markup = TEMPLATES.get_template("_parts/field.html").module.question(field, forms.sentence)  # type: ignore[attr-defined]
    return html
