"""What a new organisation begins with: the consent document and our questionnaires."""

from __future__ import annotations

from sqlmodel import Session

import forms
from service.consents import actions as consents
from service.questionnaires import actions as questionnaires


def furnish(session: Session) -> None:
    consents.publish_standard(session)
    for definition in forms.library().values():
        questionnaires.add_questionnaire(session, definition)
