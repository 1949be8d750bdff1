"""Entries and the banks become verdicts: what each line of a file will do, and nothing else. Pure.

new       somebody whom nobody knows yet
update    somebody of the list; ``changes`` say what becomes what
same      somebody of the list of whom the line says nothing new
repeated  the same person as an earlier line of the file
ask       perhaps somebody of the list: the curator decides, until then nothing is done
skip      the curator left the line out
error     the line has no name that can be read
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.people.importing.fields import Entry, Note
from service.people.importing.names import Found, FullName, Register, name_from
from service.tables import LEARNERS

Changes = dict[str, list[Any]]  # {field: [old, new]}
MOST_WISHES = 10
NAME_PARTS = ("last_name", "first_name", "patronymic")
OTHER_BANK = {"mentor": "mentee", "mentee": "mentor"}


@dataclass(frozen=True)
class Known:
    """Somebody of the list; ``banks``: {role: {places, profile, answered, withdrawn: when, or ""}}."""

    id: int
    name: FullName
    card: Mapping[str, Any]
    banks: Mapping[str, Mapping[str, Any]]


@dataclass
class Verdict:
    number: int
    entry: Entry
    verdict: str
    who: str = ""  # "p7": the person 7, "r7": whoever line 7 makes
    changes: Changes = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    asks: list[list[Any]] = field(default_factory=list)

    @property
    def person_id(self) -> int | None:
        return int(self.who[1:]) if self.who.startswith("p") else None


def key_of(entry: Entry) -> str:
    """Under which the curator's choices about a line are kept."""
    return f"{entry.sheet}:{entry.line}"


def verdicts(
    entries: Sequence[Entry], known: Iterable[Known], choices: Mapping[str, Any] | None = None
) -> Iterator[Verdict]:
    """``choices``: {"rows": {key: "new", "skip" or "p7"}, "people": {key and name as written: "p7" or "nobody"}}"""
    people = {person.id: person for person in known}
    chosen = choices or {}
    whose = _Whose(people, chosen.get("rows", {}))
    judged = [whose.judge(number, entry) for number, entry in enumerate(entries, start=1)]
    named = _Named(people, judged, chosen.get("people", {}))
    for verdict in judged:
        if verdict.verdict in ("new", "update"):
            _fill(verdict, people, named)
        yield verdict


class _Whose:
    """Whose line it is: somebody of the list, of an earlier line, or somebody new."""

    def __init__(self, people: Mapping[int, Known], choices: Mapping[str, str]) -> None:
        self._people, self._choices = people, choices
        self._listed = Register.of((f"p{person.id}", person.name) for person in people.values())
        self._lines: Register[str] = Register()
        self._by_line: dict[str, Verdict] = {}
        self._taken: dict[str, Verdict] = {}

    def judge(self, number: int, entry: Entry) -> Verdict:
        verdict = Verdict(number, entry, "error", notes=list(entry.notes))
        if entry.name is None:
            verdict.notes.append(
                ["name_unreadable" if entry.written else "name_missing", {"said": entry.written}]
            )
            return verdict
        self._decide(verdict, entry.name)
        if verdict.verdict in ("new", "update"):
            self._remember(verdict, entry.name)
        return verdict

    def _decide(self, verdict: Verdict, name: FullName) -> None:
        choice = self._choices.get(key_of(verdict.entry), "")
        if choice in ("new", "skip"):
            verdict.verdict = choice
        elif choice.startswith("p") and choice[1:].isdigit() and int(choice[1:]) in self._people:
            self._claim(verdict, choice)
        elif not self._repeats(verdict, name):
            self._compare(verdict, name)

    def _repeats(self, verdict: Verdict, name: FullName) -> bool:
        """An earlier line of the same bank has this name; what else it may be is asked."""
        found = self._lines.find(name)
        lines = [self._by_line[line] for line in found.who]
        earlier = [other for other in lines if other.entry.role == verdict.entry.role]
        if not earlier:
            return False
        others = set(self._listed.find(name).who) - {other.who for other in earlier}
        posts = {"", *(_same(other.entry.card.get("post", "")) for other in earlier)}
        another_post = _same(verdict.entry.card.get("post", "")) not in posts
        first = {"line": earlier[0].entry.line, "name": earlier[0].entry.written}
        if found.how == "alike" or len(earlier) > 1 or another_post or (found.how == "short" and others):
            verdict.verdict, verdict.asks = "ask", [["who", "", sorted(int(who[1:]) for who in others)]]
            verdict.notes.append(["like_line", first])
        else:
            verdict.verdict = "repeated"
            verdict.notes.append(["repeats_line", first])
        return True

    def _compare(self, verdict: Verdict, name: FullName) -> None:
        found = self._by_address(verdict, self._listed.find(name))
        match found:
            case Found("nobody"):
                verdict.verdict = "new"
                if name.first.endswith("."):
                    verdict.notes.append(["initials_only", {}])
            case Found("same" | "short", (who,)):
                self._claim(verdict, who)
                if found.how == "short":
                    verdict.notes.append(["by_short_name", {"name": self._people[int(who[1:])].name.text}])
            case Found(_, who):
                verdict.verdict = "ask"
                verdict.asks = [["who", "", [int(one[1:]) for one in who]]]

    def _by_address(self, verdict: Verdict, found: Found[str]) -> Found[str]:
        """Of several namesakes the one with the same e-mail, telephone or day of birth."""
        own = {key: verdict.entry.card.get(key) for key in ("email", "phone", "birth_date")}
        fitting = tuple(
            who
            for who in found.who
            if any(value and self._people[int(who[1:])].card.get(key) == value for key, value in own.items())
        )
        return Found("same", fitting) if len(fitting) == 1 else found

    def _claim(self, verdict: Verdict, who: str) -> None:
        """Two lines are not one person unless they speak of two banks."""
        earlier = self._taken.get(who)
        if earlier and earlier.entry.role == verdict.entry.role:
            verdict.verdict = "repeated"
            verdict.notes.append(
                ["repeats_line", {"line": earlier.entry.line, "name": earlier.entry.written}]
            )
        else:
            verdict.verdict, verdict.who = "update", who

    def _remember(self, verdict: Verdict, name: FullName) -> None:
        key = verdict.who or self._earlier_half(verdict, name) or f"r{verdict.number}"
        verdict.who = key
        line = f"r{verdict.number}"
        self._by_line[line] = verdict
        self._lines.add(line, name)
        self._taken[key] = verdict

    def _earlier_half(self, verdict: Verdict, name: FullName) -> str:
        """Whoever is new in one bank of the file and new in the other, too, is one person."""
        found = self._lines.find(name)
        return self._by_line[found.who[0]].who if found.how == "same" and len(found.who) == 1 else ""


class _Named:
    """People whom lines name in wishes, among the bank that they wish for."""

    def __init__(
        self, people: Mapping[int, Known], judged: Sequence[Verdict], choices: Mapping[str, str]
    ) -> None:
        self._people, self._choices = people, choices
        self._banks: dict[str, Register[str]] = {"mentor": Register(), "mentee": Register()}
        for person in people.values():
            for role in person.banks:
                self._banks[role].add(f"p{person.id}", person.name)
        for verdict in judged:
            if (
                verdict.verdict in ("new", "update")
                and verdict.entry.role in self._banks
                and verdict.entry.name
            ):
                self._banks[verdict.entry.role].add(verdict.who, verdict.entry.name)

    def resolve(self, verdict: Verdict, written: str) -> str | None:
        choice = self._choices.get(f"{key_of(verdict.entry)}:{written}")
        if choice:
            return None if choice == "nobody" else choice
        name = name_from(written)
        found = self._banks[OTHER_BANK[verdict.entry.role]].find(name) if name else Found[str]("nobody")
        if len(found.who) == 1 and found.how != "alike":
            return None if found.who[0] == verdict.who else found.who[0]
        listed = [int(who[1:]) for who in found.who if who.startswith("p")]
        if listed:
            verdict.asks.append(["named", written, listed])
        else:
            verdict.notes.append(["named_unknown", {"said": written}])
        return None


# --- what changes


def _fill(verdict: Verdict, people: Mapping[int, Known], named: _Named) -> None:
    entry = verdict.entry
    person = people.get(verdict.person_id or 0)
    if entry.role in OTHER_BANK:
        for question, written in entry.named.items():
            asked = (named.resolve(verdict, one) for one in written[:MOST_WISHES])
            who = list(dict.fromkeys(one for one in asked if one))
            if who:
                entry.profile[question] = who
    if verdict.who.startswith("r") and verdict.who != f"r{verdict.number}":
        verdict.changes = {"with": [None, int(verdict.who[1:])]}
    else:
        verdict.changes = {**_name_changes(entry, person), **_card_changes(entry, person)}
    if entry.role in OTHER_BANK:
        verdict.changes |= _bank_changes(verdict, person)
    if person and not verdict.changes:
        verdict.verdict = "same"


def _name_changes(entry: Entry, person: Known | None) -> Changes:
    """Of somebody known only what completes the name: ё in place of е, a patronymic, words in place of initials."""
    if entry.name is None:
        return {}
    new = (entry.name.last, entry.name.first, entry.name.patronymic)
    if person is None:
        return {part: [None, value] for part, value in zip(NAME_PARTS, new, strict=True) if value}
    old = (person.name.last, person.name.first, person.name.patronymic)
    return {
        part: [was, now]
        for part, was, now in zip(NAME_PARTS, old, new, strict=True)
        if now != was and ((_same(now) == _same(was) and "ё" in now.lower()) or _completes(was, now))
    }


def _completes(was: str, now: str) -> bool:
    if now.endswith(".") or not now:
        return False
    return not was or (was.endswith(".") and was[0].lower() == now[0].lower())


def _card_changes(entry: Entry, person: Known | None) -> Changes:
    changes: Changes = {}
    for key, new in entry.card.items():
        old = person.card.get(key) if person else None
        proposed = key == "gender" and old  # guessed from the patronymic: what is known stays
        if new not in (None, "", []) and not proposed and _same(old) != _same(new):
            changes[key] = [old, new]
    born = person.card.get("birth_date") if person else None
    if born and "kind" in changes and changes["kind"][1] not in LEARNERS:
        changes["birth_date"] = [born, None]
    return changes


def _bank_changes(verdict: Verdict, person: Known | None) -> Changes:
    entry = verdict.entry
    bank = person.banks.get(entry.role) if person else None
    changes: Changes = {}
    if bank is None or bank["withdrawn"]:
        changes["bank"] = [bank["withdrawn"] if bank else "", entry.role]
    places = entry.place.get("places", 1 if entry.role == "mentor" and bank is None else None)
    if places is not None and (bank is None or bank["places"] != places):
        changes["places"] = [bank["places"] if bank else None, places]
    if entry.profile and bank and bank["answered"]:
        verdict.notes.append(["answers_stay", {}])
        return changes
    said = (bank["profile"] if bank else None) or {}
    return changes | {
        f"profile:{key}": [said.get(key), new]
        for key, new in entry.profile.items()
        if said.get(key) != _plain(new)
    }


def _plain(value: Any) -> Any:
    """People known are kept by id: "p7" is "7"."""
    if isinstance(value, list):
        return [
            one[1:] if isinstance(one, str) and one[:1] == "p" and one[1:].isdigit() else one for one in value
        ]
    return value


def _same(value: Any) -> Any:
    """What makes no difference: capitals, ё, spaces, the order of a list."""
    if isinstance(value, str):
        return " ".join(value.casefold().replace("ё", "е").split())
    return sorted(map(_same, value)) if isinstance(value, list) else value
