"""The texts of the documents, their versions, and whom they are shown to; other grounds than consent."""

from __future__ import annotations

from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from forms.consents import AskingForm, ConsentTextForm, GroundForm
from forms.staff import options
from service import queries
from service.consents import actions
from service.database import organisation_of
from service.errors import Invalid, NotFound
from service.i18n import translate
from service.standard_consent import parts_for
from service.tables import CONSENTS, ConsentText, LegalGround, Organisation, Person, Wave
from service.web import found, mistakes, redirect, render


def texts(request: Request, session: Session) -> Response:
    newest = {kind: queries.newest_text(session, kind) for kind in CONSENTS}
    return render(request, "consents/texts.html", newest=newest)


def text(request: Request, session: Session) -> Response:
    newest = queries.newest_text(session, kind := _kind(request))
    parts = newest.parts if newest and newest.parts else _standard(session, kind)
    dates = {"checked_on": newest.checked_on, "months": newest.months} if newest else {}
    return _page(request, session, ConsentTextForm(data={**parts, **dates}))


def _standard(session: Session, kind: str) -> dict[str, object]:
    return parts_for(session.get_one(Organisation, organisation_of(session)), kind)


def publish(request: Request, session: Session) -> Response:
    form, kind = ConsentTextForm(request.state.form), _kind(request)
    if not form.validate():
        return _page(request, session, form, 422)
    said = form.data
    actions.publish(session, kind, said, said.pop("checked_on"), said.pop("months"))
    return redirect(request, "consents.text", kind=kind)


def _page(request: Request, session: Session, form: ConsentTextForm, status: int = 200) -> Response:
    kind = _kind(request)
    if kind != "dissemination":
        del form.categories, form.resources
    of_kind = select(ConsentText).where(ConsentText.kind == kind)
    versions = session.exec(of_kind.order_by(col(ConsentText.id).desc())).all()
    asking = AskingForm(asked=versions[0].asked) if versions else None
    return render(
        request,
        "consents/text.html",
        status,
        kind=kind,
        form=form,
        asking=asking,
        errors=mistakes(form),
        versions=versions,
    )


def ask(request: Request, session: Session) -> Response:
    """Processing is always asked about, a guardian's only for minors, and the labour consent only on paper."""
    kind, form = _kind(request), AskingForm(request.state.form)
    newest = queries.consent_text(session, kind)
    if kind in ("processing", "guardian", "labour"):
        raise NotFound
    if not form.validate():
        raise Invalid
    actions.ask(session, newest, form.asked.data)
    return redirect(request, "consents.text", kind=kind)


def _kind(request: Request) -> str:
    kind: str = request.path_params["kind"]
    if kind not in CONSENTS:
        raise NotFound
    return kind


# --- other grounds


def grounds(request: Request, session: Session) -> Response:
    return _grounds(request, session, GroundForm())


def add_ground(request: Request, session: Session) -> Response:
    form = _with_choices(session, GroundForm(request.state.form))
    if not form.validate():
        return _grounds(request, session, form, 422)
    person = session.get(Person, int(form.person.data)) if form.person.data else None
    wave = session.get(Wave, int(form.wave.data)) if form.wave.data else None
    actions.ground(session, request.state.account, form.kind.data, form.citation.data, person, wave)
    return redirect(request, "consents.grounds")


def end_ground(request: Request, session: Session) -> Response:
    actions.end_ground(found(session.get(LegalGround, request.path_params["id"])))
    return redirect(request, "consents.grounds")


def _with_choices(session: Session, form: GroundForm) -> GroundForm:
    waves = session.exec(select(Wave).where(Wave.mode == "named").order_by(col(Wave.id).desc())).all()
    nobody = [("", translate("not chosen"))]
    form.person.choices = options(
        [*nobody, *((str(id_), name) for id_, name in queries.names(session).items())]
    )
    form.wave.choices = options([*nobody, *((str(wave.id), wave.title) for wave in waves)])
    return form


def _grounds(request: Request, session: Session, form: GroundForm, status: int = 200) -> Response:
    rows = session.exec(
        select(LegalGround, Person, Wave)
        .join(Person, col(Person.id) == col(LegalGround.person_id), isouter=True)
        .join(Wave, col(Wave.id) == col(LegalGround.wave_id), isouter=True)
        .order_by(col(LegalGround.ended_at).is_not(None), col(LegalGround.id).desc())
    ).all()
    form = _with_choices(session, form)
    return render(request, "consents/grounds.html", status, form=form, errors=mistakes(form), grounds=rows)
