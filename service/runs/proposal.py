"""A proposal as its page shows it: scores in words, groups, loads, who is left and why, the picture. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import forms
from service.i18n import N_, Message
from service.runs.criteria import CRITERIA, out_of_100
from service.runs.groups import Group, groups_of
from service.runs.offers import Offer, bottleneck_sentences, places_that_help, repairs_of
from service.runs.picture import Picture, picture_of
from service.runs.reasons import Reason, reasons_of
from service.runs.rules import RULES
from service.runs.snapshot import Pair, Snapshot
from service.runs.words import CONFIDENTIAL, OTHER_REASONS, REASONS, Names, listed
from service.tables import ProposedPair, Run

MOST_IN_A_PICTURE = 100


@dataclass(frozen=True)
class Match:
    """``marks``: (criterion, its value out of 100, its weight). ``group``: the name or the topic of the group that the
    mentee is in. ``firm``: it is so in every best proposal; None where that is not known or the pair is kept."""

    mentor: int
    mentee: int
    score: int
    marks: list[tuple[Message, int, int]]
    group: str
    firm: bool | None


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
    repairs: list[Offer]


@dataclass(frozen=True)
class Proposal:
    status: str
    proved: bool
    matches: list[Match]
    loads: list[Load]
    left: list[Left]
    bottlenecks: list[Message]
    ready: int
    helpful: list[Offer]
    picture: Picture | None


def proposal_of(
    run: Run, pairs: Iterable[ProposedPair], names: Names, team_names: Names, discreet: bool
) -> Proposal:
    """``discreet``: without who asked not to work with whom."""
    outcome, exact, explained = run.outcome or {}, run.snapshot.get("exact", True), run.explanation or {}
    proved = exact and outcome["status"] == "optimal" and all(goal["proved"] for goal in outcome["goals"])
    matches = sorted(_matches(run, list(pairs), team_names), key=lambda match: names[match.mentee])
    reasons = reasons_of(run.snapshot, [(match.mentor, match.mentee) for match in matches], proved)
    return Proposal(
        status=outcome["status"] if exact else "not_compared",
        proved=proved,
        matches=matches,
        loads=sorted(_loads(run.snapshot, matches), key=lambda load: names[load.mentor]),
        left=sorted(
            (_left(run, reason, names, discreet) for reason in reasons),
            key=lambda left: names[left.reason.person],
        ),
        bottlenecks=bottleneck_sentences(explained, names),
        ready=len(matches) + len(outcome["unplaced"]),
        helpful=list(places_that_help(explained, run.snapshot["weights"], names)),
        picture=_picture(matches, [int(mentee) for mentee in outcome["unplaced"]]),
    )


def _matches(run: Run, pairs: list[ProposedPair], team_names: Names) -> Iterable[Match]:
    chosen = (run.explanation or {}).get("chosen", ())
    firm = {pair["mentee"]: pair["firm"] for pair in chosen if not pair["locked"]}
    group = {
        mentee: _name_of(group, team_names)
        for group in groups_of(run, [(pair.mentor_id, pair.mentee_id) for pair in pairs])
        for mentee in group.mentees
    }
    return (
        _match(run.snapshot, pair, group.get(pair.mentee_id, ""), firm.get(pair.mentee_id)) for pair in pairs
    )


def _name_of(group: Group, team_names: Names) -> str:
    return team_names[group.team] if group.team else forms.competences().get(group.topic, group.topic)


def _match(snapshot: Snapshot, pair: ProposedPair, group: str, firm: bool | None) -> Match:
    weights: Mapping[str, int] = snapshot["weights"]
    marks = [
        (CRITERIA[code].label, pair.breakdown[code] // weights[code], weights[code])
        for code in CRITERIA
        if code in pair.breakdown
    ]
    return Match(pair.mentor_id, pair.mentee_id, out_of_100(pair.score, weights), marks, group, firm)


def _loads(snapshot: Snapshot, matches: list[Match]) -> Iterable[Load]:
    load = Counter(match.mentor for match in matches)
    return (Load(person["id"], load[person["id"]], person["places"]) for person in snapshot["mentors"])


def _left(run: Run, reason: Reason, names: Names, discreet: bool) -> Left:
    explained, weights = run.explanation or {}, run.snapshot["weights"]
    return Left(
        reason,
        REASONS[reason.code],
        obstacles(reason, names, discreet),
        repairs_of(explained, reason.person, weights, names) if reason.role == "mentee" else [],
    )


def obstacles(reason: Reason, names: Names, discreet: bool) -> list[tuple[Message, int, str]]:
    details = list(_details(reason, names, discreet))
    if reason.full:
        details.append((N_("all places are taken"), len(reason.full), listed(reason.full, names)))
    return details


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
