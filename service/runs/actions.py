"""Starting, solving, cancelling and approving a run. The engine proposes, the curator decides."""

from __future__ import annotations

import dataclasses
import json
import logging
from threading import BoundedSemaphore
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from service import jobs
from service.child import ChildFailed, Limits
from service.child import run as run_in_child
from service.database import organisation_of
from service.errors import Busy, Conflict, Invalid, NotFound
from service.i18n import N_, Message
from service.jobs import Work
from service.runs.defects import Defect, contradictions, defects_of
from service.runs.explanation import NOTHING, joined
from service.runs.groups import kinds_and_topics
from service.runs.reading import latest, names_of, pairs_of, seal_of, snapshot_now, under_way
from service.runs.snapshot import Pair, RunSettings, Snapshot
from service.runs.words import defect_sentence
from service.tables import Account, Assignment, Job, Membership, Organisation, ProposedPair, Run, now

SPARE_SECONDS = 60  # for loading the engine, reading the problem and explaining the answer
EXPLAIN_SECONDS = 30  # for one mentee
AT_ONCE, WAIT_SECONDS = 1, 5
Answer = dict[str, Any]  # of the child: see solve.answer_to
_room = BoundedSemaphore(AT_ONCE)
_log = logging.getLogger("nastavnik.runs")


class NotReady(Invalid):
    """The banks or the decisions make a run pointless; ``defects`` are all of them."""

    message = N_("The matching cannot begin yet.")
    advice = N_("Put right what is listed and begin again.")

    def __init__(self, defects: list[Defect]) -> None:
        super().__init__()
        self.defects = defects


def start(session: Session, account: Account, settings: RunSettings, seconds: int = 60) -> Run:
    """Freeze the question as it stands and want it solved. The one under way is not asked again."""
    snapshot = snapshot_now(session, settings, seconds)
    if defects := defects_of(snapshot):
        raise NotReady(defects)
    last = latest(session)
    if last and last.snapshot == snapshot and under_way(last, session.get(Job, last.job_id)):
        return last
    run = Run(snapshot=snapshot, job_id=jobs.enqueue(session, "solve-run"), account_id=account.id)
    session.add(run)
    session.flush()
    return run


def with_change(run: Run, place: int | None, permitted: Pair | None, kept: Pair | None) -> RunSettings:
    """The run's own settings and one thing more: a place for a mentor, a pair past the rules, a pair to keep."""
    settings, snapshot = RunSettings.of(run.snapshot), run.snapshot
    mentors, mentees = ({person["id"] for person in snapshot[side]} for side in ("mentors", "mentees"))
    pairs = [pair for pair in (permitted, kept) if pair]
    named = {place} if place else set[int]()
    if not (
        named | {mentor for mentor, _ in pairs} <= mentors and {mentee for _, mentee in pairs} <= mentees
    ):
        raise Invalid(N_("Choose people from the banks."))
    return dataclasses.replace(
        settings,
        added={**settings.added, **{mentor: settings.added.get(mentor, 0) + 1 for mentor in named}},
        permitted=sorted({*settings.permitted, *([permitted] if permitted else ())}),
        kept=sorted({*settings.kept, *([kept] if kept else ())}),
    )


# --- the job


def solve_run(work: Work) -> None:
    """Job: read, think, write. A run that has ended, however it ended, is left as it is."""
    with work.database.writing(work.organisation_id) as session:
        run = _run_of_job(session, work)
        if not _open(run):
            return
        run.started_at = run.started_at or now()
        snapshot = run.snapshot
    try:
        found: Answer | str = _think(work, snapshot)
    except ChildFailed as failed:
        _log.warning("job %s: the engine failed: %s", work.job_id, failed)
        found = failed.reason
    with work.database.writing(work.organisation_id) as session:
        _record(session, _run_of_job(session, work), found)


def _run_of_job(session: Session, work: Work) -> Run:
    return session.exec(select(Run).where(Run.job_id == work.job_id).with_for_update()).one()


def _open(run: Run) -> bool:
    return run.finished_at is None and run.cancelled_at is None


def _think(work: Work, snapshot: Snapshot) -> Answer | str:
    """The answer, or "wrong" when the referee finds fault with it; raises ``ChildFailed``."""
    told = run_in_child(
        "service.runs.solve",
        given=json.dumps(snapshot).encode(),
        limits=Limits(2 * int(snapshot["limits"]["seconds"]) + SPARE_SECONDS, work.settings.solve_megabytes),
        on_line=lambda line: _report(work, line),
        stop=work.cancelled,
    )
    answer: Answer = json.loads(told)
    if violations := answer.get("violations"):
        _log.error("the engine's answer breaks the rules: %s", violations)
        return "wrong"
    return answer


def _report(work: Work, line: str) -> None:
    try:
        progress = json.loads(line)
    except ValueError:  # something else that the child had to say
        return
    if isinstance(progress, dict):
        work.report(progress)


def _record(session: Session, run: Run, found: Answer | str) -> None:
    if not _open(run):
        return
    run.finished_at = now()
    if isinstance(found, str):
        run.failure = found
        return
    run.outcome, run.explanation = found["outcome"], found["explanation"]
    run.snapshot = {**run.snapshot, "not_both": found["not_both"], "exact": found["exact"]}
    session.add_all(
        ProposedPair(
            run_id=run.id,
            mentor_id=mentor,
            mentee_id=mentee,
            score=sum(breakdown.values()),
            breakdown=breakdown,
        )
        for mentor, mentee, breakdown in found["breakdown"]
    )


# --- what people do with a run


def explanation_about(run: Run, mentee: int, megabytes: int) -> Answer:
    """What there was no time for beside the answer; few at once."""
    outcome, explained = run.outcome or {}, run.explanation or {"known": None}
    took_part = str(mentee) in (
        *outcome.get("unplaced", ()),
        *(person for _, person in outcome.get("pairs", ())),
    )
    if not took_part or explained["known"] is None:
        raise NotFound
    if mentee in explained["known"]:
        return NOTHING
    given = json.dumps({"snapshot": run.snapshot, "outcome": outcome, "mentee": mentee}).encode()
    if not _room.acquire(timeout=WAIT_SECONDS):
        raise Busy
    try:
        told = run_in_child(
            "service.runs.explanation", given=given, limits=Limits(EXPLAIN_SECONDS, megabytes)
        )
    except ChildFailed as failed:
        _log.warning("run %s, mentee %s: not explained: %s", run.id, mentee, failed)
        raise Busy(N_("There was not enough time or memory to work this out.")) from failed
    finally:
        _room.release()
    answer: Answer = json.loads(told)
    return answer


def explain_besides(session: Session, run_id: int, more: Answer) -> None:
    run = session.exec(select(Run).where(Run.id == run_id).with_for_update()).one()
    if run.explanation and not {*more["known"]} <= {*run.explanation["known"]}:
        run.explanation = joined(run.explanation, more)


def cancel(session: Session, run: Run) -> None:
    session.refresh(run, with_for_update=True)
    if not _open(run):
        raise Conflict(N_("The matching has ended before you cancelled it."))
    run.cancelled_at = now()
    jobs.cancel(session, run.job_id)


def approve(session: Session, account: Account, run: Run, seen: str) -> None:
    """The proposal becomes pairs, if it is the one that was seen and still possible. Twice is once."""
    session.refresh(run, with_for_update=True)
    if run.approved_by == account.id:
        return
    pairs = pairs_of(session, run)
    _refuse_unless_open_to_approval(session, run, seen, pairs)
    _hold_places(session, pairs)
    _refuse_outdated(session, run, pairs)
    run.approved_at, run.approved_by = now(), account.id
    session.add_all(_assignments(session, run, account, pairs))
    try:
        session.flush()
    except IntegrityError as error:  # the database itself keeps one mentor at most
        raise Conflict(
            N_("Another proposal with the same mentees was approved at the same moment.")
        ) from error


def _refuse_unless_open_to_approval(session: Session, run: Run, seen: str, pairs: list[Pair]) -> None:
    if run.approved_at:
        raise Conflict(_already_approved(session, run))
    if run.cancelled_at or not pairs:
        raise Conflict(N_("There is nothing to approve in this matching."))
    if seen != seal_of(run):
        raise Conflict(N_("The proposal is not the one that your page shows."))


def _already_approved(session: Session, run: Run) -> Message:
    approver = session.get_one(Account, run.approved_by)
    zone = session.get_one(Organisation, organisation_of(session)).zone
    when = run.approved_at.astimezone(ZoneInfo(zone)) if run.approved_at else None
    return N_(
        "This proposal was approved on %(moment)s by %(name)s.",
        moment=f"{when:%d.%m.%Y %H:%M}",
        name=approver.name,
    )


def _hold_places(session: Session, pairs: list[Pair]) -> None:
    """Whoever approves or withdraws the same people at the same moment waits here, always in the same order."""
    people = {person for pair in pairs for person in pair}
    session.exec(
        select(Membership.id)
        .where(col(Membership.person_id).in_(people))
        .order_by(col(Membership.id))
        .with_for_update()
    ).all()


def _refuse_outdated(session: Session, run: Run, pairs: list[Pair]) -> None:
    today = snapshot_now(session, RunSettings.of(run.snapshot), run.snapshot["limits"]["seconds"])
    if defects := list(contradictions(today, pairs)):
        names = names_of(session)
        sentences = " ".join(str(defect_sentence(defect, names)) for defect in defects)
        raise Conflict(
            N_("Something has changed since the matching. %(changes)s", changes=sentences),
            N_("Nothing was approved. Run the matching again: it will take the changes into account."),
        )


def _assignments(session: Session, run: Run, account: Account, pairs: list[Pair]) -> list[Assignment]:
    rows = session.exec(select(Membership.role, Membership.person_id, Membership.profile)).all()
    profiles = {(role, person_id): profile or {} for role, person_id, profile in rows}
    return [
        Assignment(
            run_id=run.id,
            mentor_id=mentor,
            mentee_id=mentee,
            kind=kind,
            topic=topic,
            approved_by=account.id,
        )
        for (mentor, mentee), (kind, topic) in kinds_and_topics(run, pairs, profiles).items()
    ]
