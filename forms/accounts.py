"""Forms of signing in and of the staff's accounts. Passwords are taken as typed: spaces belong to them.

How good a password is the service judges, which knows whose it is.
"""

from __future__ import annotations

from wtforms import BooleanField, Field, HiddenField, PasswordField, StringField

from forms.checks import given, no_longer
from forms.enumerations import N_, STAFF_ROLES
from forms.staff import StaffForm, choice_of, line_of


def _secret(label: str, autocomplete: str, description: str = "") -> Field:
    return PasswordField(
        label, [given, no_longer(1_000)], description=description, render_kw={"autocomplete": autocomplete}
    )


def _new_password(label: str = N_("New password")) -> Field:
    hint = N_(
        "12 characters or more, any. Four words that have nothing to do with each other are easy to remember."
    )
    return _secret(label, "new-password", hint)


def _login() -> Field:
    return line_of(
        N_("Login"),
        required=True,
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )


class SignInForm(StaffForm):
    """``next`` is where to go afterwards."""

    login = _login()
    password = _secret(N_("Password"), "current-password")
    next = HiddenField()


class CodeForm(StaffForm):
    """A code of an authenticator, or a recovery code."""

    code = StringField(
        N_("Code"),
        [given, no_longer(40)],
        description=N_("Six digits from the authenticator, or one of your recovery codes."),
        render_kw={
            "autocomplete": "one-time-code",
            "autocapitalize": "characters",
            "spellcheck": "false",
        },
    )
    next = HiddenField()


class SeedForm(StaffForm):
    """The first code of an authenticator that is being set up; ``seed`` is a sealed note of its secret."""

    code = StringField(
        N_("Code from the authenticator"),
        [given, no_longer(40)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )
    seed = HiddenField()


class PasskeyForm(StaffForm):
    """``credential`` is what the browser answers, filled in by a script; ``challenge`` is a sealed note."""

    name = line_of(N_("What to call it"), required=True, most=60)
    challenge = HiddenField()
    credential = HiddenField()


class PasswordForm(StaffForm):
    old = _secret(N_("Present password"), "current-password")
    new = _new_password()


class ConfirmForm(StaffForm):
    password = _secret(N_("Your password"), "current-password")


class JoinForm(StaffForm):
    login = _login()
    password = _new_password(N_("Password"))


class ComeBackForm(StaffForm):
    password = _new_password()


class InvitationForm(StaffForm):
    name = line_of(N_("Last name, first name, patronymic"), required=True)
    post = line_of(N_("Post"))
    role = choice_of(N_("Role in the service"), STAFF_ROLES, "curator")


class RoleForm(StaffForm):
    role = choice_of(N_("Role in the service"), STAFF_ROLES)


class RecoveryForm(StaffForm):
    reason = line_of(N_("Why"), required=True, most=500)
    factors_too = BooleanField(N_("The phone or the key is lost as well: take the second step away"))
