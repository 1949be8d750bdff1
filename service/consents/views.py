"""The documents of consents for a respondent by link: each a page of its own, before the questionnaire; and taking a
consent back."""

from __future__ import annotations

from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from forms.consents import GuardianForm
from service import queries
from service.consents import actions
from service.consents.actions import Besides
from service.errors import NotFound
from service.grounds import wanted_of
from service.i18n import N_
from service.opened import Opened
from service.standard_consent import lines_of
from service.tables import Consent, ConsentText, Person, now
from service.web import found, mistakes, redirect, render

CHOOSE = N_("Choose: you give the consent or you do not.")


def show(request: Request, session: Session) -> Response:
    """The first document that awaits the person's word, or else the one about processing."""
    person = _holder(request)
    waiting = _waiting(session, person)
    return _document(request, session, person, waiting or _to_be_given(request, session, person))


def document(request: Request, session: Session) -> Response:
    """One of them, to be read again and answered anew."""
    person, kind = _holder(request), request.path_params["kind"]
    text = queries.newest_text(session, kind)
    if text is None or not (text.asked != "no" or kind in request.state.opened.wanted):
        raise NotFound
    return _document(request, session, person, text)


def _document(
    request: Request,
    session: Session,
    person: Person,
    text: ConsentText,
    errors: list[tuple[str, str]] | None = None,
) -> Response:
    last = actions.latest(session, person.id, text.kind)
    return render(
        request,
        "consents/show.html",
        422 if errors else 200,
        person=person,
        text=text,
        said=last.state if last else None,
        categories=lines_of(text.parts.get("categories", "")),
        guardian=GuardianForm(getattr(request.state, "form", None)) if text.kind == "guardian" else None,
        token=request.path_params["token"],
        errors=errors or [],
    )


def decide(request: Request, session: Session) -> Response:
    person, form = _holder(request), request.state.form
    shown = session.exec(select(ConsentText).where(ConsentText.hash == str(form.get("text")))).first()
    state = {"give": "given", "refuse": "refused"}.get(str(form.get("decision")))
    if state is None:
        text = shown or _to_be_given(request, session, person)
        return _document(request, session, person, text, [("decision", str(CHOOSE))])
    text = found(shown)
    guardian = GuardianForm(form)
    if text.kind == "guardian" and state == "given" and not guardian.validate():
        return _document(request, session, person, text, mistakes(guardian))
    actions.say(session, person, text.id, state, "link", besides=Besides(_choices(request, text, state)))
    return _onwards(request, session, person, text.kind, state)


def _choices(request: Request, text: ConsentText, state: str) -> dict[str, object]:
    """What the document asks besides yes and no; nothing is chosen for anybody."""
    form = request.state.form
    if state == "given" and text.kind == "guardian":
        guardian = GuardianForm(form)
        return {"name": guardian.name.data, "relation": guardian.relation.data}
    if state == "given" and text.kind == "dissemination":
        listed = lines_of(text.parts.get("categories", ""))
        allowed = [name for at, name in enumerate(listed) if form.get(f"category-{at}") == "yes"]
        return {"categories": allowed, "prohibitions": str(form.get("prohibitions", ""))[:2000].strip()}
    return {}


def _onwards(request: Request, session: Session, person: Person, kind: str, state: str) -> Response:
    token = request.path_params["token"]
    if kind in request.state.opened.wanted and state == "refused":
        return redirect(request, "consents.refused", token=token)
    if _waiting(session, person):
        return redirect(request, "consents.show", token=token)
    return redirect(request, "submissions.form", token=token)


def _waiting(session: Session, person: Person) -> ConsentText | None:
    """Of the documents that they are asked about, the first that they have not answered or whose term is over."""
    for kind in wanted_of(person.kind, person.birth_date, now().date()):
        last = actions.latest(session, person.id, kind)
        if last is None or (last.expires_at and last.expires_at <= now()):
            return queries.consent_text(session, kind)
    answered = select(Consent.kind).where(Consent.person_id == person.id)
    besides = select(ConsentText).where(ConsentText.asked != "no", col(ConsentText.kind).not_in(answered))
    return session.exec(
        besides.where(ConsentText.kind != "processing").order_by(col(ConsentText.id)).limit(1)
    ).first()


def _to_be_given(request: Request, session: Session, person: Person) -> ConsentText:
    """The first of the consents that it takes and that is not given, else the last of them."""
    wanted = request.state.opened.wanted
    said = {kind: last.state for kind in wanted if (last := actions.latest(session, person.id, kind))}
    kind = next((kind for kind in wanted if said.get(kind) != "given"), wanted[-1])
    return queries.consent_text(session, kind)


def refused(request: Request, session: Session) -> Response:
    person = _holder(request)
    return render(request, "consents/refused.html", person=person, token=request.path_params["token"])


def mine(request: Request, session: Session) -> Response:
    """What the person has agreed to, and how to take it back."""
    return _mine(request, session, _holder(request))


def _mine(request: Request, session: Session, person: Person) -> Response:
    rows = session.exec(
        select(Consent, ConsentText)
        .join(ConsentText, col(ConsentText.id) == col(Consent.text_id))
        .where(Consent.person_id == person.id)
        .order_by(col(Consent.id))
    ).all()
    standing = {consent.kind: (consent, text) for consent, text in rows}
    return render(
        request,
        "consents/mine.html",
        person=person,
        standing=standing.values(),
        opened=request.state.opened,
        token=request.path_params["token"],
    )


def withdraw(request: Request, session: Session) -> Response:
    person = _holder(request)
    last = actions.latest(session, person.id, str(request.state.form.get("kind")))
    if last and last.state == "given":
        actions.say(session, person, last.text_id, "withdrawn", "link")
    return redirect(request, "consents.mine", token=request.path_params["token"])


def _holder(request: Request) -> Person:
    """Whose personal link this is; by a common link one introduces oneself first."""
    opened: Opened = request.state.opened
    return found(opened.person)
