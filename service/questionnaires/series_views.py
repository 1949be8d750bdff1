"""Series of waves: what opens by itself and when, and how the answers have gone over time."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from forms import enumerations
from forms.staff import SeriesForm
from service import versions
from service.i18n import Message
from service.questionnaires import series
from service.questionnaires.results import reading
from service.questionnaires.results import shown as results
from service.questionnaires.results.tally import Part
from service.questionnaires.views import offer_questionnaires
from service.tables import Questionnaire, Series, now
from service.web import found, mistakes, redirect, render

SHOWN_WAVES = 12
RHYTHMS = {code: Message(name) for code, name in enumerations.RHYTHMS}


def index(request: Request, session: Session) -> Response:
    rows = session.exec(
        select(Series, Questionnaire)
        .join(Questionnaire, col(Questionnaire.id) == col(Series.questionnaire_id))
        .order_by(col(Series.id).desc())
    ).all()
    today = _here(request).date()
    listed = [(row, questionnaire, series.next_day(row, today)) for row, questionnaire in rows]
    return render(request, "questionnaires/series_index.html", listed=listed, rhythms=RHYTHMS)


def new(request: Request, session: Session) -> Response:
    return _form_page(request, session, SeriesForm(starts_on=now().date()))


def start(request: Request, session: Session) -> Response:
    form = SeriesForm(request.state.form)
    offer_questionnaires(session, form)
    if not form.validate():
        return _form_page(request, session, form, 422)
    facts = dict(form.data)
    questionnaire = found(session.get(Questionnaire, int(facts.pop("questionnaire_id"))))
    threshold = int(facts.pop("threshold"))
    row = series.start(session, Series(questionnaire_id=questionnaire.id, threshold=threshold, **facts))
    return redirect(request, "questionnaires.series", id=row.id)


def _form_page(request: Request, session: Session, form: SeriesForm, status: int = 200) -> Response:
    offer_questionnaires(session, form)
    return render(request, "questionnaires/new_series.html", status, form=form, errors=mistakes(form))


def show(request: Request, session: Session) -> Response:
    row, here = _series(request, session), _here(request)
    waves = series.waves_of(session, row)
    readable = [wave for wave in waves if reading.may_be_read(wave)][-SHOWN_WAVES:]
    read = [reading.reading_of(request.app.state.database, session, wave) for wave in readable]
    return render(
        request,
        "questionnaires/series.html",
        series=row,
        state=_state(row),
        questionnaire=session.get_one(Questionnaire, row.questionnaire_id),
        waves=waves,
        next_day=series.next_day(row, here.date()),
        waiting=series.waiting(session, row, here) if row.rhythm == series.ON_COMPLETION else 0,
        rhythm=RHYTHMS[row.rhythm],
        trend=results.trend(read[-1].parts, [(r.wave.title, r.tally, r.least) for r in read]) if read else [],
        top=_top,
    )


def _top(part: Part, points: list[results.Point]) -> float:
    """What a full bar stands for: the largest option, else the largest mean."""
    means = [point.distribution.mean or 0 for point in points]
    return max((float(code) for code, _ in part.options), default=max(means))


def pause(request: Request, session: Session) -> Response:
    """Or go on: whoever sees a state that is no more wanted the one that is there by now."""
    row = _series(request, session)
    versions.lock(session, row)
    if request.state.form.get(versions.SEEN) in (None, _state(row)):
        series.pause(row) if row.paused_at is None else series.go_on(row)
    return redirect(request, "questionnaires.series", id=row.id)


def _state(row: Series) -> str:
    return "going on" if row.paused_at is None else "paused"


def _here(request: Request) -> datetime:
    return now().astimezone(ZoneInfo(request.state.organisation.zone))


def _series(request: Request, session: Session) -> Series:
    return found(session.get(Series, request.path_params["id"]))
