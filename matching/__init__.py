"""Who goes with whom: mentors with places, mentees who need a mentor, goals pursued in order, and a proof.

Pure: values in, values out; knows only NumPy and OR-Tools, and OR-Tools only while solving. In reading order:

    people.py     who takes part            Mentor, Mentee, Team, Pair, Limits
    problem.py    what is asked             Problem, defects()
    reading.py    from JSON, listing every defect          (shape.py, defect.py; npz.py, archive.py: as arrays)
    arrays.py     the same by numbers, the one place where ids meet indices
    goals.py      what each goal counts     phases.py  how it is pursued     lots.py  what decides between equals
    proof.py      what prices prove, and which assignments remain in play for the next goal
    locks.py      when the locked pairs cannot all hold
    solve.py      find it                   solve()
      flows/      where only places count: search.py over flow.py, prices.py, sifting.py
      choices/    teams, minimums, formed groups: search.py over bonds, model, ladders, climb, sift, cp_sat;
                  formed groups among many: narrowing.py over bounds, bundles, relaxation
    outcome.py    what came out             Outcome, Status
    check.py      is it right?              check(), which never needs OR-Tools; rules.py
    explaining/   why so, and what if       explain.explain()
    changing/     kept right while the question changes    state.State
    whole/        proved over all pairs, listed or not     columns.optimal_over_all()
    frontier.py   trading one goal for another             stability.py  who would rather have one another
    __main__.py   python -m matching solve | check | explain | frontier
"""

from matching.check import Violation, check
from matching.defect import Defect
from matching.outcome import Conflict, Engine, Outcome, OutcomeError, PriceList, Reached, Status
from matching.people import Group, Limits, Match, Mentee, Mentor, Mode, Pair, Team
from matching.problem import Problem, ProblemError, defects
from matching.solve import solve

__all__ = [
    "Conflict",
    "Defect",
    "Engine",
    "Group",
    "Limits",
    "Match",
    "Mentee",
    "Mentor",
    "Mode",
    "Outcome",
    "OutcomeError",
    "Pair",
    "PriceList",
    "Problem",
    "ProblemError",
    "Reached",
    "Status",
    "Team",
    "Violation",
    "check",
    "defects",
    "solve",
]
