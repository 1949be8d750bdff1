"""A proposal as its page shows it: scores in words, loads, who is left and why, the picture. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from service.i18n import Message
from service.runs.criteria import CRITERIA, out_of_100
from service.runs.picture import Picture, picture_of
from service.runs.reasons import Reason, reasons_of
from service.runs.rules import RULES
from service.runs.snapshot import Pair, Snapshot
from service.runs.words import CONFIDENTIAL, OTHER_REASONS, REASONS, Names, listed
from service.tables import ProposedPair, Run

MOST_IN_A_PICTURE = 100


@dataclass(frozen=True)
class Match:
    """``marks``: (criterion, its value out of 100, its weight)."""

    mentor: int
    mentee: int
    score: int
    marks: list[tuple[Message, int, int]]


@dataclass(frozen=True)
class Load:
    mentor: int
    pairs: int
    places: int


@dataclass(frozen=True)
class Left:
    """Somebody without a pair, and why; ``details``: (what stands in the way, how many mentors, their names)."""

    reason: Reason
    sentence: Message
    details: list[tuple[Message, int, str]]


@dataclass(frozen=True)
class Proposal:
    status: str
    proved: bool
    matches: list[Match]
    loads: list[Load]
    left: list[Left]
    ready: int
    picture: Picture | None


def proposal_of(run: Run, pairs: Iterable[ProposedPair], names: Names, discreet: bool) -> Proposal:
    """``discreet``: without who asked not to work with whom."""
    outcome, exact = run.outcome or {}, run.snapshot.get("exact", True)
    matches = sorted((_match(run.snapshot, pair) for pair in pairs), key=lambda match: names[match.mentee])
    reasons = reasons_of(run.snapshot, [(match.mentor, match.mentee) for match in matches])
    return Proposal(
        status=outcome["status"] if exact else "not_compared",
        proved=exact and outcome["status"] == "optimal" and all(goal["proved"] for goal in outcome["goals"]),
        matches=matches,
        loads=sorted(_loads(run.snapshot, matches), key=lambda load: names[load.mentor]),
        left=sorted(
            (_left(reason, names, discreet) for reason in reasons),
            key=lambda left: names[left.reason.person],
        ),
        ready=len(matches) + len(outcome["unplaced"]),
        picture=_picture(matches, [int(mentee) for mentee in outcome["unplaced"]]),
    )


def _match(snapshot: Snapshot, pair: ProposedPair) -> Match:
    weights: Mapping[str, int] = snapshot["weights"]
    marks = [
        (CRITERIA[code].label, pair.breakdown[code] // weights[code], weights[code])
        for code in CRITERIA
        if code in pair.breakdown
    ]
    return Match(pair.mentor_id, pair.mentee_id, out_of_100(pair.score, weights), marks)


def _loads(snapshot: Snapshot, matches: list[Match]) -> Iterable[Load]:
    load = Counter(match.mentor for match in matches)
    return (Load(person["id"], load[person["id"]], person["places"]) for person in snapshot["mentors"])


def _left(reason: Reason, names: Names, discreet: bool) -> Left:
    details = list(_details(reason, names, discreet))
    if reason.full:
        details.append((REASONS["no_places"], len(reason.full), listed(reason.full, names)))
    return Left(reason, REASONS[reason.code], details)


def _details(reason: Reason, names: Names, discreet: bool) -> Iterable[tuple[Message, int, str]]:
    """What must stay between the curator and those who asked is counted together and not named."""
    unnamed: set[int] = set()
    for code, people in reason.removed.items():
        if discreet and code in CONFIDENTIAL:
            unnamed.update(people)
        else:
            yield RULES[code].sentence, len(people), listed(people, names)
    if unnamed:
        yield OTHER_REASONS, len(unnamed), ""


def _picture(matches: list[Match], unplaced: list[int]) -> Picture | None:
    if not matches or len(matches) + len(unplaced) > MOST_IN_A_PICTURE:
        return None
    by_mentor = sorted(matches, key=lambda match: match.mentor)
    scores: dict[Pair, int] = {(match.mentor, match.mentee): match.score for match in by_mentor}
    return picture_of(scores, unplaced)
