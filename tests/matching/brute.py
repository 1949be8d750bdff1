"""What the contract means, by trying everything: each rule and each goal under its name, and the best there is.

Shares nothing with the package, not even its data: a question is the decoded problem.json with nothing left out,
an assignment names the mentor of every placed mentee. Slow and obvious on purpose.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations, product
from typing import Any

Question = dict[str, Any]
Assignment = dict[str, str]
Worth = list[Any]
"""The value of each goal, as it stands in outcome.json."""


def load_within_capacity(question: Question, mentor_of: Assignment) -> bool:
    load = Counter(mentor_of.values())
    return all(load[mentor["id"]] <= mentor["capacity"] for mentor in question["mentors"])


def load_nothing_or_the_minimum(question: Question, mentor_of: Assignment) -> bool:
    load = Counter(mentor_of.values())
    return all(
        load[mentor["id"]] >= mentor["minimum"] for mentor in question["mentors"] if load[mentor["id"]]
    )


def locked_pairs_hold(question: Question, mentor_of: Assignment) -> bool:
    return all(mentor_of.get(mentee) == mentor for mentor, mentee in question["locked"])


def teams_stay_together(question: Question, mentor_of: Assignment) -> bool:
    return all(len({mentor_of.get(member) for member in team["members"]}) == 1 for team in question["teams"])


def groups_can_be_formed(question: Question, mentor_of: Assignment) -> bool:
    """Around every mentor, so that each mentee in mode "group" is inside one."""
    return all(_room_in_groups(question, mentor, mentor_of) for mentor in question["mentors"])


RULES = (
    load_within_capacity,
    load_nothing_or_the_minimum,
    locked_pairs_hold,
    teams_stay_together,
    groups_can_be_formed,
)


def _room_in_groups(question: Question, mentor: dict[str, Any], mentor_of: Assignment) -> bool:
    topics = {mentee["id"]: mentee["topics"] for mentee in question["mentees"]}
    low, high = mentor["group_size"]

    def room(waiting: frozenset[str], willing: frozenset[str], groups: int) -> bool:
        """For all who wait, together with whom of the willing you like."""
        if not waiting or not groups:
            return not waiting
        first = min(waiting)
        for topic in {*mentor["topics"]} & {*topics[first]}:
            others = [mentee for mentee in (waiting | willing) - {first} if topic in topics[mentee]]
            for size in range(low - 1, min(high, len(others) + 1)):
                for chosen in combinations(others, size):
                    if room(waiting - {first, *chosen}, willing - {*chosen}, groups - 1):
                        return True
        return False

    here = [mentee for mentee in question["mentees"] if mentor_of.get(mentee["id"]) == mentor["id"]]
    by_mode = {mode: frozenset(e["id"] for e in here if e["mode"] == mode) for mode in ("group", "any")}
    return room(by_mode["group"], by_mode["any"], mentor["groups"])


def everything(question: Question) -> Iterator[Assignment]:
    """All assignments that keep the rules."""
    allowed = {(pair["mentor"], pair["mentee"]) for pair in question["pairs"]}
    allowed -= {(mentor, mentee) for mentor, mentee in question["forbidden"]}
    mentees = [mentee["id"] for mentee in question["mentees"]]
    ways = [["", *(m for m, e in allowed if e == mentee)] for mentee in mentees]
    for way in product(*ways):
        mentor_of = {mentee: mentor for mentee, mentor in zip(mentees, way, strict=True) if mentor}
        if all(rule(question, mentor_of) for rule in RULES):
            yield mentor_of


def broken_rules(question: Question, outcome: dict[str, Any]) -> list[str]:
    """Those that the pairs and groups of an outcome.json do not keep."""
    pairs, mentor_of = [*map(tuple, outcome["pairs"])], mentors_of(outcome)
    allowed = {(pair["mentor"], pair["mentee"]) for pair in question["pairs"]}
    everybody = [mentee["id"] for mentee in question["mentees"]]
    kept = {rule.__name__: rule(question, mentor_of) for rule in RULES} | {
        "one_mentor_at_most": len(mentor_of) == len(pairs),
        "only_allowed_pairs": {*pairs} <= allowed,
        "never_forbidden": not {*pairs} & {*map(tuple, question["forbidden"])},
        "everybody_else_is_unplaced": sorted([*mentor_of, *outcome["unplaced"]]) == sorted(everybody),
        "groups_are_sound": groups_are_sound(question, outcome),
    }
    return [rule for rule, holds in kept.items() if not holds]


def mentors_of(outcome: dict[str, Any]) -> Assignment:
    return {mentee: mentor for mentor, mentee in outcome["pairs"]}


def groups_are_sound(question: Question, outcome: dict[str, Any]) -> bool:
    """Whoever is in mode "group" is inside one, nobody in mode "pair" is, and no mentor leads too many."""
    mentors = {mentor["id"]: mentor for mentor in question["mentors"]}
    mentees = {mentee["id"]: mentee for mentee in question["mentees"]}
    led = Counter(group["mentor"] for group in outcome["groups"])
    inside = Counter(member for group in outcome["groups"] for member in group["members"])
    must = {mentee for _, mentee in outcome["pairs"] if mentees[mentee]["mode"] == "group"}
    return (
        all(times <= mentors[mentor]["groups"] for mentor, times in led.items())
        and all(times == 1 and mentees[member]["mode"] != "pair" for member, times in inside.items())
        and must <= inside.keys()
        and all(
            _group_is_sound(mentors[group["mentor"]], mentees, group, outcome) for group in outcome["groups"]
        )
    )


def _group_is_sound(mentor: dict[str, Any], mentees: dict[str, Any], group: Any, outcome: Any) -> bool:
    low, high = mentor["group_size"]
    return (
        low <= len(group["members"]) <= high
        and group["topic"] in mentor["topics"]
        and all(group["topic"] in mentees[member]["topics"] for member in group["members"])
        and all([mentor["id"], member] in outcome["pairs"] for member in group["members"])
    )


def placed(question: Question, mentor_of: Assignment) -> list[int]:
    served = Counter(mentee["priority"] for mentee in question["mentees"] if mentee["id"] in mentor_of)
    return [served[k] for k in range(max((e["priority"] for e in question["mentees"]), default=-1) + 1)]


def score(question: Question, mentor_of: Assignment) -> int:
    return sum(_scores(question, mentor_of))


def worst(question: Question, mentor_of: Assignment) -> int | None:
    return min(_scores(question, mentor_of), default=None)


def leximin(question: Question, mentor_of: Assignment) -> list[int]:
    return [-1] * (len(question["mentees"]) - len(mentor_of)) + sorted(_scores(question, mentor_of))


def balance(_: Question, mentor_of: Assignment) -> int:
    return sum(load**2 for load in Counter(mentor_of.values()).values())


def keep(question: Question, mentor_of: Assignment) -> int:
    return sum(mentor_of.get(mentee) == mentor for mentor, mentee in question["previous"])


def greedy(question: Question, mentor_of: Assignment) -> list[int]:
    ranks = Counter(pair["rank"] for pair in _chosen(question, mentor_of) if "rank" in pair)
    return [ranks[k + 1] for k in range(max((pair.get("rank", 0) for pair in question["pairs"]), default=0))]


def generous(question: Question, mentor_of: Assignment) -> list[int]:
    return [len(question["mentees"]) - len(mentor_of), *reversed(greedy(question, mentor_of))]


def _chosen(question: Question, mentor_of: Assignment) -> list[dict[str, Any]]:
    return [pair for pair in question["pairs"] if mentor_of.get(pair["mentee"]) == pair["mentor"]]


def _scores(question: Question, mentor_of: Assignment) -> list[int]:
    return [pair["score"] for pair in _chosen(question, mentor_of)]


VALUES: dict[str, Callable[[Question, Assignment], Any]] = {
    goal.__name__: goal for goal in (placed, score, worst, leximin, balance, keep, greedy, generous)
}


def worth(question: Question, mentor_of: Assignment) -> Worth:
    return [VALUES[goal](question, mentor_of) for goal in question["goals"]]


def merit(goals: list[str], values: Worth) -> list[Any]:
    """The larger, the better."""
    down = {"balance": lambda value: -value, "generous": lambda value: [-count for count in value]}
    up = {"worst": lambda value: -1 if value is None else value}
    return [
        (down | up).get(goal, lambda value: value)(value) for goal, value in zip(goals, values, strict=True)
    ]


def best(question: Question) -> Worth | None:
    """None when no assignment keeps the rules."""
    found = (worth(question, mentor_of) for mentor_of in everything(question))
    return max(found, key=lambda values: merit(question["goals"], values), default=None)
