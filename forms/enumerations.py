"""The field's fixed lists: (code that is stored, English message id of what people read)."""

from __future__ import annotations


def N_(text: str) -> str:  # noqa: N802  (gettext's own name: marks a text that is translated when shown)
    return text


STAFF_ROLES = (
    ("curator", N_("Curator")),
    ("director", N_("Director")),
    ("psychologist", N_("Psychologist")),
    ("officer", N_("Personal-data officer")),
    ("viewer", N_("Observer")),
)

GENDERS = (
    ("unknown", N_("not stated")),
    ("f", N_("female")),
    ("m", N_("male")),
)

PARTICIPANTS = (
    ("employee", N_("employee")),
    ("pupil", N_("pupil")),
    ("student", N_("student")),
    ("parent", N_("parent")),
    ("external", N_("from outside: a partner, an employer, a university")),
)

DIRECTIONS = (
    ("technical", N_("technical")),
    ("natural_science", N_("natural science")),
    ("sport", N_("physical culture and sport")),
    ("artistic", N_("artistic")),
    ("tourism_local_history", N_("tourism and local history")),
    ("social_humanitarian", N_("social and humanitarian")),
)

CATEGORIES = (
    ("none", N_("no category")),
    ("compliance", N_("compliance with the post")),
    ("first", N_("first category")),
    ("highest", N_("highest category")),
    ("methodist", N_("teacher-methodist")),
    ("mentor", N_("teacher-mentor")),
)

FORMS = (
    ("teacher_teacher", N_("teacher – teacher")),
    ("head_teacher", N_("head of the institution – teacher")),
    ("employer_pedstudent", N_("employer – student of a pedagogical college")),
    ("university_young_teacher", N_("university lecturer – young teacher")),
    ("partner_teacher", N_("social partner – teacher")),
    ("pupil_pupil", N_("pupil – pupil")),
    ("student_pupil", N_("student – pupil")),
    ("employer_pupil", N_("employer – pupil")),
    ("employer_student", N_("employer – student")),
    ("teacher_pupil", N_("teacher – pupil")),
    ("teacher_student", N_("teacher – student")),
    ("teacher_parent", N_("teacher – parent")),
)

KINDS = (
    ("traditional", N_("traditional mentoring")),
    ("group", N_("group mentoring")),
    ("short_term", N_("short-term mentoring")),
    ("reverse", N_("reverse mentoring")),
    ("situational", N_("situational mentoring")),
    ("speed", N_("speed mentoring")),
    ("virtual", N_("remote mentoring")),
    ("peer", N_("peer mentoring")),
    ("flash", N_("flash mentoring")),
)

DECISIONS = (
    ("lock", N_("keep the pair")),
    ("forbid", N_("do not pair")),
    ("exclude", N_("leave the person out")),
)

ZONES = (
    ("Europe/Kaliningrad", N_("Kaliningrad (Moscow −1)")),
    ("Europe/Moscow", N_("Moscow")),
    ("Europe/Samara", N_("Samara (Moscow +1)")),
    ("Asia/Yekaterinburg", N_("Yekaterinburg (Moscow +2)")),
    ("Asia/Omsk", N_("Omsk (Moscow +3)")),
    ("Asia/Krasnoyarsk", N_("Krasnoyarsk (Moscow +4)")),
    ("Asia/Irkutsk", N_("Irkutsk (Moscow +5)")),
    ("Asia/Yakutsk", N_("Yakutsk (Moscow +6)")),
    ("Asia/Vladivostok", N_("Vladivostok (Moscow +7)")),
    ("Asia/Magadan", N_("Magadan (Moscow +8)")),
    ("Asia/Kamchatka", N_("Kamchatka (Moscow +9)")),
)

MODES = (
    ("named", N_("named: you see who has answered what")),
    ("anonymous", N_("anonymous, on trust: nobody sees who has answered what")),
)

AUDIENCES = (
    ("everybody", N_("everybody in the banks")),
    ("mentor", N_("mentors")),
    ("mentee", N_("mentees")),
)

RHYTHMS = (
    ("monthly", N_("every month")),
    ("quarterly", N_("every quarter")),
    ("yearly", N_("every year")),
    ("on_completion", N_("when a pair has ended")),
)

THRESHOLDS = tuple((str(least), str(least)) for least in (5, 3, 4, 7, 10))
