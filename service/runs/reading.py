"""The rows that a run is made of, and those that its pages show."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Literal

from sqlalchemy.orm import defer
from sqlmodel import Session, col, func, select

from service import queries
from service.runs.snapshot import Pair, RunSettings, Snapshot, snapshot_from
from service.tables import Assignment, Decision, Job, ProposedPair, Run, Team, TeamMember

State = Literal["waiting", "running", "cancelled", "failed", "proposed", "approved"]


def snapshot_now(session: Session, settings: RunSettings, seconds: int) -> Snapshot:
    current = select(Assignment.mentor_id, Assignment.mentee_id).where(col(Assignment.ended_at).is_(None))
    return snapshot_from(
        queries.members(session, "mentor"),
        queries.members(session, "mentee"),
        [(mentor, mentee) for mentor, mentee in session.exec(current).all()],
        decisions_in_force(session),
        settings,
        seconds,
        _teams(session),
        _last_proposal(session),
    )


def _teams(session: Session) -> dict[int, list[int]]:
    teams = defaultdict(list)
    for team, person in session.exec(select(TeamMember.team_id, TeamMember.person_id)).all():
        teams[team].append(person)
    return teams


def team_names(session: Session) -> Mapping[int, str]:
    """A run may also name a group that there is no longer."""
    return defaultdict(lambda: "—", session.exec(select(Team.id, Team.name)).all())


def _last_proposal(session: Session) -> Iterable[Pair]:
    last = select(func.max(ProposedPair.run_id)).scalar_subquery()
    rows = select(ProposedPair.mentor_id, ProposedPair.mentee_id).where(ProposedPair.run_id == last)
    return [(mentor, mentee) for mentor, mentee in session.exec(rows).all()]


def decisions_in_force(session: Session) -> list[Decision]:
    return list(
        session.exec(
            select(Decision).where(col(Decision.withdrawn_at).is_(None)).order_by(col(Decision.id))
        ).all()
    )


def history(session: Session) -> list[tuple[Run, Job | None, int]]:
    """Every run, its job and how many pairs it proposes, the latest first; large parts are not read."""
    pairs = select(func.count()).where(ProposedPair.run_id == Run.id).scalar_subquery()
    rows = session.exec(
        select(Run, Job, pairs)
        .join(Job, col(Job.id) == col(Run.job_id), isouter=True)
        .options(defer(Run.snapshot), defer(Run.outcome), defer(Run.explanation))  # type: ignore[arg-type]
        .order_by(col(Run.id).desc())
    ).all()
    return [(run, job, number) for run, job, number in rows]


def latest(session: Session) -> Run | None:
    return session.exec(select(Run).order_by(col(Run.id).desc()).limit(1)).first()


def proposed(session: Session, run: Run) -> list[ProposedPair]:
    rows = select(ProposedPair).where(ProposedPair.run_id == run.id)
    return list(session.exec(rows.order_by(col(ProposedPair.mentor_id), col(ProposedPair.mentee_id))).all())


def pairs_of(session: Session, run: Run) -> list[Pair]:
    return [(row.mentor_id, row.mentee_id) for row in proposed(session, run)]


def names_of(session: Session) -> Mapping[int, str]:
    """Of everybody; a run may also name somebody whose data are destroyed since."""
    return defaultdict(lambda: "—", queries.names(session))


def state_of(run: Run, job: Job | None) -> State:
    """The job and the outcome are two facts; a job that was given up has left no outcome."""
    if run.approved_at:
        return "approved"
    if run.cancelled_at:
        return "cancelled"
    if run.failure or (not run.finished_at and job and job.failure):
        return "failed"
    if run.finished_at:
        return "proposed"
    return "running" if run.started_at else "waiting"


def under_way(run: Run, job: Job | None) -> bool:
    return state_of(run, job) in ("waiting", "running")


def seal_of(run: Run) -> str:
    """Names what a page has shown, so that nobody approves what they have not seen."""
    return hashlib.sha256(json.dumps(run.outcome, sort_keys=True).encode()).hexdigest()[:16]
