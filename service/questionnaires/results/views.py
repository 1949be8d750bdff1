"""What came in: results of a wave to look at and to print, and all of it as files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, or_, select
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

import forms
from service import ballots, grounds
from service.database import Database
from service.errors import Conflict, NotFound
from service.i18n import N_, translate
from service.questionnaires.results import exports, reading
from service.questionnaires.results import shown as results
from service.questionnaires.results.exports import Table
from service.questionnaires.results.reading import Reading
from service.sheets import LINES, Cell
from service.tables import Organisation, Person, Questionnaire, QuestionnaireVersion, Submission, Wave
from service.web import download, found, number, render

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "sav": "application/x-spss-sav",
}
MOST_CROSSES = 40  # questions that are compared on one page
TEXTS_SHOWN = 200
HEADINGS = (N_("Wave"), N_("Version"), N_("Name"), N_("Received"), N_("Entered"))
CHANNELS = {"link": N_("by the link"), "paper": N_("from paper")}
Row = tuple[list[Cell], dict[str, Any]]  # what is known beside the answers, and the answers


def show(request: Request, session: Session) -> Response:
    """?by=question compares its groups; ?before=wave sets the same people's earlier answers beside these."""
    read = _reading(request, session)
    wave, by = read.wave, read.part(request.query_params.get("by", ""))
    comparable = results.groupings(read.parts)
    by = by if by in comparable else None
    return render(
        request,
        "questionnaires/results.html",
        wave=wave,
        questionnaire=session.get_one(Questionnaire, wave.questionnaire_id),
        size=read.tally.size,
        least=read.least,
        distributions=results.distributions(read.tally, read.parts, read.least),
        texts=reading.texts(request.app.state.database, session, read, TEXTS_SHOWN),
        files=reading.files(request.app.state.database, session, read),
        groupings=comparable,
        by=by,
        crosses=_crosses(read, by) if by else {},
        before=(before := _before(request, session, wave)),
        changes=_changes(request, session, before, read) if before else [],
        others=_others(session, wave),
        spss=exports.spss_is_there(),
        few=read.tally.size < read.least,
    )


def file(request: Request, session: Session) -> Response:
    """One of the files that the page of results lists: by itself, without the answer that it came with."""
    read, database = _reading(request, session), request.app.state.database
    listed = {said["id"]: said for of in reading.files(database, session, read).values() for said in of}
    said = listed.get(request.path_params["key"])
    content = said and ballots.attachment(database, read.wave.id, said["id"])
    if not (said and content):
        raise Conflict(
            N_("This file is not shown."),
            N_(
                "Files of an anonymous wave are seen after its end, when ten people or more have attached one."
            ),
        )
    return download(content, "application/octet-stream", said["name"])


def _crosses(read: Reading, by: Any) -> dict[str, results.Cross]:
    compared = [
        part for part in read.parts if part.shape in ("one", "several", "number") and part.key != by.key
    ]
    return {
        part.key: results.cross(read.tally, part, by, read.parts, read.least)
        for part in compared[:MOST_CROSSES]
        if len(part.options) <= results.MOST_GROUPS
    }


def _changes(request: Request, session: Session, before: Wave, read: Reading) -> list[results.Change]:
    pairs = reading.pairs(request.app.state.database, session, before, read.wave)
    return results.changes(read.parts, pairs)


def _reading(request: Request, session: Session) -> Reading:
    wave = found(session.get(Wave, request.path_params["id"]))
    _refuse_too_early(wave)
    return reading.reading_of(request.app.state.database, session, wave)


def _refuse_too_early(wave: Wave) -> None:
    if not reading.may_be_read(wave):
        raise Conflict(
            N_("The results of an anonymous wave are seen after its end."),
            N_("Come back half an hour after the wave has ended: pages opened in time may still be sent."),
        )


def _others(session: Session, wave: Wave) -> list[Wave]:
    """Earlier named waves that this one can be compared with."""
    if wave.mode != "named":
        return []
    earlier = select(Wave).where(Wave.mode == "named", col(Wave.opens_at) < wave.opens_at, Wave.id != wave.id)
    return list(session.exec(earlier.order_by(col(Wave.opens_at).desc()).limit(50)).all())


def _before(request: Request, session: Session, wave: Wave) -> Wave | None:
    chosen = number(request.query_params.get("before"))
    return next((other for other in _others(session, wave) if other.id == chosen), None)


# --- files


def export(request: Request, session: Session) -> Response:
    """A wave's answers."""
    wave = found(session.get(Wave, request.path_params["id"]))
    _refuse_too_early(wave)
    if wave.mode == "anonymous":
        return _file(request, wave.title, _counts(request, session, wave))
    return _file(request, wave.title, _answers(request, session, [wave]))


def export_all(request: Request, session: Session) -> Response:
    """The answers of all named waves of a questionnaire, whatever their versions."""
    questionnaire = found(session.get(Questionnaire, request.path_params["id"]))
    named = Wave.questionnaire_id == questionnaire.id, Wave.mode == "named"
    waves = session.exec(select(Wave).where(*named).order_by(col(Wave.opens_at))).all()
    return _file(request, questionnaire.title, _answers(request, session, list(waves)))


def _file(request: Request, title: str, table: Table) -> Response:
    kind = request.path_params["format"]
    makers: dict[str, Callable[[Table], Iterator[bytes]]] = {
        "csv": exports.as_csv,
        "xlsx": exports.as_xlsx,
        "json": exports.as_json,
    }
    if exports.spss_is_there():
        makers["sav"] = exports.as_sav
    if kind not in makers:
        raise NotFound
    disposition = f"attachment; filename*=UTF-8''{quote(f'{title}.{kind}', safe='')}"
    return StreamingResponse(
        makers[kind](table), media_type=MEDIA[kind], headers={"Content-Disposition": disposition}
    )


def _answers(request: Request, session: Session, waves: list[Wave]) -> Table:
    """A row for everybody, read while it is being sent, in a session of its own."""
    versions = _versions(session, waves)
    definitions = [forms.parse(version.definition) for version in versions]
    columns = exports.columns_of(definitions[::-1], reading.people_of(session, definitions))
    numbers = {version.id: at for at, version in enumerate(versions, start=1)}
    rows = partial(
        _rows,
        request.app.state.database,
        request.state.organisation,
        [wave.id for wave in waves],
        numbers,
    )
    facts = ("wave", "version", "name", "received", "channel")
    headings = [str(heading) for heading in HEADINGS]
    return Table(
        [*headings, *(column.heading for column in columns)],
        ([*known, *(column.value(answers) for column in columns)] for known, answers in rows()),
        exports.codebook_of(columns),
        {"format": exports.FORMAT, "versions": [definition.to_json() for definition in definitions]},
        ({**dict(zip(facts, known, strict=True)), "answers": answers} for known, answers in rows()),
    )


def _versions(session: Session, waves: list[Wave]) -> list[QuestionnaireVersion]:
    used = select(Submission.version_id).where(col(Submission.wave_id).in_([wave.id for wave in waves]))
    asked = [wave.version_id for wave in waves]
    either = or_(col(QuestionnaireVersion.id).in_(used), col(QuestionnaireVersion.id).in_(asked))
    return list(
        session.exec(select(QuestionnaireVersion).where(either).order_by(col(QuestionnaireVersion.id))).all()
    )


def _rows(
    database: Database, organisation: Organisation, waves: list[int], numbers: dict[int, int]
) -> Iterator[Row]:
    zone = ZoneInfo(organisation.zone)
    with database.reading(organisation.id) as session:
        found = session.exec(
            select(
                Wave.title,
                Submission.version_id,
                Person,
                col(Submission.submitted_at),
                Submission.channel,
                Submission.answers,
            )  # type: ignore[call-overload]  # typed for up to four
            .join(Wave, col(Wave.id) == col(Submission.wave_id))
            .join(Person, col(Person.id) == col(Submission.person_id))
            .where(
                col(Submission.wave_id).in_(waves),
                col(Submission.replaced_at).is_(None),
                col(Submission.person_id).not_in(grounds.refusing()),
            )
            .order_by(col(Wave.opens_at), col(Person.sort_name), col(Person.id))
            .execution_options(yield_per=LINES)
        )
        for title, version_id, person, at, channel, answers in found:
            moment = f"{at.astimezone(zone):%d.%m.%Y %H:%M}"
            yield [title, numbers[version_id], person.name, moment, str(CHANNELS[channel])], answers


def _counts(request: Request, session: Session, wave: Wave) -> Table:
    """What the page of an anonymous wave shows, as a table: no row of it is a person."""
    read = reading.reading_of(request.app.state.database, session, wave)
    shown = results.distributions(read.tally, read.parts, read.least)
    written = reading.texts(request.app.state.database, session, read)
    lines: list[tuple[str, str, int | float]] = []
    for distribution in shown:
        label = distribution.part.label
        lines += [(label, bar.label, bar.count) for bar in distribution.bars]
        if distribution.mean is not None:
            lines.append((label, translate("mean"), round(distribution.mean, 2)))
        lines += [(label, text, 1) for text in written.get(distribution.part.key, ())]
    facts = ("question", "answer", "number")
    return Table(
        [translate("Question"), translate("Answer"), translate("Number")],
        lines,
        [],
        {"format": exports.FORMAT, "wave": wave.title, "least": read.least},
        (dict(zip(facts, line, strict=True)) for line in lines),
    )
