"""What a change of the proposal would do, said from the arithmetic alone. Pure.

A change is what ``explanation.py`` keeps: [goal, was, will] for each goal that would be reached otherwise, in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from typing import Any

from service.i18n import N_, Message
from service.runs.snapshot import WISHES
from service.runs.words import GOAL_NAMES, Names, short

Change = Sequence[tuple[str, Any, Any]]
Moves = Sequence[tuple[int, int | None, int | None]]  # mentee, mentor before, mentor after
MOST_MOVES = 6
NBSP = "\N{NO-BREAK SPACE}"


def effect_sentences(change: Change, weights: Mapping[str, int]) -> list[Message]:
    """One a goal; scores are told out of 100, as everywhere."""
    whole = max(1, sum(weights.values()))
    return [_SENTENCES[goal](was, will, whole) or _unlike(goal) for goal, was, will in change]


def move_sentences(moves: Moves, names: Names) -> list[Message]:
    told = [
        N_(
            "%(mentee)s: %(before)s → %(after)s",
            mentee=_person(mentee, names),
            before=_person(before, names),
            after=_person(after, names),
        )
        for mentee, before, after in moves[:MOST_MOVES]
    ]
    more = len(moves) - MOST_MOVES
    return [*told, N_("and others: %(number)s", number=more)] if more > 0 else told


def _person(person: int | None, names: Names) -> object:
    """A name is not broken over two lines."""
    return short(names[person]).replace(" ", NBSP) if person else N_("without a mentor")


def _unlike(goal: str) -> Message:
    return N_("the goal «%(goal)s» is reached otherwise", goal=GOAL_NAMES[goal])


# --- the goals


def _placed(was: list[int], will: list[int], whole: int) -> Message | None:
    if (gained := sum(will) - sum(was)) != 0:
        return _left_without(-gained)
    for priority, before, after in zip(count(), was, will, strict=False):
        if before != after:
            return _more_or_fewer(
                after - before,
                N_("of priority %(priority)s, %(number)s more get a mentor", priority=priority),
                N_("of priority %(priority)s, %(number)s fewer get a mentor", priority=priority),
            )
    return None


def _score(was: int, will: int, whole: int) -> Message:
    return _better_or_worse(
        will - was,
        whole,
        N_("the sum of the scores is greater by %(points)s"),
        N_("the sum of the scores is less by %(points)s"),
    )


def _worst(was: int | None, will: int | None, whole: int) -> Message | None:
    if was is None or will is None:
        return None
    return _better_or_worse(
        will - was,
        whole,
        N_("the weakest pair is better by %(points)s of 100"),
        N_("the weakest pair is worse by %(points)s of 100"),
    )


def _leximin(was: list[int], will: list[int], whole: int) -> Message:
    """[how many are without a mentor, place of the first difference among the weakest pairs, the score there]"""
    if was[0] != will[0]:
        return _left_without(will[0] - was[0])
    return _better_or_worse(
        will[2] - was[2],
        whole,
        N_("of the weakest pairs, no. %(place)s is better by %(points)s of 100", place=was[1]),
        N_("of the weakest pairs, no. %(place)s is worse by %(points)s of 100", place=was[1]),
    )


def _balance(was: int, will: int, whole: int) -> Message:
    return (
        N_("the load of the mentors is less even")
        if will > was
        else N_("the load of the mentors is more even")
    )


def _keep(was: int, will: int, whole: int) -> Message:
    return _more_or_fewer(
        will - was,
        N_("%(number)s more pairs of the last proposal stay"),
        N_("%(number)s fewer pairs of the last proposal stay"),
    )


def _greedy(was: list[int], will: list[int], whole: int) -> Message | None:
    return _by_rank(zip(count(1), was, will, strict=False))


def _generous(was: list[int], will: list[int], whole: int) -> Message | None:
    if was[0] != will[0]:
        return _left_without(will[0] - was[0])
    return _by_rank(zip(range(len(was) - 1, 0, -1), was[1:], will[1:], strict=False))


def _by_rank(ranks: Iterable[tuple[int, int, int]]) -> Message | None:
    """The first difference."""
    for rank, before, after in ranks:
        if before != after and rank > WISHES:
            return _more_or_fewer(
                after - before,
                N_("%(number)s more get a mentor whom they did not name"),
                N_("%(number)s fewer get a mentor whom they did not name"),
            )
        if before != after:
            return _more_or_fewer(
                after - before,
                N_("wishes no. %(rank)s: %(number)s more come true", rank=rank),
                N_("wishes no. %(rank)s: %(number)s fewer come true", rank=rank),
            )
    return None


def _left_without(number: int) -> Message:
    return _more_or_fewer(
        number, N_("%(number)s more stay without a mentor"), N_("%(number)s fewer stay without a mentor")
    )


def _more_or_fewer(number: int, more: Message, fewer: Message) -> Message:
    message = more if number > 0 else fewer
    return Message(message.text, {**message.values, "number": abs(number)})


def _better_or_worse(score: int, whole: int, better: Message, worse: Message) -> Message:
    message, points = better if score > 0 else worse, round(abs(score) / whole)
    return Message(message.text, {**message.values, "points": points or N_("less than 1")})


_SENTENCES: dict[str, Callable[[Any, Any, int], Message | None]] = {
    "placed": _placed,
    "score": _score,
    "worst": _worst,
    "leximin": _leximin,
    "balance": _balance,
    "keep": _keep,
    "greedy": _greedy,
    "generous": _generous,
}
