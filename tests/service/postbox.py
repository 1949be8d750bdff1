"""A real mail server on this machine that keeps what it takes, and fails as it is told to."""

from __future__ import annotations

import email
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from typing import Any

GREETING = "220 postbox"


@dataclass
class Postbox:
    """``answers``: what to say to a command in place of 250, by its beginning; "" is silence, "bye" a broken line.
    ``content`` is what is said to a whole letter, ``letters`` how many are taken before the server dies."""

    answers: dict[str, str] = field(default_factory=dict)
    content: str = "250 taken"
    letters: int = 1_000
    certificate: Path | None = None
    taken: list[EmailMessage] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    released: Event = field(default_factory=Event)
    port: int = 0

    @property
    def to(self) -> list[str]:
        return [str(letter["To"]) for letter in self.taken]

    def text_to(self, address: str) -> str:
        [letter] = [letter for letter in self.taken if letter["To"] == address]
        return str(letter.get_content())


@contextmanager
def serving(postbox: Postbox) -> Iterator[Postbox]:
    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            _converse(self, postbox)
            self.connection.close()

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        postbox.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield postbox
        finally:
            postbox.released.set()
            server.shutdown()
            thread.join()


def _converse(line: Any, postbox: Postbox) -> None:
    def say(text: str) -> None:
        line.wfile.write(f"{text}\r\n".encode())

    say(GREETING)
    while command := line.rfile.readline().decode().strip():
        postbox.heard.append(command)
        told = next((a for start, a in postbox.answers.items() if command.upper().startswith(start)), None)
        if told == "":
            postbox.released.wait(20)
            return
        if told == "bye":
            return
        if told:
            say(told)
        elif command.upper().startswith("EHLO"):
            say("250-postbox\r\n250-STARTTLS\r\n250 AUTH PLAIN" if postbox.certificate else "250 AUTH PLAIN")
        elif command.upper() == "STARTTLS" and postbox.certificate:
            say("220 go")
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(postbox.certificate)
            try:
                line.connection = context.wrap_socket(line.connection, server_side=True)
            except ssl.SSLError:  # we are not trusted
                return
            line.rfile, line.wfile = line.connection.makefile("rb"), line.connection.makefile("wb", 0)
        elif command.upper() == "DATA":
            say("354 go")
            if not _take(line, postbox):
                return
            say(postbox.content)
        else:
            say("235 welcome" if command.upper().startswith("AUTH") else "250 fine")


def _take(line: Any, postbox: Postbox) -> bool:
    """Whether the server lives to say so: the one that dies has the whole letter in its hands."""
    lines = []
    while (read := line.rfile.readline()) not in (b".\r\n", b""):
        lines.append(read.removeprefix(b".") if read.startswith(b"..") else read)
    if len(postbox.taken) >= postbox.letters:
        return False
    if postbox.content.startswith("2"):
        message = email.message_from_bytes(b"".join(lines), policy=default)
        postbox.taken.append(message)
    return True
