"""Who goes with whom: mentors with places, mentees who need a mentor, goals pursued in order, and a proof.

Pure: values in, values out; knows only NumPy and OR-Tools, and OR-Tools only while solving. In reading order:

    people.py     who takes part            Mentor, Mentee, Pair, Limits
    problem.py    what is asked             Problem, defects()
    reading.py    from JSON, listing every defect          (shape.py: the reader, defect.py: what a defect is)
    arrays.py     the same by numbers, the one place where ids meet indices
    goals.py      what each goal counts
    locks.py      when the locked pairs cannot all hold
    solve.py      find it                   solve()
      flow.py       the assignment, as a minimum-cost flow; the only file that knows OR-Tools
      prices.py     the proof of it, as prices of the mentors' places
      proof.py      what prices prove, and which assignments remain in play for the next goal
    outcome.py    what came out             Outcome, Status
    check.py      is it right?              check(), which never needs OR-Tools
    __main__.py   python -m matching solve | check

Adding a goal that sums something over the chosen pairs means adding it to ``goals.py``; the rest follows.
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
