"""What can be refused, and the status each refusal becomes. Raised by actions, shown by web.

Refusal            400
  SignInNeeded     401   answered by the sign-in page
  Forbidden        403   also: a second factor is to be set up first (SecondFactorNeeded)
  NotFound         404   a foreign row is indistinguishable from a missing one
  WrongMethod      405   an address that only takes what a button sends was opened, or the reverse
  Conflict         409   somebody was faster, or the thing has moved on
  Closed           410   the wave is over, the link was withdrawn
  TooLarge         413
  Invalid          422   what was sent cannot be used
  TooOften         429
  Broken           500   a fault of ours; the log has it, the page does not
  Busy             503   the database or the service has no room at the moment
"""

from __future__ import annotations

from service.i18n import N_, Message


class Refusal(Exception):
    """``message`` says what is wrong, ``advice`` what to do; both are translated when shown."""

    status = 400
    message: Message = N_("This cannot be done.")
    advice: Message = N_("Go back and try again.")

    def __init__(self, message: Message | None = None, advice: Message | None = None) -> None:
        self.message = message or self.message
        self.advice = advice or self.advice
        super().__init__(str(self.message))


class SignInNeeded(Refusal):
    status = 401
    message = N_("Please sign in.")
    advice = N_("The page opens after you sign in.")


class Forbidden(Refusal):
    status = 403
    message = N_("This is not yours to do.")
    advice = N_("Ask the person whose duty it is, or sign in under another name.")


class SecondFactorNeeded(Forbidden):
    message = N_("First set up the second step of signing in.")
    advice = N_("It takes a minute on the page “Security”, and protects the data of people.")


class NotFound(Refusal):
    status = 404
    message = N_("There is no such page.")
    advice = N_("Check the address: it may have been copied without its end.")


class WrongMethod(Refusal):
    status = 405
    message = N_("This address is not opened by itself.")
    advice = N_("Go back to the page with the button and press it there.")


class Conflict(Refusal):
    status = 409
    message = N_("Somebody was faster.")
    advice = N_("Open the page again, look at what has changed and decide anew. Nothing is lost.")


class Closed(Refusal):
    status = 410
    message = N_("This questionnaire is closed.")
    advice = N_("Ask your curator whether it can be opened again.")


class TooLarge(Refusal):
    status = 413
    message = N_("Too much was sent at once.")
    advice = N_("Shorten the answers or choose a smaller file.")


class Invalid(Refusal):
    status = 422
    message = N_("What was sent cannot be used.")
    advice = N_("Open the page again and fill it in once more.")


class TooOften(Refusal):
    status = 429
    message = N_("Too many attempts.")
    advice = N_("Wait a quarter of an hour and try again.")


class Broken(Refusal):
    status = 500
    message = N_("Something went wrong on our side.")
    advice = N_("Try again in a minute; if it repeats, tell your curator.")


class Busy(Refusal):
    status = 503
    message = N_("The service is busy at the moment.")
    advice = N_("Wait a little and press the button again: your answers are on this page.")
