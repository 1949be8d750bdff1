"""What a preview says: verdicts, fields, values and notes in the words of its readers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import forms
from forms.enumerations import CATEGORIES, DIRECTIONS, GENDERS, PARTICIPANTS
from service.i18n import N_, Message, translate
from service.tables import Person

VERDICTS: Mapping[str, Message] = {
    "new": N_("new people"),
    "update": N_("changes"),
    "ask": N_("to be decided"),
    "error": N_("mistakes"),
    "repeated": N_("repeated lines"),
    "same": N_("without changes"),
    "skip": N_("left out"),
}
ONE: Mapping[str, Message] = {
    "new": N_("a new person"),
    "update": N_("a change"),
    "ask": N_("who is this?"),
    "error": N_("a mistake"),
    "repeated": N_("a repeated line"),
    "same": N_("nothing new"),
    "skip": N_("left out by you"),
}
LOOKS = {"new": "ready", "update": "paired", "ask": "awaiting", "error": "refused"}
ROLES: Mapping[str, Message] = {
    "mentor": N_("mentors"),
    "mentee": N_("mentees"),
    "nobody": N_("staff: only the cards, without a bank"),
    "skip": N_("do not load this sheet"),
}
FIELDS: Mapping[str, Message] = {
    "name": N_("Last name, first name and patronymic together"),
    "last_name": N_("Last name"),
    "first_name": N_("First name"),
    "patronymic": N_("Patronymic"),
    "gender": N_("Gender"),
    "kind": N_("Who this is"),
    "post": N_("Post"),
    "directions": N_("Direction of programmes"),
    "category": N_("Qualification category"),
    "experience_years": N_("Experience, full years"),
    "sites": N_("Sites"),
    "email": N_("E-mail"),
    "phone": N_("Telephone"),
    "contact": N_("Telephone or e-mail"),
    "birth_date": N_("Date of birth"),
    "places": N_("How many mentees at a time"),
    "can": N_("Can help with"),
    "needs": N_("Needs help with"),
    "slots": N_("Convenient time"),
    "format": N_("Way of meeting"),
    "groups": N_("Ready to be in a group"),
    "hours": N_("Hours a week"),
    "wishes": N_("Wished mentors"),
    "undesired": N_("With whom not"),
    "bank": N_("Bank"),
    "with": N_("The same person as in line"),
    "profile:competences": N_("Can help with"),
    "profile:topics": N_("In their own words"),
    "profile:needs": N_("Needs help with"),
    "profile:request": N_("In their own words"),
    "profile:slots": N_("Convenient time"),
    "profile:format": N_("Way of meeting"),
    "profile:groups_welcome": N_("Ready to be in a group"),
    "profile:mode": N_("Ready to be in a group"),
    "profile:hours_per_week": N_("Hours a week"),
    "profile:wishes": N_("Wished mentors"),
    "profile:undesired": N_("With whom not"),
}
_BANKS = {"mentor": N_("Mentor"), "mentee": N_("Mentee"), "": N_("withdrawn")}
# Told once as part of the card, not again as part of the profile.
SILENT = {f"profile:{key}" for key in ("post", "experience_years", "direction", "sites", "places")}
FAILURES: Mapping[str, Message] = {
    "unreadable": N_("The file cannot be read. Save it once more as .xlsx or .csv and choose it again."),
    "locked": N_("The file has a password. Save it without one and choose it again."),
    "too_heavy": N_("The file is too heavy. Leave only the sheet with the people in it."),
    "too_long": N_("The file has too many lines. Divide it into several files of 100,000 lines."),
    "suspicious": N_("The file was not made by a spreadsheet program. Open it in one and save it once more."),
}


def note(code: str, said: Mapping[str, Any]) -> Message:
    match code:
        case "not_understood":
            return N_(
                "Column %(column)s, “%(heading)s”: “%(said)s” was not understood and is left out.",
                **_place(said),
            )
        case "cell_error":
            return N_(
                "Column %(column)s, “%(heading)s”: the cell holds the error %(said)s. Put it right in the file.",
                **_place(said),
            )
        case "name_unreadable":
            return N_(
                "“%(said)s” is no full name. Write at least the last name and the initials.",
                said=said["said"],
            )
        case "repeats_line":
            return N_("The same person as in line %(line)s: the first line counts.", line=said["line"])
        case "like_line":
            return N_(
                "Looks like line %(line)s, “%(name)s”: one person or two?",
                line=said["line"],
                name=said["name"],
            )
        case "by_short_name":
            return N_("Found in the list: %(name)s.", name=said["name"])
        case "named_unknown":
            return N_("“%(said)s” is not in the bank: this wish is left out.", said=said["said"])
    return _PLAIN[code]


_PLAIN: Mapping[str, Message] = {
    "name_missing": N_("The line has no name. Fill it in or delete the line."),
    "initials_only": N_("Only initials: write the full name on the person's page later."),
    "birth_not_kept": N_("The date of birth is kept of pupils and students only."),
    "answers_stay": N_("The person has answered the questionnaire: their own answers stay."),
}


def _place(said: Mapping[str, Any]) -> dict[str, str]:
    return {"column": letters(said["at"]), "heading": said["column"], "said": said["said"]}


def letters(column: int) -> str:
    """As Excel names the column: 1 → A, 27 → AA."""
    named = ""
    while column:
        column, digit = divmod(column - 1, 26)
        named = chr(ord("A") + digit) + named
    return named


def progress(report: Mapping[str, Any]) -> str:
    if report.get("step") == "writing":
        return translate("The people are being put into the banks.")
    if report.get("done"):
        return translate("Compared with the banks: %(done)s of %(of)s.") % report
    return translate("The file is being read.")


def told(changes: Mapping[str, Any], names: Mapping[int, str]) -> list[tuple[Message, str, str]]:
    """(field, what was, what becomes); names are told apart."""
    return [
        (FIELDS[key], shown(key, old, names), shown(key, new, names))
        for key, (old, new) in changes.items()
        if key in FIELDS and key not in SILENT
    ]


def shown(key: str, value: Any, names: Mapping[int, str]) -> str:
    match key, value:
        case _, None | "" | []:
            return ""
        case "bank", str():
            return str(_BANKS.get(value, _BANKS[""]))
        case "birth_date", str():
            return f"{date.fromisoformat(value):%d.%m.%Y}"
        case "profile:wishes" | "profile:undesired", list():
            return ", ".join(_person(str(who), names) for who in value)
        case _, dict():
            return "; ".join(forms.competences().get(code, code) for code in value)
        case _, list():
            return ", ".join(_word(key, str(one)) for one in value)
    return _word(key, str(value))


def card(person: Person, key: str) -> str:
    """A column of somebody's card as people read it."""
    return shown(key, getattr(person, key), {})


def _person(who: str, names: Mapping[int, str]) -> str:
    if who.startswith("r"):
        return translate("line %(line)s of this file") % {"line": who[1:]}
    return names.get(int(who.removeprefix("p")), "")


def _word(key: str, code: str) -> str:
    msgids = {"gender": GENDERS, "kind": PARTICIPANTS, "category": CATEGORIES, "directions": DIRECTIONS}.get(
        key
    )
    if msgids:
        return translate(dict(msgids).get(code, code))
    return _asked(key.removeprefix("profile:")).get(code, code)


@cache
def _asked(key: str) -> Mapping[str, str]:
    """The choices of our questionnaires' question, by code."""
    questions = [q for name in ("mentor", "mentee") for q in forms.library()[name].questions if q.key == key]
    return dict(questions[0].choices) if questions else {}
