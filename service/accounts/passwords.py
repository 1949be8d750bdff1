"""Passwords: which are good enough, and their Argon2id hashes, of which few are made at a time."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from service.errors import Busy
from service.i18n import N_, Message

LEAST, MOST = 12, 128
FEWEST_DIFFERENT = 5
HASH_SECONDS = 2  # at most so long one waits for a turn to hash
_PASSWORDS = PasswordHash((Argon2Hasher(),))
_COMMON = Path(__file__).parent / "common_passwords.txt"
_hashing = BoundedSemaphore(2)  # a hash takes 64 MiB
_in_line = BoundedSemaphore(8)  # whoever waits holds one of the forty threads that respondents need


def fault(password: str, *known: str) -> Message | None:
    """Why it will not do; ``known`` is what others know of the person: login, names, the organisation."""
    if len(password) < LEAST:
        return N_("Use %(least)s characters or more, for example four words in a row.", least=LEAST)
    if len(password) > MOST:
        return N_("Use %(most)s characters or fewer.", most=MOST)
    bare = _bare(password)
    words = {_bare(word) for text in known for word in text.split()} - {""}
    if len(set(password.casefold())) < FEWEST_DIFFERENT or bare in _common() | words or not bare:
        return N_("Such passwords are tried first. Take four words that have nothing to do with each other.")
    return None


def _bare(password: str) -> str:
    """Its letters alone, once: what is left of «Пароль-2026!», «parol123parol»."""
    letters = re.sub(r"[\W\d_]+", "", password.casefold())
    return re.sub(r"^(.+?)\1+$", r"\1", letters)


@cache
def _common() -> frozenset[str]:
    return frozenset(_COMMON.read_text("utf-8").split())


def hashed(password: str) -> str:
    with turn_to_hash():
        return str(_PASSWORDS.hash(_same_everywhere(password)))


def verified(password: str, kept: str | None) -> bool:
    """An unknown account takes as long as a wrong password. Stands in ``turn_to_hash``."""
    right = bool(_PASSWORDS.verify(_same_everywhere(password), kept or _nobodys_hash()))
    return right and kept is not None


def _same_everywhere(password: str) -> str:
    """«й» is one character on one keyboard and two on another."""
    return unicodedata.normalize("NFC", password)


@contextmanager
def turn_to_hash() -> Iterator[None]:
    """Whoever does not get a turn is asked to wait; that was no try yet."""
    if not _in_line.acquire(blocking=False):
        raise _busy()
    try:
        if not _hashing.acquire(timeout=HASH_SECONDS):
            raise _busy()
        try:
            yield
        finally:
            _hashing.release()
    finally:
        _in_line.release()


def _busy() -> Busy:
    return Busy(advice=N_("Wait a little and try again."))


@cache
def _nobodys_hash() -> str:
    return str(_PASSWORDS.hash(secrets.token_urlsafe()))
