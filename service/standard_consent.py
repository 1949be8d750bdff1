"""Our texts of consents with an organisation's particulars in them. They follow the card until somebody edits them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, delete, select, update

from service.queries import newest_text
from service.tables import CONSENTS, Consent, ConsentText, Organisation

STANDARD: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
CLAUSES = {
    "operator": "Оператор",
    "purpose": "Цель обработки",
    "facts": "Персональные данные",
    "actions": "Действия с персональными данными",
    "categories": "Категории данных",
    "resources": "Информационные ресурсы",
    "term": "Срок действия",
    "withdrawal": "Отзыв согласия",
}
OF_LABOUR = {"operator": "Работодатель", "purpose": "Поручение", "facts": "Содержание", "actions": "Форма и оплата",
             "withdrawal": "Отказ"}  # fmt: skip
OF_KIND: dict[str, dict[str, str]] = {
    "labour": OF_LABOUR,
    "participation": OF_LABOUR | {"operator": "Организация", "purpose": "Цель", "actions": "Условия"},
    "image": {"purpose": "Цель", "facts": "Изображения", "actions": "Действия"},
}


def parts_for(organisation: Organisation, kind: str = "processing") -> dict[str, Any]:
    """What the card does not say is left out with the words around it."""
    phrases = {
        "address": f", адрес: {organisation.address}",
        "inn": f", ИНН {organisation.inn}",
        "ogrn": f", ОГРН {organisation.ogrn}",
        "head_post": f" ({organisation.head_post})",
        "school_year": organisation.school_year,
    }
    known = {name: text if getattr(organisation, name) else "" for name, text in phrases.items()}
    known["full_name"] = organisation.full_name
    return {
        name: text.format(**known).strip() if isinstance(text, str) else text
        for name, text in STANDARD[kind].items()
    }


def body_of(kind: str, parts: Mapping[str, Any]) -> str:
    """The document as people read it: an opening and numbered clauses, each a paragraph."""
    names = CLAUSES | OF_KIND.get(kind, {})
    clauses = [f"{name}: {_in_a_row(parts[part])}" for part, name in names.items() if parts.get(part)]
    clauses += str(parts.get("further", "")).split("\n\n")
    numbered = [f"{number}. {clause}" for number, clause in enumerate(filter(None, clauses), 1)]
    return "\n\n".join(filter(None, (parts.get("opening"), *numbered)))


def _in_a_row(text: str) -> str:
    return "; ".join(lines_of(text))


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def body_for(organisation: Organisation, kind: str = "processing") -> str:
    return body_of(kind, parts_for(organisation, kind))


def fingerprint(title: str, body: str) -> str:
    return hashlib.sha256(f"{title}\n\n{body}".encode()).hexdigest()


def put_forward(session: Session, text: ConsentText) -> ConsentText:
    """``text`` is what people are asked about from now on, instead of the earlier version."""
    earlier = col(ConsentText.kind) == text.kind
    session.exec(update(ConsentText).where(earlier, col(ConsentText.asked) != "no").values(asked="no"))
    session.add(text)
    session.flush()
    return text


def follow_card(session: Session, before: str, organisation: Organisation) -> None:
    """``before``: ``body_for`` the card as it was. A text that somebody edited is theirs and stays."""
    for kind in CONSENTS:
        newest, parts = newest_text(session, kind), parts_for(organisation, kind)
        if newest is None or newest.body == body_of(kind, parts):
            continue
        untouched = newest.hash == fingerprint(STANDARD[kind]["title"], before)
        if untouched or newest.parts.get("standard"):
            _renew(session, newest, parts)


def _renew(session: Session, text: ConsentText, parts: dict[str, Any]) -> None:
    """The card may return to what it said once: that version comes forward again if nobody has answered it."""
    title, body = str(parts["title"]), body_of(text.kind, parts)
    same = col(ConsentText.hash) == fingerprint(title, body)
    session.exec(delete(ConsentText).where(same, col(ConsentText.id).not_in(select(Consent.text_id))))
    if session.exec(select(ConsentText).where(same)).first() is None:
        renewed = ConsentText(
            kind=text.kind,
            title=title,
            body=body,
            hash=fingerprint(title, body),
            parts={**parts, "standard": True},
            months=text.months,
            asked=text.asked,
        )
        put_forward(session, renewed)
