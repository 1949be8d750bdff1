"""The form of an order's texts: what OrderForm asks, and what only orders know of."""

from __future__ import annotations

from typing import Any

from wtforms import DateField, StringField, TextAreaField
from wtforms.validators import Optional, ValidationError

from forms.checks import DAY, NOT_EARLIER, no_longer, of_our_time
from forms.staff import OrderForm
from service.documents.texts import PLACEHOLDERS, OrderTexts, unknown_placeholders
from service.i18n import N_, Message

ROWS = {"bases": 6, "preamble": 4, "items": 16}


class OrderTextsForm(OrderForm):
    bases = TextAreaField(N_("Legal bases in the instrumental, one a line"), [Optional(), no_longer(10_000)])
    starts_on = DateField(N_("Term: from"), [Optional(), of_our_time], invalid_value_message=Message(DAY))
    ends_on = DateField(N_("Term: to"), [Optional(), of_our_time], invalid_value_message=Message(DAY))
    reporting = StringField(N_("Reporting"), [Optional(), no_longer(200)])

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for name, rows in ROWS.items():
            self[name].render_kw = {"rows": rows}

    @classmethod
    def of(cls, texts: OrderTexts) -> OrderTextsForm:
        lines = {"items": "\n".join(texts.items), "bases": "\n".join(texts.bases)}
        return cls(data={**vars(texts), **lines})

    def texts(self, before: OrderTexts) -> dict[str, Any]:
        """What was entered, as JSON of OrderTexts; what is not asked here stays as ``before``."""
        days = {
            name: self[name].data.isoformat() if self[name].data else "" for name in ("starts_on", "ends_on")
        }
        lists = {name: _lines(self[name].data) for name in ("items", "bases")}
        plain = {name: self[name].data or "" for name in ("heading", "preamble", "control", "reporting")}
        return before.to_json() | plain | lists | days

    def validate_ends_on(self, field: Any) -> None:
        if self.starts_on.data and field.data and field.data < self.starts_on.data:
            raise ValidationError(Message(NOT_EARLIER))

    def validate_preamble(self, field: Any) -> None:
        self._refuse_unknown_braces(field)
        if "{основания}" in field.data and not _lines(self.bases.data):
            raise ValidationError(N_("{основания} stands here, but no legal bases are entered."))

    def _refuse_unknown_braces(self, field: Any) -> None:
        for name in unknown_placeholders(field.data or ""):
            known = ", ".join(f"{{{known}}}" for known in PLACEHOLDERS)
            raise ValidationError(N_("There is no {%(name)s}. There are: %(known)s.", name=name, known=known))

    validate_heading = validate_items = validate_control = _refuse_unknown_braces


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]
