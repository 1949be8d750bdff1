"""The form of a run's goals. It stands here and not in ``forms``: only runs know what there is to pursue."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import Optional, ValidationError

from forms import checks
from forms.checks import Message, between
from forms.staff import RunForm, StaffForm, options
from service.i18n import N_
from service.runs.snapshot import GOALS, RunSettings
from service.runs.words import GOAL_NAMES

PLACING = {"placed", "score", "leximin", "generous"}
NOTHING_ELSE = [("", N_("nothing else").text)]


def _goal(label: str, default: str = "") -> Any:
    choices = options(NOTHING_ELSE + [(goal, name.text) for goal, name in GOAL_NAMES.items()])
    return SelectField(label, choices=choices, default=default, invalid_choice_message=Message(checks.CHOOSE))


class GoalsForm(StaffForm):
    """What is pursued, each goal among the answers that are best in those before it."""

    goal_1 = _goal(N_("1. First").text, GOALS[0])
    goal_2 = _goal(N_("2. Then").text, GOALS[1])
    goal_3 = _goal(N_("3. Then").text)
    goal_4 = _goal(N_("4. Then").text)
    goal_5 = _goal(N_("5. Then").text)
    minimum = IntegerField(
        N_("At least so many mentees with every mentor, or none").text,
        [Optional(), between(0, 10)],
        invalid_value_message=Message(checks.WHOLE),
        description=N_(
            "For example 2: so that nobody prepares for a single mentee. Whoever has fewer places gets all of them"
            " filled or none. 0: it does not matter."
        ).text,
        default=0,
    )
    groups = BooleanField(
        N_("Form groups by topic for the mentees who want one").text,
        description=N_(
            "For mentors who agree to a group. A topic is what the mentor can teach and all in the group need."
        ).text,
        default=True,
    )

    def goals(self) -> tuple[str, ...]:
        return tuple(field.data for field in self._goal_fields() if field.data)

    def _goal_fields(self) -> list[Any]:
        return [field for field in self if field.name.startswith("goal_")]

    def validate_goal_1(self, field: Any) -> None:
        if not self.goals():
            raise ValidationError(N_("Choose at least one goal.").text)

    def _refuse_what_says_nothing(self, field: Any) -> None:
        before = [other.data for other in self._goal_fields() if other.name < field.name]
        if field.data and field.data in before:
            raise ValidationError(N_("This goal stands above already.").text)
        if field.data == "balance" and not PLACING & {*before}:
            raise ValidationError(
                N_("Put this goal lower: the load is most even where nobody has a mentor.").text
            )

    validate_goal_2 = validate_goal_3 = validate_goal_4 = validate_goal_5 = _refuse_what_says_nothing


def forms_of(settings: RunSettings) -> tuple[RunForm, GoalsForm]:
    chosen = {f"goal_{place}": goal for place, goal in enumerate(settings.goals, 1)}
    empty = {f"goal_{place}": "" for place in range(1, 6)}
    rest = {"minimum": settings.minimum, "groups": settings.groups}
    return RunForm(data=dict(settings.weights)), GoalsForm(data=empty | chosen | rest)


def settings_of(weights: RunForm, goals: GoalsForm) -> RunSettings:
    return RunSettings(weights.data, goals.goals(), goals.minimum.data or 0, goals.groups.data)
