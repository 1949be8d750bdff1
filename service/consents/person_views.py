"""What a person has said, for the curator: papers, proofs, scans; forms to be printed and signed."""

from __future__ import annotations

from sqlmodel import Session, col, select
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from forms.consents import PaperForm
from forms.staff import options
from service import queries
from service.consents import actions, papers
from service.consents.actions import Besides
from service.consents.proof import proof_of
from service.errors import Invalid, NotFound, TooLarge
from service.grounds import wanted_of
from service.i18n import N_, translate
from service.tables import CONSENTS, Account, Consent, ConsentText, LegalGround, Person, SubjectRequest, now
from service.web import download, found, mistakes, redirect, render

SCANS = {b"%PDF-": "pdf", b"\xff\xd8\xff": "jpg", b"\x89PNG": "png"}
SCAN_BYTES = 5 << 20


def show(request: Request, session: Session) -> Response:
    return _page(request, session, _person(request, session), PaperForm())


def _page(request: Request, session: Session, person: Person, form: PaperForm, status: int = 200) -> Response:
    texts = {kind: text for kind in CONSENTS if (text := queries.newest_text(session, kind))}
    form.kind.choices = options((kind, text.title) for kind, text in texts.items())
    rows = session.exec(
        select(Consent, ConsentText, Account)
        .join(ConsentText, col(ConsentText.id) == col(Consent.text_id))
        .join(Account, col(Account.id) == col(Consent.account_id), isouter=True)
        .where(Consent.person_id == person.id)
        .order_by(col(Consent.id).desc())
    ).all()
    asked = select(SubjectRequest).where(SubjectRequest.person_id == person.id)
    return render(
        request,
        "consents/person.html",
        status,
        person=person,
        form=form,
        errors=mistakes(form),
        texts=texts,
        consents=rows,
        standing=queries.consents_now(session).get(person.id),
        wanted=wanted_of(person.kind, person.birth_date, now().date()),
        grounds=session.exec(select(LegalGround).where(LegalGround.person_id == person.id)).all(),
        requests=session.exec(asked.order_by(col(SubjectRequest.id).desc())).all(),
    )


def on_paper(request: Request, session: Session) -> Response:
    """The curator holds a signed paper: given, refused or withdrawn."""
    person, posted = _person(request, session), request.state.form
    kind = str(posted.get("kind") or "processing")
    text = queries.newest_text(session, kind) if kind in CONSENTS else None
    state = str(posted.get("state"))
    if text is None or state not in ("given", "refused", "withdrawn"):
        raise Invalid
    form = PaperForm(posted)
    form.kind.choices = options([(kind, text.title)])
    if not form.validate():
        return _page(request, session, person, form, 422)
    scan, ending = _scan(posted.get("scan"))
    choices = {"name": form.name.data, "relation": form.relation.data} if form.name.data else {}
    besides = Besides(choices, form.signed_on.data, scan, ending)
    actions.say(session, person, text.id, state, "paper", request.state.account, besides)
    there = "people.show" if posted.get("kind") is None else "consents.person"
    return redirect(request, there, id=person.id)


def _scan(file: object) -> tuple[bytes | None, str]:
    if not isinstance(file, UploadFile) or not file.filename:
        return None, ""
    content = file.file.read(SCAN_BYTES + 1)
    if len(content) > SCAN_BYTES:
        raise TooLarge
    ending = next((ending for magic, ending in SCANS.items() if content.startswith(magic)), None)
    if ending is None:
        raise Invalid(N_("A scan is a PDF, JPEG or PNG file."), N_("Choose another file."))
    return content, ending


def scan(request: Request, session: Session) -> Response:
    """Never shown by the browser itself."""
    consent = found(session.get(Consent, request.path_params["id"]))
    name = f"{translate('Scan')} {consent.id}.{consent.scan_type}"
    return download(found(consent.scan), "application/octet-stream", name)


def proof(request: Request, session: Session) -> Response:
    consent = found(session.get(Consent, request.path_params["id"]))
    text = session.get_one(ConsentText, consent.text_id)
    return download(proof_of(consent, text), "text/plain; charset=utf-8", f"Согласие {consent.id}.txt")


def paper(request: Request, session: Session) -> Response:
    """The newest text with the person's name, to be printed and signed by hand."""
    person, kind = _person(request, session), request.path_params["kind"]
    text = queries.newest_text(session, kind) if kind in CONSENTS else None
    if text is None:
        raise NotFound
    return download(papers.consent(text, person), papers.DOCX, f"{text.title}.docx")


def _person(request: Request, session: Session) -> Person:
    return found(session.get(Person, request.path_params["id"]))
