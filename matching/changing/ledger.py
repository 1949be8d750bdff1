"""The question while it changes: cheap to change in any place, written out on demand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from matching.arrays import NO_RANK, Arrays, People
from matching.defect import Defect, shown
from matching.people import Match, Mentee, Mentor, Pair
from matching.problem import Problem, ProblemError


class Ledger:
    """``number[mentee][mentor]`` of each pair, given as they come; at first those of one mentee together. What was
    forbidden or previous with somebody who left is so again if they come back."""

    def __init__(self, problem: Problem) -> None:
        self.asked, arrays = problem, problem.arrays
        self.mentors = {mentor.id: mentor for mentor in problem.mentors}
        self.mentees = {mentee.id: mentee for mentee in problem.mentees}
        self.teams, self.previous = problem.teams, {*problem.previous}
        self.locked, self.forbidden = {*problem.locked}, {*problem.forbidden}
        self.order = np.lexsort((-arrays.score, arrays.mentee))
        """Of the first pairs: where they are in the arrays of the problem."""
        self.points = [np.stack([arrays.score[self.order], arrays.rank[self.order]])]
        """Scores and ranks by number, part by part."""
        self.count = len(self.order)
        ends = np.searchsorted(arrays.mentee[self.order], np.arange(len(self.mentees) + 1)).tolist()
        ids, mentor = tuple(arrays.people.mentors), arrays.mentor[self.order].tolist()
        self.number = {
            mentee: dict(zip(map(ids.__getitem__, mentor[begin:end]), range(begin, end), strict=True))
            for mentee, begin, end in zip(arrays.people.mentees, ends, ends[1:], strict=False)
        }

    def add(self, mentors: Sequence[Mentor], mentees: Sequence[Mentee], pairs: Sequence[Pair]) -> Problem:
        """New people, and pairs that are new or other than before. Answers what is added, as a problem by itself; its
        pairs get the next numbers, in their order there. If it has defects, ``ProblemError``: nothing is added."""
        added = self._by_itself(mentors, mentees, pairs)
        arrays = added.arrays
        self.mentors |= {mentor.id: mentor for mentor in mentors}
        self.mentees |= {mentee.id: mentee for mentee in mentees}
        self.number |= {mentee.id: {} for mentee in mentees}
        for number, (mentor, mentee) in enumerate(arrays.people.matches(arrays.key), self.count):
            self.number[mentee][mentor] = number
        self.points.append(np.stack([arrays.score, arrays.rank]))
        self.count += len(arrays.key)
        return added

    def _by_itself(
        self, mentors: Sequence[Mentor], mentees: Sequence[Mentee], pairs: Sequence[Pair]
    ) -> Problem:
        taken = [Defect("duplicate_id", "mentor.id", shown(m.id)) for m in mentors if m.id in self.mentors]
        taken += [Defect("duplicate_id", "mentee.id", shown(e.id)) for e in mentees if e.id in self.mentees]
        if taken:
            raise ProblemError(taken)
        matches = {(pair.mentor, pair.mentee) for pair in pairs}
        others = {mentor for mentor, _ in matches} & self.mentors.keys()
        other_mentees = [self.mentees[mentee] for mentee in {e for _, e in matches} & self.mentees.keys()]
        previous = tuple(matches & self.previous)
        data: dict[str, Any] = Problem(
            tuple(mentors), tuple(mentees), tuple(pairs), (), previous=previous
        ).to_json()
        data["mentors"] += [{"id": mentor, "capacity": 0} for mentor in others]
        data["mentees"] += [{"id": mentee.id, "priority": mentee.priority} for mentee in other_mentees]
        return Problem.from_json(data)

    def change_capacity(self, mentor: str, capacity: int) -> int:
        """How many places more."""
        before = self.known_mentor(mentor)
        after = replace(before, capacity=capacity)
        _ = Problem((after,), (), (), ()).arrays
        self.mentors[mentor] = after
        return capacity - before.capacity

    def known(self, match: Match) -> Match:
        self.known_mentor(match[0])
        self.known_mentee(match[1])
        return match

    def known_mentor(self, mentor: str) -> Mentor:
        if mentor not in self.mentors:
            raise ProblemError([Defect("unknown_mentor", "mentor", shown(mentor))])
        return self.mentors[mentor]

    def known_mentee(self, mentee: str) -> Mentee:
        if mentee not in self.mentees:
            raise ProblemError([Defect("unknown_mentee", "mentee", shown(mentee))])
        return self.mentees[mentee]

    def withdraw_mentor(self, mentor: str) -> None:
        del self.mentors[mentor]
        for numbers in self.number.values():
            numbers.pop(mentor, None)
        self.locked = {match for match in self.locked if match[0] != mentor}

    def withdraw_mentee(self, mentee: str) -> None:
        self.known_mentee(mentee)
        del self.mentees[mentee], self.number[mentee]
        self.locked = {match for match in self.locked if match[1] != mentee}
        left = (
            replace(t, members=tuple(member for member in t.members if member != mentee)) for t in self.teams
        )
        self.teams = tuple(team for team in left if team.members)

    def arrays(self) -> Arrays:
        people = People(self.mentors, self.mentees)
        number = np.array([k for row in self.number.values() for k in row.values()], np.int64)
        keys = people.keys(
            [mentor for row in self.number.values() for mentor in row],
            [mentee for mentee, row in self.number.items() for _ in row],
        )
        scores, ranks = np.concatenate(self.points, axis=1)[:, number]
        return Arrays.of(
            people,
            np.array([self.mentors[mentor].capacity for mentor in people.mentors], np.int64),
            np.array([self.mentees[mentee].priority for mentee in people.mentees], np.int64),
            keys,
            scores,
            ranks=ranks,
            previous=people.keys_of(self._here(self.previous)),
            locked=people.keys_of(self._here(self.locked)),
            forbidden=people.keys_of(self._here(self.forbidden)),
        )

    def problem(self) -> Problem:
        arrays = self.arrays()
        matches = arrays.people.matches(arrays.key)
        ranks = (rank if rank != NO_RANK else None for rank in arrays.rank.tolist())
        problem = replace(
            self.asked,
            mentors=tuple(self.mentors.values()),
            mentees=tuple(self.mentees.values()),
            pairs=tuple(
                Pair(*match, score, rank)
                for match, score, rank in zip(matches, arrays.score.tolist(), ranks, strict=True)
            ),
            locked=self._here(self.locked),
            forbidden=self._here(self.forbidden),
            previous=self._here(self.previous),
            teams=self.teams,
        )
        vars(problem)["arrays"] = arrays  # nothing has to be read again
        return problem

    def _here(self, matches: set[Match]) -> tuple[Match, ...]:
        """Without people who have left."""
        there = (match for match in matches if match[0] in self.mentors and match[1] in self.mentees)
        return tuple(sorted(there))
