"""The form of an order's texts. It stands here and not in ``forms``: only orders know what braces may hold."""

from __future__ import annotations

from typing import Any

from wtforms import DateField, StringField, TextAreaField
from wtforms.validators import Optional, ValidationError

from forms.checks import DAY, NOT_EARLIER, given, no_longer, of_our_time
from forms.staff import StaffForm
from forms.text import clean, line
from service.documents.texts import PLACEHOLDERS, OrderTexts, unknown_placeholders
from service.i18n import N_, Message


def _line(text: str | None) -> str:
    return line(text or "")


def _paragraphs(text: str | None) -> str:
    return clean(text or "")


class OrderTextsForm(StaffForm):
    heading = StringField(N_("Heading"), [given, no_longer(500)], [_line])
    bases = TextAreaField(
        N_("Legal bases in the instrumental, one a line"),
        [Optional(), no_longer(10_000)],
        [_paragraphs],
        render_kw={"rows": 6},
    )
    preamble = TextAreaField(N_("Preamble"), [given, no_longer(5_000)], [_paragraphs], render_kw={"rows": 4})
    items = TextAreaField(
        N_("Items, one a paragraph"), [given, no_longer(20_000)], [_paragraphs], render_kw={"rows": 16}
    )
    control = TextAreaField(N_("Control of execution"), [Optional(), no_longer(1_000)], [_paragraphs])
    starts_on = DateField(N_("Term: from"), [Optional(), of_our_time], invalid_value_message=Message(DAY))
    ends_on = DateField(N_("Term: to"), [Optional(), of_our_time], invalid_value_message=Message(DAY))
    reporting = StringField(N_("Reporting"), [Optional(), no_longer(200)], [_line])

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
        plain = {name: self[name].data for name in ("heading", "preamble", "control", "reporting")}
        return before.to_json() | plain | lists | days

    def validate_ends_on(self, field: Any) -> None:
        if self.starts_on.data and field.data and field.data < self.starts_on.data:
            raise ValidationError(Message(NOT_EARLIER))

    def validate_preamble(self, field: Any) -> None:
        self._refuse_unknown_braces(field)
        if "{основания}" in field.data and not _lines(self.bases.data):
            raise ValidationError(N_("{основания} stands here, but no legal bases are entered."))

    def _refuse_unknown_braces(self, field: Any) -> None:
        for name in unknown_placeholders(field.data):
            known = ", ".join(f"{{{known}}}" for known in PLACEHOLDERS)
            raise ValidationError(N_("There is no {%(name)s}. There are: %(known)s.", name=name, known=known))

    validate_heading = validate_items = validate_control = _refuse_unknown_braces


def _lines(text: str) -> list[str]:
    return [entry.strip() for entry in text.splitlines() if entry.strip()]
