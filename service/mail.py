"""Mail through the organisation's own server: the only file that knows how it travels. No text of it is ever logged.

smtp://host          as it is, for a server on the same machine or in the same rack
starttls://host      encrypted after the greeting, or not at all
smtps://host         encrypted from the first byte
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from types import TracebackType
from urllib.parse import unquote, urlsplit

from service.settings import MAIL_PORTS, Settings
from service.tables import now

WAIT_SECONDS = 20
_ADDRESS = re.compile(r"([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64})@([\w-]+(?:\.[\w-]+)+)")


class Unreachable(Exception):
    """The server takes nothing from us now, this letter included. ``reason``: connect, tls, login, sender, closed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Refused(Exception):
    """The server takes this letter neither now nor for this person. ``reason``: address, recipient, later, content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CutOff(Exception):
    """The text had left when the server fell silent: whether it took the letter nobody knows."""


@dataclass(frozen=True)
class Letter:
    """``id`` tells two letters apart; the same one again has the same, so that a mailbox may show it once."""

    id: str
    to: str
    subject: str
    text: str


def address_in(contact: str) -> str | None:
    """The first e-mail address in what a person's card says, fit for a server; a Russian domain in its own code."""
    found = _ADDRESS.search(contact)
    if found is None:
        return None
    try:
        return f"{found[1]}@{found[2].encode('idna').decode()}"
    except UnicodeError:
        return None


class Server:
    """An open connection: ``with Server(settings) as server: server.send(letter)``."""

    def __init__(self, settings: Settings) -> None:
        self._url, self._from = urlsplit(settings.mail_url), settings.mail_from
        self._sender = parseaddr(settings.mail_from)[1]

    def __enter__(self) -> Server:
        try:
            self._smtp = self._connected()
        except ssl.SSLError as error:
            raise Unreachable("tls") from error
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            raise Unreachable("connect") from error
        try:
            self._make_known()
        except BaseException:
            self._smtp.close()
            raise
        return self

    def _connected(self) -> smtplib.SMTP:
        host, port = self._url.hostname or "", self._url.port or MAIL_PORTS[self._url.scheme]
        ours = self._sender.rpartition("@")[2]
        if self._url.scheme == "smtps":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(host, port, ours, timeout=WAIT_SECONDS, context=context)
        return smtplib.SMTP(host, port, ours, timeout=WAIT_SECONDS)

    def _make_known(self) -> None:
        stage = "tls"
        try:
            if self._url.scheme == "starttls":
                self._smtp.starttls(context=ssl.create_default_context())
            self._smtp.ehlo_or_helo_if_needed()
            stage = "login"
            if self._url.username:
                self._smtp.login(unquote(self._url.username), unquote(self._url.password or ""))
        except (ssl.SSLError, smtplib.SMTPNotSupportedError, smtplib.SMTPAuthenticationError) as error:
            raise Unreachable(stage) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable("connect") from error

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        try:
            self._smtp.quit()
        except (smtplib.SMTPException, OSError):
            self._smtp.close()

    def send(self, letter: Letter) -> None:
        """Returning means: the server has taken it."""
        content = _written(letter, self._from)
        self._say(lambda: self._smtp.mail(self._sender), Unreachable("sender"))
        self._say(lambda: self._smtp.rcpt(letter.to), Refused("recipient"))
        try:
            code, _ = self._smtp.data(content)
        except smtplib.SMTPDataError as error:
            code = error.smtp_code
        except (smtplib.SMTPException, OSError) as error:
            raise CutOff from error
        self._check(code, Refused("content"))

    def _say(self, command: Callable[[], tuple[int, bytes]], otherwise: Exception) -> None:
        try:
            code, _ = command()
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable("closed") from error
        self._check(code, otherwise)

    def _check(self, code: int, otherwise: Exception) -> None:
        if code // 100 == 2:
            return
        if code == 421:
            raise Unreachable("closed")
        with suppress(smtplib.SMTPException, OSError):
            self._smtp.rset()
        raise Refused("later") if code // 100 == 4 and isinstance(otherwise, Refused) else otherwise


def _written(letter: Letter, sender: str) -> bytes:
    """The library refuses a header with a line break in it, so no text becomes another header."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = sender, letter.to
    message["Subject"] = " ".join(letter.subject.split())
    message["Date"] = format_datetime(now())
    message["Message-ID"] = f"<{letter.id}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="base64")
    return message.as_bytes()
