"""From rows to the draft of an order, and why some pairs are not in it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from datetime import date

from service.documents.cases import (
    Gender,
    Name,
    gender_of,
    name_from,
    name_in,
    post_in,
    short,
    short_in,
    signature,
)
from service.documents.order import OrderDraft, Pair, Reader
from service.documents.texts import OrderTexts, filled
from service.i18n import Message, speak
from service.tables import Account, Assignment, Organisation, Person, Role
from service.terms import FORMS, KINDS

NAMED_MENTORS = 12  # beyond that the order says «указанным в приложении 1»


@dataclass(frozen=True)
class Pairing:
    """``refused``: who of the two refused or withdrew consent to the processing of their data."""

    assignment: Assignment
    mentor: Person
    mentee: Person
    refused: tuple[Role, ...] = ()


@dataclass(frozen=True)
class Obstacle:
    """A pair that is left out while something of it is ``missing``: the acceptance by "mentor" or "mentee",
    "mentor_consent" or "mentee_consent"."""

    assignment_id: int
    mentor: str
    mentee: str
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Wording:
    """A name in the dative that the order uses; without ``person_id`` it is the curator's post and name."""

    person_id: int | None
    nominative: str
    dative: str
    sure: bool


@dataclass(frozen=True)
class Drafting:
    draft: OrderDraft
    assignment_ids: tuple[int, ...]
    obstacles: tuple[Obstacle, ...]
    wordings: tuple[Wording, ...]


def draft_from(
    organisation: Organisation,
    texts: OrderTexts,
    pairings: Iterable[Pairing],
    curator: Account | None,
    *,
    hashes: Mapping[int, str] | None = None,
    final: bool = False,
) -> Drafting:
    """Pairs of which nothing is missing, by mentor; the others become obstacles. ``hashes``: of the runs that were
    checked, by their number."""
    ordered = sorted(pairings, key=lambda pairing: (pairing.mentor.sort_name, pairing.mentee.sort_name))
    complete = [pairing for pairing in ordered if not _missing(pairing)]
    mentors = _once(pairing.mentor for pairing in complete)
    wordings = [*_of_curator(curator, texts), *_of_mentors(mentors)]
    words = _words(texts, organisation, wordings)
    draft = OrderDraft(
        project=not final,
        founder_line=organisation.founder_line,
        full_name=organisation.full_name,
        short_name=organisation.short_name,
        place=organisation.place,
        heading=filled(texts.heading, words),
        preamble=filled(texts.preamble, words),
        items=tuple(filled(item, words) for item in (*texts.items, texts.control) if item),
        pairs=tuple(_pair(n, pairing, texts, organisation) for n, pairing in enumerate(complete, 1)),
        head_post=organisation.head_post,
        head_signature=signature(name_from(organisation.head_name)),
        readers=tuple(_readers(complete, curator)),
        checked=_checked(complete, hashes or {}),
    )
    return Drafting(
        draft,
        assignment_ids=tuple(pairing.assignment.id or 0 for pairing in complete),
        obstacles=tuple(_obstacle(pairing) for pairing in ordered if _missing(pairing)),
        wordings=tuple(wordings),
    )


def _words(texts: OrderTexts, organisation: Organisation, wordings: Sequence[Wording]) -> dict[str, str]:
    """What stands for the placeholders of the texts."""
    return {
        "основания": ", ".join(texts.bases),
        "период": _period(texts, organisation),
        "наставникам": _to_mentors(wordings),
        "куратору": _to_curator(wordings),
    }


def _missing(pairing: Pairing) -> tuple[str, ...]:
    assignment = pairing.assignment
    moments = {"mentor": assignment.mentor_accepted_at, "mentee": assignment.mentee_accepted_at}
    unaccepted = (role for role, moment in moments.items() if moment is None)
    return (*unaccepted, *(f"{role}_consent" for role in pairing.refused))


def _obstacle(pairing: Pairing) -> Obstacle:
    names = (pairing.mentor.name, pairing.mentee.name)
    return Obstacle(pairing.assignment.id or 0, *names, _missing(pairing))


def _pair(number: int, pairing: Pairing, texts: OrderTexts, organisation: Organisation) -> Pair:
    assignment = pairing.assignment
    term = _term(assignment.starts_on or texts.starts_on, assignment.ends_on or texts.ends_on)
    return Pair(
        number=number,
        mentor=pairing.mentor.name,
        mentor_post=pairing.mentor.post,
        mentee=pairing.mentee.name,
        mentee_post=pairing.mentee.post,
        form=_in_russian(FORMS.get(assignment.form)),
        kind=_in_russian(KINDS.get(assignment.kind)),
        topic=assignment.topic,
        term=term or _school_year(organisation),
        reporting=texts.reporting,
    )


def _readers(pairings: Sequence[Pairing], curator: Account | None) -> Iterator[Reader]:
    """Everyone who signs that they have read the order: the curator, then the others by name."""
    people = _once(person for pairing in pairings for person in (pairing.mentor, pairing.mentee))
    listed = [(person.name, person.post) for person in sorted(people, key=lambda person: person.sort_name)]
    if curator and all(name != curator.name for name, _ in listed):
        listed.insert(0, (curator.name, curator.post))
    for number, (name, post) in enumerate(listed, 1):
        yield Reader(number, name, post)


def _checked(pairings: Sequence[Pairing], hashes: Mapping[int, str]) -> str:
    runs = sorted({pairing.assignment.run_id or 0 for pairing in pairings} & hashes.keys())
    return " ".join(f"Подбор № {run} проверен независимо, SHA-256 {hashes[run]}." for run in runs)


def _once(people: Iterable[Person]) -> list[Person]:
    return list({person.id: person for person in people}.values())


# --- dates


def _term(starts_on: date | None, ends_on: date | None) -> str:
    ends = [f"с {starts_on:%d.%m.%Y}"] if starts_on else []
    if ends_on:
        ends.append(f"{'по' if starts_on else 'до'} {ends_on:%d.%m.%Y}")
    return " ".join(ends)


def _period(texts: OrderTexts, organisation: Organisation) -> str:
    if term := _term(texts.starts_on, texts.ends_on):
        return f"на период {term}"
    year = _school_year(organisation)
    return f"на {year}" if year else ""


def _school_year(organisation: Organisation) -> str:
    return f"{organisation.school_year} учебный год" if organisation.school_year else ""


# --- words in their cases


def _of_curator(curator: Account | None, texts: OrderTexts) -> Iterator[Wording]:
    if not curator:
        return
    name = name_from(curator.name)
    to_name, to_post = short_in(name, gender_of(name), "dative"), post_in(curator.post, "dative")
    yield Wording(
        person_id=None,
        nominative=f"{curator.post} {curator.name}".strip(),
        dative=texts.curator_dative or f"{to_post.text} {to_name.text}".strip(),
        sure=bool(texts.curator_dative) or (to_name.sure and to_post.sure),
    )


def _of_mentors(mentors: Sequence[Person]) -> Iterator[Wording]:
    for person in mentors if len(mentors) <= NAMED_MENTORS else ():
        written = person.cases.get("name", {}).get("dative")
        sure = bool(written) or short_in(_name(person), _gender(person), "dative").sure
        automatic = name_in(_name(person), _gender(person), "dative").text
        yield Wording(person.id, person.name, written or automatic, sure)


def _to_mentors(wordings: Sequence[Wording]) -> str:
    names = [short(name_from(wording.dative)) for wording in wordings if wording.person_id]
    if not names:
        return "наставникам, указанным в приложении 1,"
    return f"{'наставнику' if len(names) == 1 else 'наставникам'} {', '.join(names)}"


def _to_curator(wordings: Sequence[Wording]) -> str:
    return next((wording.dative for wording in wordings if not wording.person_id), "куратору")


def _name(person: Person) -> Name:
    return Name(person.last_name, person.first_name, person.patronymic)


def _gender(person: Person) -> Gender | None:
    return "f" if person.gender == "f" else "m" if person.gender == "m" else None


def _in_russian(term: Message | None) -> str:
    """Orders are Russian whatever the language of the page."""

    def spoken() -> str:
        speak("ru")
        return str(term or "")

    return copy_context().run(spoken)
