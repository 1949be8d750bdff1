"""Our consent document with an organisation's particulars written in. It follows the card until somebody edits it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sqlmodel import Session, col, delete, select

from service.queries import consent_text
from service.tables import Consent, ConsentText, Organisation

TITLE = "Согласие на обработку персональных данных"
SOURCE = Path(__file__).with_suffix(".txt")


def body_for(organisation: Organisation) -> str:
    """What the card does not say is left out with the words around it."""
    phrases = {
        "address": f", адрес: {organisation.address}",
        "inn": f", ИНН {organisation.inn}",
        "ogrn": f", ОГРН {organisation.ogrn}",
        "head_post": f" ({organisation.head_post})",
    }
    known = {name: text if getattr(organisation, name) else "" for name, text in phrases.items()}
    return SOURCE.read_text("utf-8").strip().format(full_name=organisation.full_name, **known)


def fingerprint(title: str, body: str) -> str:
    return hashlib.sha256(f"{title}\n\n{body}".encode()).hexdigest()


def follow_card(session: Session, before: str, organisation: Organisation) -> None:
    """``before``: ``body_for`` the card as it was. A text that somebody edited is theirs and stays.

    The card may return to what it said once: an earlier version comes forward again if nobody has answered it.
    """
    body = body_for(organisation)
    newest = consent_text(session)
    if body == before or newest.hash != fingerprint(TITLE, before):
        return
    same = col(ConsentText.hash) == fingerprint(TITLE, body)
    answered = select(Consent.text_id)
    session.exec(delete(ConsentText).where(same, col(ConsentText.id).not_in(answered)))
    if session.exec(select(ConsentText).where(same)).first() is None:
        session.add(ConsentText(title=TITLE, body=body, hash=fingerprint(TITLE, body)))
