"""Questionnaires while they are written: begun, changed step by step, undone, made into a version.

Curators share a draft. Whoever changes a part of it says what they have seen of that part; when somebody else has
changed it since, nothing is written and ``Overtaken`` is raised, so that the page can be shown with both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sqlmodel import Session, col, delete, select

import forms
from service.errors import Conflict, NotFound
from service.i18n import N_
from service.questionnaires import actions
from service.questionnaires.editor import editing
from service.questionnaires.editor.editing import Draft
from service.tables import (
    Account,
    DraftStep,
    Questionnaire,
    QuestionnaireDraft,
    now,
)

MOST_STEPS = 50
ONE_SITTING = timedelta(minutes=2)  # what is typed without a longer pause is undone at once


class Overtaken(Conflict):
    message = N_("Somebody else has changed this part meanwhile.")


# --- beginning


def begin(
    session: Session, account: Account, definition: Draft, of: Questionnaire | None = None
) -> QuestionnaireDraft:
    draft = QuestionnaireDraft(
        questionnaire_id=of.id if of else None, definition=definition, account_id=account.id
    )
    session.add(draft)
    session.flush()
    return draft


def of_questionnaire(session: Session, account: Account, questionnaire: Questionnaire) -> QuestionnaireDraft:
    """The draft of its next version; while one is being written, that one."""
    present = session.exec(
        select(QuestionnaireDraft).where(QuestionnaireDraft.questionnaire_id == questionnaire.id)
    ).first()
    return present or begin(session, account, last_definition(session, questionnaire), questionnaire)


def as_another(session: Session, account: Account, definition: Draft, title: str = "") -> QuestionnaireDraft:
    """A questionnaire of its own that begins like that one."""
    key = editing.new_key(definition["key"], _keys_of_questionnaires(session))
    return begin(session, account, {**definition, "key": key, "title": title or definition["title"]})


def from_scratch(session: Session, account: Account, title: str, page: str) -> QuestionnaireDraft:
    key = editing.new_key(title, _keys_of_questionnaires(session))
    return begin(session, account, editing.blank(key, title, page))


def last_definition(session: Session, questionnaire: Questionnaire) -> Draft:
    version = actions.latest_version(session, questionnaire)
    if version is None:
        raise NotFound
    return version.definition


def _keys_of_questionnaires(session: Session) -> set[str]:
    return set(session.exec(select(Questionnaire.key)).all())


# --- changing


def locked(session: Session, draft_id: int) -> QuestionnaireDraft:
    draft = session.get(QuestionnaireDraft, draft_id, with_for_update=True, populate_existing=True)
    if draft is None:
        raise NotFound
    return draft


def change(
    session: Session,
    draft: QuestionnaireDraft,
    account: Account,
    deed: str,
    part: str,
    changed: Callable[[Draft], Draft],
    *,
    by_itself: bool = False,
) -> bool:
    """Whether anything changed. What was saved ``by_itself`` a moment ago and goes on is one step."""
    try:
        after = changed(draft.definition)
    except LookupError as gone:
        raise Overtaken from gone
    if after == draft.definition:
        return False
    last = last_step(session, draft)
    session.exec(delete(DraftStep).where(col(DraftStep.draft_id) == draft.id, col(DraftStep.undone)))
    if by_itself and last and _goes_on(last, deed, part, account):
        last.made_at = now()
    else:
        _keep_step(session, draft, account, deed, part, last.number + 1 if last else 1)
    _write(draft, account, after)
    return True


def _goes_on(last: DraftStep, deed: str, part: str, account: Account) -> bool:
    same = (last.deed, last.part, last.account_id) == (deed, part, account.id)
    return same and last.made_at > now() - ONE_SITTING


def _keep_step(
    session: Session, draft: QuestionnaireDraft, account: Account, deed: str, part: str, number: int
) -> None:
    session.flush()
    step = DraftStep(
        draft_id=draft.id,
        number=number,
        deed=deed,
        part=part,
        definition=draft.definition,
        account_id=account.id,
    )
    session.add(step)
    session.exec(
        delete(DraftStep).where(
            col(DraftStep.draft_id) == draft.id, col(DraftStep.number) <= number - MOST_STEPS
        )
    )


def _write(draft: QuestionnaireDraft, account: Account, definition: Draft) -> None:
    draft.definition = definition
    draft.version += 1
    draft.account_id, draft.changed_at = account.id, now()


def last_step(session: Session, draft: QuestionnaireDraft) -> DraftStep | None:
    """What «undo» would undo."""
    mine = (col(DraftStep.draft_id) == draft.id, col(DraftStep.undone).is_(False))
    return session.exec(
        select(DraftStep).where(*mine).order_by(col(DraftStep.number).desc()).limit(1)
    ).first()


def undone_step(session: Session, draft: QuestionnaireDraft) -> DraftStep | None:
    """What «redo» would do again."""
    mine = (col(DraftStep.draft_id) == draft.id, col(DraftStep.undone))
    return session.exec(select(DraftStep).where(*mine).order_by(col(DraftStep.number)).limit(1)).first()


def undo(session: Session, draft: QuestionnaireDraft, account: Account) -> None:
    _swap(draft, account, last_step(session, draft))


def redo(session: Session, draft: QuestionnaireDraft, account: Account) -> None:
    _swap(draft, account, undone_step(session, draft))


def _swap(draft: QuestionnaireDraft, account: Account, step: DraftStep | None) -> None:
    """The step holds the other side of its change."""
    if step:
        other, step.definition = step.definition, draft.definition
        step.undone = not step.undone
        _write(draft, account, other)


def discard(session: Session, draft: QuestionnaireDraft) -> None:
    session.exec(delete(DraftStep).where(col(DraftStep.draft_id) == draft.id))
    session.delete(draft)


# --- versions


def published(session: Session, draft: QuestionnaireDraft) -> list[Draft]:
    """The definitions of all versions there are, the oldest first."""
    return [version.definition for version in reversed(actions.versions_of(session, draft.questionnaire_id))]


def taken_keys(session: Session, draft: QuestionnaireDraft) -> set[str]:
    """A key never comes back with another meaning."""
    several = [*published(session, draft), draft.definition]
    used = {key for definition in several for key in editing.keys(definition)}
    return used | {f"{key}_other" for key in used}


def retired_codes(session: Session, draft: QuestionnaireDraft, key: str) -> dict[str, dict[str, str]]:
    """{list: {text: code}} of all versions of the question."""
    codes: dict[str, dict[str, str]] = {name: {} for name in editing.LISTS}
    for definition in published(session, draft):
        for asked in editing.questions(definition):
            if asked["key"] == key:
                for name in editing.LISTS:
                    codes[name] |= {text: code for code, text in asked.get(name, ())}
    return codes


def publish(session: Session, draft: QuestionnaireDraft) -> Questionnaire:
    """Its definition becomes a version; the draft is done with."""
    definition = forms.parse(draft.definition)
    if draft.questionnaire_id is None:
        taken = _keys_of_questionnaires(session)
        definition = replace(definition, key=editing.new_key(definition.key, taken))
    questionnaire = actions.add_questionnaire(session, definition)
    discard(session, draft)
    return questionnaire
