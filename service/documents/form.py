"""The form of an order's texts: what OrderForm asks, and what only orders know of."""

from __future__ import annotations

from typing import Any

from wtforms import DateField, StringField, TextAreaField
from wtforms.validators import Length, Optional, ValidationError

from forms.staff import DAY, NOT_EARLIER, OrderForm
from service.documents.texts import PLACEHOLDERS, OrderTexts, unknown_placeholders
from service.i18n import N_, Message


class OrderTextsForm(OrderForm):
    bases = TextAreaField(N_("Legal bases in the instrumental, one a line"), [Optional(), Length(max=10_000)])
    starts_on = DateField(N_("Term: from"), [Optional()], invalid_value_message=Message(DAY))
    ends_on = DateField(N_("Term: to"), [Optional()], invalid_value_message=Message(DAY))
    reporting = StringField(N_("Reporting"), [Optional(), Length(max=200)])

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

    def validate_bases(self, field: Any) -> None:
        if "{основания}" in (self.preamble.data or "") and not _lines(field.data):
            raise ValidationError(N_("The preamble names {основания}: write them here or take it out there."))

    def _refuse_unknown_braces(self, field: Any) -> None:
        for name in unknown_placeholders(field.data or ""):
            known = ", ".join(f"{{{known}}}" for known in PLACEHOLDERS)
            raise ValidationError(N_("There is no {%(name)s}. There are: %(known)s.", name=name, known=known))

    validate_heading = validate_preamble = validate_items = validate_control = _refuse_unknown_braces


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]
