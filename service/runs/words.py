"""What the codes of a run mean to the curator."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from service.i18n import N_, Message
from service.runs.defects import Code as DefectCode
from service.runs.defects import Defect
from service.runs.reading import State
from service.runs.reasons import Code as ReasonCode
from service.runs.rules import RULES
from service.runs.snapshot import RunSettings

Names = Mapping[int, str]
MOST_NAMES = 8

GOAL_NAMES: dict[str, Message] = {
    "placed": N_("a mentor for as many as possible"),
    "score": N_("pairs that suit each other best"),
    "worst": N_("the weakest pair as good as possible"),
    "leximin": N_("all the weaker pairs as good as possible"),
    "balance": N_("an even load for the mentors"),
    "keep": N_("as few changes as possible"),
    "greedy": N_("as many first wishes as possible"),
    "generous": N_("as few people without a wish fulfilled as possible"),
}
GOAL_SENTENCES: dict[str, Message] = {
    "placed": N_("Whoever is served first by priority is counted first."),
    "score": N_("The sum of the scores of all pairs is the greatest."),
    "worst": N_("The pair that suits least is compared; the others do not count."),
    "leximin": N_(
        "First the pair that suits least, then the next one, and so on; nobody left without is last of all."
    ),
    "balance": N_("One mentor does not get many while another gets few."),
    "keep": N_("As many pairs of the last proposal as possible stay as they were."),
    "greedy": N_("First wishes are counted, then second ones, then third ones."),
    "generous": N_(
        "First those without a mentor, then those with somebody they did not name, are as few as possible."
    ),
}

STATES: dict[State, Message] = {
    "waiting": N_("waiting for its turn"),
    "running": N_("in progress"),
    "cancelled": N_("cancelled"),
    "failed": N_("not carried out"),
    "proposed": N_("ready for approval"),
    "approved": N_("approved"),
}

STATUSES = {
    "optimal": N_("Proved: no better proposal exists."),
    "feasible": N_("Time ran out. The proposal keeps every rule, but a better one may exist."),
    "infeasible": N_("The pairs that you keep cannot all be made together."),
    "undecided": N_("Time ran out before a proposal was found."),
    "not_compared": N_(
        "The proposal keeps every rule, but a better one may exist: too many people could teach each other"
        " to compare every possibility."
    ),
}

FAILURES = {
    "time": N_(
        "The matching took too long and was stopped. Start it again, or exclude those who wait for later."
    ),
    "memory": N_("There was not enough memory for the matching. Tell whoever looks after the service."),
    "stopped": N_("The matching was stopped. It can be started again."),
    "crashed": N_("The matching broke off by a mistake of ours. Start it again; if it repeats, tell us."),
    "refused": N_(
        "The matching could not read its data, by a mistake of ours. Tell whoever looks after the service."
    ),
    "wrong": N_("The proposal did not pass our own check and was thrown away. Start the matching again."),
    "attempts": N_("The matching was begun several times and never ended. Start it again."),
}

REASONS: dict[ReasonCode, Message] = {
    "not_confirmed": N_("New in the list: look at the person in the bank and confirm."),
    "no_consent": N_("There is no consent to the processing of personal data yet."),
    "consent_refused": N_("Consent to the processing of personal data was refused."),
    "consent_withdrawn": N_("Consent to the processing of personal data was withdrawn."),
    "no_answers": N_("The questionnaire is not filled in."),
    "excluded": N_("Left out by your decision."),
    "no_places": N_("There are no free places."),
    "no_possible_mentor": N_("No mentor is possible."),
    "no_place_left": N_("All the places of the possible mentors are taken."),
    "not_together": N_("Goes together with a group, and no mentor has places for all of them."),
    "no_group": N_("Wants to work in a group, and no group could be formed."),
    "too_few": N_(
        "The possible mentors with free places would have fewer mentees than the least that you set."
    ),
    "other_goals": N_(
        "There are free places, but the goals that you chose are reached better without this pair."
    ),
    "not_found": N_("The search was broken off before a place was found."),
}

_DEFECTS: dict[DefectCode, Message] = {
    "no_mentor_ready": N_("No mentor is ready: everybody needs a consent and a filled-in questionnaire."),
    "no_mentee_ready": N_("No mentee is ready: everybody needs a consent and a filled-in questionnaire."),
    "no_places": N_("The mentors who are ready have no free places."),
    "has_a_mentor": N_("%(mentor)s – %(mentee)s: the mentee has a mentor already."),
    "not_in_the_banks": N_("%(mentor)s – %(mentee)s: one of them is no longer in the bank."),
    "against_the_rules": N_("%(mentor)s – %(mentee)s: not possible (%(why)s)."),
    "over_the_places": N_("%(mentor)s: more pairs than places."),
}


CONFIDENTIAL = (
    "nobody_undesired",
    "not_forbidden",
)  # together, so that the one cannot be told from the other
OTHER_REASONS = N_("not possible for other reasons")


def defect_sentence(defect: Defect, names: Names, discreet: bool = False) -> Message:
    """``discreet``: for whoever must not learn who asked not to work with whom."""
    people = dict(zip(("mentor", "mentee"), (names[person] for person in defect.people), strict=False))
    hidden = CONFIDENTIAL if discreet else ()
    sentences = (OTHER_REASONS if code in hidden else RULES[code].sentence for code in defect.rules)
    why = "; ".join(dict.fromkeys(map(str, sentences)))
    return Message(_DEFECTS[defect.code].text, {**people, "why": why})


def progress_sentence(progress: Mapping[str, Any]) -> Message:
    """``progress`` is what the engine says of the goal that it is at."""
    if progress.get("goal") == "placed" and (value := progress.get("value")) is not None:
        return N_("Mentors found for: %(count)s", count=sum(value) if isinstance(value, list) else value)
    if progress.get("goal") == "explanation":
        return N_("Found and checked. Working out what each change would cost.")
    return N_("Looking for who suits whom best.")


def settings_sentences(settings: RunSettings, names: Names) -> list[Message]:
    """What was asked of a run, and what it alone did differently."""
    goals = "; ".join(str(GOAL_NAMES[goal]) for goal in settings.goals)
    told = [N_("What was pursued, in this order: %(goals)s.", goals=goals)]
    if settings.minimum > 1:
        told.append(N_("Every mentor has at least %(least)s mentees or none.", least=settings.minimum))
    told += [
        N_(
            "In this matching only, places more for %(mentor)s: %(number)s.",
            mentor=names[mentor],
            number=number,
        )
        for mentor, number in settings.added.items()
    ]
    for sentence, pairs in (
        (N_("In this matching only, the pair is permitted: %(pair)s."), settings.permitted),
        (N_("In this matching only, the pair is kept: %(pair)s."), settings.kept),
    ):
        told += [
            Message(sentence.text, {"pair": f"{names[mentor]} – {names[mentee]}"}) for mentor, mentee in pairs
        ]
    return told


def short(name: str) -> str:
    """Орлова Вера Павловна → Орлова В. П."""
    last, *others = name.split()
    return " ".join([last, *(f"{other[0]}." for other in others)])


def listed(people: Collection[int], names: Names) -> str:
    """Their names, the first few when there are many."""
    first = ", ".join(names[person] for person in list(people)[:MOST_NAMES])
    more = len(people) - MOST_NAMES
    return str(N_("%(names)s and %(more)s more", names=first, more=more)) if more > 0 else first
