"""What one press would change: a place more, a rule relaxed for a pair; and what that would bring. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service.i18n import N_, Message
from service.runs.effects import effect_sentences, move_sentences
from service.runs.rules import RULES
from service.runs.words import Names, listed, short

Explained = Mapping[str, Any]  # Run.explanation, see explanation.py


@dataclass(frozen=True)
class Effect:
    """``possible`` is False where the rules and the pairs that are kept forbid it."""

    possible: bool
    sentences: list[Message]
    moves: list[Message]


@dataclass(frozen=True)
class Offer:
    """``posted``: what the button sends to ``runs.again``."""

    text: Message
    effect: Effect
    posted: dict[str, str]


def effect_of(told: Mapping[str, Any], weights: Mapping[str, int], names: Names) -> Effect:
    return Effect(
        told["change"] is not None,
        effect_sentences(told["change"] or (), weights),
        move_sentences(told["moves"] or (), names),
    )


def places_that_help(explained: Explained, weights: Mapping[str, int], names: Names) -> Iterator[Offer]:
    """The most helpful first."""
    for told in explained.get("places", ()):
        text = N_("One more place: %(mentor)s", mentor=short(names[told["mentor"]]))
        yield Offer(text, effect_of(told, weights, names), {"place": str(told["mentor"])})


def repairs_of(explained: Explained, mentee: int, weights: Mapping[str, int], names: Names) -> list[Offer]:
    """What gives the mentee a mentor and leaves everybody else theirs or another."""
    return [
        Offer(_offered(repair, names), effect_of(repair, weights, names), _posted(repair, mentee))
        for left in explained.get("unplaced", ())
        if left["mentee"] == mentee
        for repair in left["repairs"]
    ]


def _offered(repair: Mapping[str, Any], names: Names) -> Message:
    mentor = short(names[repair["mentor"]])
    if repair["kind"] == "place":
        return N_("One more place: %(mentor)s", mentor=mentor)
    why = "; ".join(str(RULES[code].sentence) for code in repair["rules"])
    return N_("Permit the pair all the same: %(mentor)s (%(why)s)", mentor=mentor, why=why)


def _posted(repair: Mapping[str, Any], mentee: int) -> dict[str, str]:
    """Where the engine would rather place somebody else, the pair is kept besides."""
    pair = f"{repair['mentor']}-{mentee}"
    posted = {"place": str(repair["mentor"])} if repair["kind"] == "place" else {"permit": pair}
    return posted if repair["by_itself"] else posted | {"keep": f"{repair['with']}-{mentee}"}


def bottleneck_sentences(explained: Explained, names: Names) -> list[Message]:
    """Who have too few places together."""
    return [
        N_(
            "For %(number)s people (%(mentees)s) there are only these mentors: %(mentors)s. Their places: %(places)s.",
            number=len(narrow["mentees"]),
            mentees=listed(sorted(narrow["mentees"], key=names.__getitem__), names),
            mentors=listed(sorted(narrow["mentors"], key=names.__getitem__), names),
            places=narrow["places"],
        )
        for narrow in explained.get("bottlenecks", ())
        if narrow["mentors"]
    ]


def nearest_others(
    explained: Explained, mentee: int, weights: Mapping[str, int], names: Names
) -> dict[int, Effect]:
    """By mentor, the nearest first."""
    return {
        told["mentor"]: effect_of(told, weights, names)
        for told in explained.get("others", ())
        if told["mentee"] == mentee
    }


def if_forbidden(
    explained: Explained, mentee: int, weights: Mapping[str, int], names: Names
) -> Effect | None:
    told = next((pair for pair in explained.get("chosen", ()) if pair["mentee"] == mentee), None)
    return effect_of(told, weights, names) if told and not told["locked"] else None
