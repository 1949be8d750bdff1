"""Rows become a snapshot: all that a run decides by, as JSON without a single name. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.queries import Member
from service.tables import Decision

Snapshot = dict[str, Any]
Pair = tuple[int, int]  # mentor, mentee

FORMAT = "nastavnik.snapshot/1"
GOALS = ("placed", "score")
ALONE = ("permitted", "kept")  # pairs of which this run alone says something
WISHES = 3


@dataclass(frozen=True)
class RunSettings:
    """What the curator asks of one run: what counts, the goals in their order, how many mentees a mentor who gets any
    should get at least, whether groups are formed for those who want one, and what is different in this run alone:
    places ``added`` to mentors, pairs ``permitted`` past the rules that may yield, pairs ``kept``.
    """

    weights: Mapping[str, int]
    goals: Sequence[str] = GOALS
    minimum: int = 0
    groups: bool = False
    added: Mapping[int, int] = field(default_factory=dict)
    permitted: Sequence[Pair] = ()
    kept: Sequence[Pair] = ()

    @classmethod
    def of(cls, snapshot: Snapshot) -> RunSettings:
        """Runs of the first version knew weights and goals only."""
        return cls(
            snapshot["weights"],
            tuple(snapshot["goals"]),
            snapshot.get("minimum", 0),
            snapshot.get("groups", False),
            dict(snapshot.get("added", ())),
            *(tuple((mentor, mentee) for mentor, mentee in snapshot.get(key, ())) for key in ALONE),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "weights": dict(self.weights),
            "goals": list(self.goals),
            "minimum": self.minimum,
            "groups": self.groups,
            "added": sorted(map(list, self.added.items())),
            "permitted": sorted(map(list, self.permitted)),
            "kept": sorted(map(list, self.kept)),
        }


def snapshot_from(
    mentors: Iterable[Member],
    mentees: Iterable[Member],
    current: Iterable[Pair],
    decisions: Iterable[Decision],
    settings: RunSettings,
    seconds: int = 60,
    teams: Mapping[int, Iterable[int]] | None = None,
    previous: Iterable[Pair] = (),
) -> Snapshot:
    """``current``: the pairs that go on now; a mentee who is in one is not in question. ``teams``: members by
    the group's id. ``previous``: the pairs to keep where that is a goal."""
    current = sorted(current)
    in_force = [row for row in decisions if row.withdrawn_at is None]
    paired = {mentee for _, mentee in current}
    return {
        "format": FORMAT,
        "mentors": [
            _person(member, in_force)
            | {"places": member.places_left + settings.added.get(member.membership.person_id, 0)}
            for member in _in_the_bank(mentors)
        ],
        "mentees": [
            _person(member, in_force) | {"priority": member.membership.priority}
            for member in _in_the_bank(mentees)
            if member.membership.person_id not in paired
        ],
        "teams": [{"id": id_, "members": sorted(members)} for id_, members in sorted((teams or {}).items())],
        "current": [list(pair) for pair in current],
        "previous": sorted(map(list, previous)) if "keep" in settings.goals else [],
        "locked": _decided(in_force, "lock", paired, settings.kept),
        "forbidden": _decided(in_force, "forbid", paired),
        **settings.to_json(),
        "limits": {"seconds": seconds, "workers": 1, "seed": 1},
    }


def _in_the_bank(members: Iterable[Member]) -> list[Member]:
    present = (member for member in members if member.membership.withdrawn_at is None)
    return sorted(present, key=lambda member: member.membership.person_id)


def _person(member: Member, in_force: list[Decision]) -> dict[str, Any]:
    row = member.membership
    excluded = {d.mentor_id if row.role == "mentor" else d.mentee_id for d in in_force if d.kind == "exclude"}
    return {
        "id": row.person_id,
        "confirmed": member.person.confirmed_at is not None,
        "consent": member.consent,
        "answered": row.profile is not None,
        "excluded": row.person_id in excluded,
        "features": features_of(row.profile or {}),
    }


def _decided(
    in_force: list[Decision], kind: str, paired: set[int], besides: Iterable[Pair] = ()
) -> list[list[int]]:
    decided = {(d.mentor_id, d.mentee_id) for d in in_force if d.kind == kind}
    return sorted(
        [mentor, mentee]
        for mentor, mentee in {*decided, *besides}
        if mentor is not None and mentee is not None and mentee not in paired
    )


def features_of(profile: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that matching uses, in one shape, whichever version of the questionnaire they come from.

    What is absent or cannot be read is left out: it must not decide anything.
    """
    features = {key: shape(profile[key]) for key, shape in _SHAPES.items() if key in profile}
    return {key: value for key, value in features.items() if value not in (None, [], {})}


def _codes(value: Any) -> list[str]:
    return sorted({str(code) for code in value}) if isinstance(value, list) else []


def _levels(value: Any) -> dict[str, int]:
    if not isinstance(value, dict):
        return {}
    levels = {str(code): _whole(level) for code, level in sorted(value.items())}
    return {code: min(level, 3) for code, level in levels.items() if level is not None}


def _people(value: Any) -> list[int]:
    """Ids in the order given, each once."""
    ids = map(_whole, value) if isinstance(value, list) else ()
    return list(dict.fromkeys(person for person in ids if person is not None))


def _whole(value: Any) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else None


def _one_of(*codes: str) -> Callable[[Any], Any]:
    return lambda value: value if value in codes else None


_SHAPES: dict[str, Callable[[Any], Any]] = {
    "competences": _levels,
    "needs": _levels,
    "direction": _codes,
    "slots": _codes,
    "sites": _codes,
    "format": _one_of("in_person", "remote", "any"),
    "experience_years": _whole,
    "groups_welcome": _one_of("yes", "no"),
    "mode": _one_of("pair", "group", "any"),
    "wishes": lambda value: _people(value)[:WISHES],
    "undesired": lambda value: sorted(_people(value)),
}
