"""Questionnaires and their waves; links to copy, print with QR codes, or take into a mailing."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import segno
from markupsafe import Markup
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

import forms
from forms.staff import EndForm, SeriesForm, WaveForm, options
from service import ballots, queries, seals, versions
from service.errors import Invalid
from service.i18n import N_, translate
from service.questionnaires import actions
from service.questionnaires.results import reading
from service.sheets import inert
from service.tables import Link, Person, Questionnaire, Submission, Wave, now
from service.web import download, found, mistakes, number, redirect, render

MOST_CARDS = 500
CSV_MEDIA = "text/csv; charset=utf-8"


def index(request: Request, session: Session) -> Response:
    waves = session.exec(
        select(Wave, Questionnaire)
        .join(Questionnaire, col(Questionnaire.id) == col(Wave.questionnaire_id))
        .order_by(col(Wave.id).desc())
    ).all()
    questionnaires = session.exec(select(Questionnaire).order_by(col(Questionnaire.id))).all()
    return render(request, "questionnaires/index.html", waves=waves, questionnaires=questionnaires, now=now())


def show(request: Request, session: Session) -> Response:
    """The questions as a respondent sees them, on one page, to be read or printed."""
    questionnaire = found(session.get(Questionnaire, request.path_params["id"]))
    versions = actions.versions_of(session, questionnaire.id)
    blank = forms.build(
        forms.parse(found(versions[0] if versions else None).definition), queries.choices_of_people(session)
    )
    return render(
        request,
        "questionnaires/show.html",
        questionnaire=questionnaire,
        versions=versions,
        blank=blank,
        filled=blank.from_answers({}),
        sentence=forms.sentence,
    )


def new_wave(request: Request, session: Session) -> Response:
    here = now().astimezone(_zone(request)).replace(second=0, microsecond=0, tzinfo=None)
    form = WaveForm(opens_at=here, closes_at=(here + timedelta(days=7)).replace(hour=23, minute=59))
    return _wave_form_page(request, session, form)


def open_wave(request: Request, session: Session) -> Response:
    form = WaveForm(request.state.form)
    offer_questionnaires(session, form)
    if not form.validate():
        return _wave_form_page(request, session, form, 422)
    questionnaire = found(session.get(Questionnaire, int(form.questionnaire_id.data)))
    rules = actions.Rules(form.mode.data, int(form.threshold.data), form.audience.data)
    wave = actions.open_wave(
        session,
        questionnaire,
        form.title.data,
        _utc(request, form.opens_at.data),
        _utc(request, form.closes_at.data),
        rules,
    )
    actions.provide_tickets(request.app.state.database, session, wave)
    return redirect(request, "questionnaires.wave", id=wave.id)


def _wave_form_page(request: Request, session: Session, form: WaveForm, status: int = 200) -> Response:
    offer_questionnaires(session, form)
    return render(request, "questionnaires/new_wave.html", status, form=form, errors=mistakes(form))


def offer_questionnaires(session: Session, form: WaveForm | SeriesForm) -> None:
    listed = session.exec(select(Questionnaire).order_by(col(Questionnaire.id))).all()
    form.questionnaire_id.choices = options((str(row.id), row.title) for row in listed)


def wave(request: Request, session: Session) -> Response:
    return _wave_page(request, session, _wave(request, session))


def _wave_page(
    request: Request, session: Session, wave: Wave, form: EndForm | None = None, status: int = 200
) -> Response:
    questionnaire = session.get_one(Questionnaire, wave.questionnaire_id)
    common = _common_link(session, wave)
    form = form or _end_form(request, wave)
    return render(
        request,
        "questionnaires/wave.html",
        status,
        wave=wave,
        questionnaire=questionnaire,
        common_id=common.id if common else None,
        common=_address(request, common) if common else None,
        rows=_rows(request, session, wave),
        pool=ballots.pool(request.app.state.database, wave.id) if wave.mode == "anonymous" else None,
        readable=reading.may_be_read(wave),
        without_link=actions.without_link(session, wave),
        form=form,
        errors=mistakes(form),
        now=now(),
    )


def _end_form(request: Request, wave: Wave) -> EndForm:
    return EndForm(closes_at=wave.closes_at.astimezone(_zone(request)).replace(tzinfo=None))


def add_links(request: Request, session: Session) -> Response:
    wave = _wave(request, session)
    actions.add_links(session, wave)
    actions.provide_tickets(request.app.state.database, session, wave)
    return redirect(request, "questionnaires.wave", id=wave.id)


def set_end(request: Request, session: Session) -> Response:
    """Prolong or close; the button «close now» needs no date."""
    wave, form, at_once = _wave(request, session), EndForm(request.state.form), "now" in request.state.form
    opens_at = wave.opens_at.astimezone(_zone(request)).replace(tzinfo=None)
    if not at_once and not (form.validate() and _later(form, opens_at)):
        return _wave_page(request, session, wave, form, 422)
    versions.lock(session, wave)
    if versions.conflicts(request, form, _end_form(request, wave)):
        return _wave_page(request, session, wave, form, 409)
    if at_once:
        actions.close(session, wave)
    else:
        actions.set_end(session, wave, _utc(request, form.closes_at.data))
    return redirect(request, "questionnaires.wave", id=wave.id)


def _later(form: EndForm, opens_at: datetime) -> bool:
    later: bool = form.closes_at.data > opens_at
    if not later:
        form.closes_at.errors = [N_("Choose a moment later than the beginning.")]
    return later


def reissue(request: Request, session: Session) -> Response:
    link = found(session.get(Link, request.path_params["id"]))
    actions.reissue(session, link)
    return redirect(request, "questionnaires.wave", id=link.wave_id)


def sheet(request: Request, session: Session) -> Response:
    """Cards with QR codes for those who have not answered, eight to a page, to be cut and handed out."""
    wave = _wave(request, session)
    rows = [row for row in _rows(request, session, wave) if not row["answered_at"]]
    named = [(row["name"], row["address"]) for row in rows]
    if common := _common_link(session, wave):
        named.append((translate("Common link for newcomers"), _address(request, common)))
    return _sheet_page(request, wave, named)


def cards(request: Request, session: Session) -> Response:
    """Tickets without names, to be drawn from a hat; each is printed once, for nobody can tell it later."""
    wave = _wave(request, session)
    asked = number(request.state.form.get("number"))
    if wave.mode != "anonymous" or not asked or asked > MOST_CARDS:
        raise Invalid
    keys = ballots.cards(request.app.state.database, wave.id, asked)
    secret, base = request.app.state.settings.secret_key, _base(request)
    addresses = [f"{base}/a/{seals.ballot_token(secret, key)}" for key in keys]
    return _sheet_page(request, wave, [(translate("One anonymous answer"), address) for address in addresses])


def _sheet_page(request: Request, wave: Wave, named: list[tuple[str, str]]) -> Response:
    printed = [(name, address, _qr(address)) for name, address in named]
    return render(request, "questionnaires/sheet.html", wave=wave, cards=printed)


def mailing(request: Request, session: Session) -> Response:
    """Name, contact, link; for Excel in Russian: a byte-order mark and semicolons. No cell begins a formula."""
    wave = _wave(request, session)
    table = io.StringIO()
    writer = csv.writer(table, delimiter=";", lineterminator="\r\n")
    headings = (N_("Name"), N_("Post"), N_("Telephone or e-mail"), N_("Link"), N_("Answer received"))
    writer.writerow(map(str, headings))
    for row in _rows(request, session, wave):
        answered = translate("yes") if row["answered_at"] else translate("no")
        answered = "" if wave.mode == "anonymous" else answered
        writer.writerow(
            inert(cell) for cell in (row["name"], row["post"], row["contact"], row["address"], answered)
        )
    return download(table.getvalue().encode("utf-8-sig"), CSV_MEDIA, f"{wave.title}.csv")


def _rows(request: Request, session: Session, wave: Wave) -> list[dict[str, Any]]:
    rows = session.exec(
        select(Link, Person, Submission)
        .join(Person, col(Person.id) == col(Link.person_id))
        .join(
            Submission,
            (col(Submission.wave_id) == col(Link.wave_id))
            & (col(Submission.person_id) == col(Link.person_id))
            & col(Submission.replaced_at).is_(None),
            isouter=True,
        )
        .where(Link.wave_id == wave.id)
        .order_by(col(Person.sort_name), col(Person.id), col(Link.id))
    ).all()
    consents = queries.consents_now(session)
    return [
        {
            "link_id": link.id,
            "person_id": person.id,
            "name": person.name,
            "post": person.post,
            "contact": person.contact,
            "address": _address(request, link),
            "consent": consents.get(person.id),
            "answered_at": submission.submitted_at if submission else None,
        }
        for link, person, submission in {row[1].id: row for row in reversed(rows)}.values()
    ][::-1]


def _common_link(session: Session, wave: Wave) -> Link | None:
    """An anonymous wave has none."""
    return session.exec(select(Link).where(Link.wave_id == wave.id, col(Link.person_id).is_(None))).first()


def _address(request: Request, link: Link) -> str:
    return f"{_base(request)}/q/{seals.link_token(request.app.state.settings.secret_key, link.key)}"


def _base(request: Request) -> str:
    return request.app.state.settings.address or str(request.base_url).rstrip("/")


def _qr(address: str) -> Markup:
    return Markup(segno.make(address, error="m").svg_inline(scale=3, border=2, omitsize=True))


def _wave(request: Request, session: Session) -> Wave:
    return found(session.get(Wave, request.path_params["id"]))


def _zone(request: Request) -> ZoneInfo:
    return ZoneInfo(request.state.organisation.zone)


def _utc(request: Request, local: datetime) -> datetime:
    return local.replace(tzinfo=_zone(request)).astimezone(ZoneInfo("UTC"))
