"""Matching: what counts, the history of runs, a proposal with its reasons, two proposals side by side."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from forms.staff import DecisionForm, RunForm, options
from service import i18n, jobs, queries
from service.database import Database
from service.errors import Invalid, NotFound
from service.i18n import N_
from service.runs import actions, decisions, proposal, reading, words
from service.runs.changes import compare as changes_between
from service.runs.criteria import DEFAULT_WEIGHTS
from service.runs.defects import Defect, defects_of
from service.runs.explanation import canonical
from service.runs.facts import facts_of
from service.runs.form import GoalsForm, forms_of, settings_of
from service.runs.problem import problem_from
from service.runs.snapshot import Pair, RunSettings
from service.runs.why import why as why_not_another
from service.tables import Account, Decision, Job, Run
from service.web import download, found, mistakes, number, redirect, render

JSON = "application/json"
USUAL = RunSettings(DEFAULT_WEIGHTS, groups=True)
Asked = tuple[RunForm, GoalsForm]


def index(request: Request, session: Session) -> Response:
    latest = reading.latest(session)
    settings = RunSettings.of(latest.snapshot) if latest else USUAL
    return _index_page(request, session, forms_of(settings), _decision_form(session))


def start(request: Request, session: Session) -> Response:
    asked = RunForm(request.state.form), GoalsForm(request.state.form)
    sound = [form.validate() for form in asked]
    if not all(sound):
        return _index_page(request, session, asked, _decision_form(session), 422)
    return _begin(request, session, settings_of(*asked), asked)


def again(request: Request, session: Session) -> Response:
    """With the settings of this run and, where a button says so, one thing more."""
    form, run = request.state.form, _run(request, session)
    settings = actions.with_change(
        run, number(form.get("place")), _pair(form.get("permit")), _pair(form.get("keep"))
    )
    return _begin(request, session, settings, forms_of(settings))


def _begin(request: Request, session: Session, settings: RunSettings, asked: Asked) -> Response:
    seconds = request.app.state.settings.solve_seconds
    try:
        run = actions.start(session, request.state.account, settings, seconds)
    except actions.NotReady as error:  # what is missing stands on the page
        return _index_page(request, session, asked, _decision_form(session), 422, error.defects)
    return redirect(request, "runs.show", id=run.id)


def _pair(text: object) -> Pair | None:
    """ "7-12": a mentor and a mentee."""
    mentor, mentee = (number(part) for part in f"{text}-".split("-")[:2])
    return (mentor, mentee) if mentor and mentee else None


def _index_page(
    request: Request,
    session: Session,
    asked: Asked,
    decision: DecisionForm,
    status: int = 200,
    defects: list[Defect] | None = None,
) -> Response:
    today = reading.snapshot_now(session, USUAL, 0)
    facts, names = facts_of(today), reading.names_of(session)
    weights, goals = asked
    return render(
        request,
        "runs/index.html",
        status,
        weights=weights,
        goals=goals,
        goal_words=words.GOAL_NAMES.items(),
        goal_sentences=words.GOAL_SENTENCES,
        decision=decision,
        errors=mistakes(goals) + mistakes(weights) + mistakes(decision),
        runs=[(run, reading.state_of(run, job), pairs) for run, job, pairs in reading.history(session)],
        states=words.STATES,
        defects=[
            str(words.defect_sentence(defect, names, _discreet(request)))
            for defect in defects or defects_of(today)
        ],
        mentors_ready=int(facts.mentors.ready.sum()),
        mentors_not_ready=int((~facts.mentors.ready).sum()),
        places=sum(
            person["places"]
            for person, ready in zip(today["mentors"], facts.mentors.ready, strict=True)
            if ready
        ),
        mentees_ready=int(facts.mentees.ready.sum()),
        mentees_not_ready=int((~facts.mentees.ready).sum()),
        decisions=[(row, _people(row, names)) for row in reading.decisions_in_force(session)],
    )


def _people(decision: Decision, names: words.Names) -> str:
    return " – ".join(names[person] for person in (decision.mentor_id, decision.mentee_id) if person)


def show(request: Request, session: Session) -> Response:
    run = _run(request, session)
    job = session.get(Job, run.job_id)
    state = reading.state_of(run, job)
    names = reading.names_of(session)
    return render(
        request,
        "runs/show.html",
        run=run,
        state=state,
        states=words.STATES,
        names=names,
        by=session.get_one(Account, run.account_id),
        approver=session.get(Account, run.approved_by) if run.approved_by else None,
        progress=str(words.progress_sentence((job and job.progress) or {})),
        failure=words.FAILURES.get(run.failure or (job and job.failure) or "", words.FAILURES["crashed"]),
        proposal=_proposal(request, session, run, names) if run.outcome else None,
        settings=words.settings_sentences(RunSettings.of(run.snapshot), names),
        explanation=run.explanation or {},
        most_in_a_picture=proposal.MOST_IN_A_PICTURE,
        statuses=words.STATUSES,
        short=words.short,
        kept=_kept(session),
        places_now={m.person.id: m.membership.places for m in queries.members(session, "mentor")},
        seal=reading.seal_of(run),
        others=[other for other, _, pairs in reading.history(session) if pairs and other.id != run.id],
    )


def _proposal(request: Request, session: Session, run: Run, names: words.Names) -> proposal.Proposal:
    pairs, team_names = reading.proposed(session, run), reading.team_names(session)
    return proposal.proposal_of(run, pairs, names, team_names, _discreet(request))


def why(request: Request, session: Session) -> Response:
    """Why this mentee has this mentor, or none."""
    run, mentee = _run(request, session), request.path_params["mentee_id"]
    if not run.outcome:
        raise NotFound
    names, discreet = reading.names_of(session), _discreet(request)
    matches = _proposal(request, session, run, names).matches
    return render(
        request,
        "runs/why.html",
        run=run,
        mentee=mentee,
        why=found(why_not_another(run, mentee, matches, names, discreet)),
        known=(run.explanation or {}).get("known"),
        names=names,
        open=reading.state_of(run, session.get(Job, run.job_id)) == "proposed",
    )


def explain(request: Request, database: Database) -> Response:
    """What was not worked out with the proposal, for one mentee: between two transactions, in a child."""
    mentee, organisation_id = request.path_params["mentee_id"], request.state.account.organisation_id
    with database.reading(organisation_id) as session:
        run = _run(request, session)
    more = actions.explanation_about(run, mentee, request.app.state.settings.solve_megabytes)
    with database.writing(organisation_id) as session:
        actions.explain_besides(session, run.id, more)
    return redirect(request, "runs.why", id=run.id, mentee_id=mentee)


def _kept(session: Session) -> set[tuple[int | None, int | None]]:
    return {
        (row.mentor_id, row.mentee_id) for row in reading.decisions_in_force(session) if row.kind == "lock"
    }


def events(request: Request, session: Session) -> AsyncIterator[dict[str, Any]]:
    """What the page of a run in progress shows, sentence by sentence, until the run ends."""
    run = _run(request, session)
    return _sentences(jobs.follow(request.app.state.database, run.job_id), i18n.language())


async def _sentences(progress: AsyncIterator[dict[str, Any]], language: str) -> AsyncIterator[dict[str, Any]]:
    async for report in progress:
        i18n.speak(language)
        yield {"text": str(words.progress_sentence(report))}


def cancel(request: Request, session: Session) -> Response:
    run = _run(request, session)
    actions.cancel(session, run)
    return redirect(request, "runs.show", id=run.id)


def approve(request: Request, session: Session) -> Response:
    actions.approve(
        session, request.state.account, _run(request, session), str(request.state.form.get("seen", ""))
    )
    return redirect(request, "assignments.index")


def compare(request: Request, session: Session) -> Response:
    left, right = (
        found(session.get(Run, number(request.query_params.get(side)) or 0)) for side in ("left", "right")
    )
    return render(
        request,
        "runs/compare.html",
        left=left,
        right=right,
        changes=changes_between(reading.pairs_of(session, left), reading.pairs_of(session, right)),
        same=len({*reading.pairs_of(session, left)} & {*reading.pairs_of(session, right)}),
        names=reading.names_of(session),
    )


def problem(request: Request, session: Session) -> Response:
    run = _run(request, session)
    return download(canonical(problem_from(run.snapshot).to_json()), JSON, f"problem-{run.id}.json")


def outcome(request: Request, session: Session) -> Response:
    run = _run(request, session)
    return download(canonical(found(run.outcome)), JSON, f"outcome-{run.id}.json")


# --- decisions for the next runs


def decide(request: Request, session: Session) -> Response:
    form = _decision_form(session, request.state.form)
    if not form.validate():
        return _index_page(request, session, forms_of(USUAL), form, 422)
    mentor, mentee = number(form.mentor.data), number(form.mentee.data)
    decisions.decide(session, request.state.account, form.kind.data, mentor, mentee, form.reason.data)
    return _back(request)


def withdraw(request: Request, session: Session) -> Response:
    decisions.withdraw(found(session.get(Decision, request.path_params["id"])))
    return _back(request)


def places(request: Request, session: Session) -> Response:
    places = number(request.state.form.get("places"))
    if places is None:
        raise Invalid(N_("Enter a whole number of places."))
    decisions.set_places(session, request.path_params["id"], places)
    return _back(request)


def _decision_form(session: Session, posted: Any = None) -> DecisionForm:
    form = DecisionForm(posted)
    for field, role in ((form.mentor, "mentor"), (form.mentee, "mentee")):
        present = (
            member.person for member in queries.members(session, role) if not member.membership.withdrawn_at
        )
        field.choices = options(
            [("", N_("Not chosen").text), *((str(person.id), person.name) for person in present)]
        )
    return form


def _back(request: Request) -> Response:
    """To the run that the button stood on, else to the list."""
    run = number(request.state.form.get("run"))
    return redirect(request, "runs.show", id=run) if run else redirect(request, "runs.index")


def _discreet(request: Request) -> bool:
    """Who does not want to work with whom is promised to stay with the curator."""
    return bool(request.state.account.role != "curator")


def _run(request: Request, session: Session) -> Run:
    return found(session.get(Run, request.path_params["id"]))
