"""A crowd of whom some would only come to a group around a topic, and some have come as a team."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from matching import Mode, Problem, Team
from tests.bench.instances import Crowd, ids

GROUPS, GROUP_SIZE = 2, (2, 5)
TEAM_SIZE = (2, 4)


def with_groups(
    mentors: int, mentees: int, seed: int = 1, *, open_to_groups: float = 0.3, in_teams: float = 0.1
) -> Problem:
    """Every mentor may lead two groups of 2 to 5 on what they know; ``open_to_groups`` of the mentees are placed only
    in a group on what they need, ``in_teams`` of them in teams of 2 to 4."""
    crowd, random = Crowd(mentors, mentees, seed), np.random.default_rng(seed)
    names = ids("e", mentees)
    mixed = random.permutation(names).tolist()
    seekers = set(mixed[: round(open_to_groups * mentees)])
    teams = _teams(random, mixed[len(seekers) :][: round(in_teams * mentees)])
    problem = crowd.instance().problem("placed", "score")
    return replace(
        problem,
        mentors=tuple(
            replace(mentor, topics=crowd.mentors.topics(at), groups=GROUPS, group_size=GROUP_SIZE)
            for at, mentor in enumerate(problem.mentors)
        ),
        mentees=tuple(
            replace(mentee, mode=Mode.GROUP, topics=crowd.mentees.topics(at))
            if mentee.id in seekers
            else mentee
            for at, mentee in enumerate(problem.mentees)
        ),
        teams=teams,
    )


def _teams(random: np.random.Generator, people: list[str]) -> tuple[Team, ...]:
    low, high = TEAM_SIZE
    teams: list[Team] = []
    while len(people) >= low:
        size = int(random.integers(low, high + 1))
        teams.append(Team(f"g{len(teams):06}", tuple(sorted(people[:size]))))
        people = people[size:]
    return tuple(team for team in teams if len(team.members) >= low)
