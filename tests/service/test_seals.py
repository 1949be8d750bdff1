"""What is sealed opens only what it was sealed for."""

from __future__ import annotations

import random
import re
import string
from datetime import UTC, datetime

from service import seals

SECRET, OTHER_SECRET = "a secret of 32 characters or more", "another one of 32 characters or more"
MOMENT = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)


def test_keys_are_random_and_have_128_bits() -> None:
    keys = {seals.new_key() for _ in range(1000)}
    assert len(keys) == 1000
    assert all(re.fullmatch(r"[\w-]{22}", key, re.ASCII) for key in keys)


def test_a_links_token_is_its_key_and_128_bits_of_seal() -> None:
    key = seals.new_key()
    token = seals.link_token(SECRET, key)
    assert token.startswith(key)
    assert re.fullmatch(r"[\w-]{44}", token, re.ASCII)
    assert seals.link_key(SECRET, token) == key


def test_a_copied_database_gives_no_links() -> None:
    key = seals.new_key()
    assert seals.link_key(SECRET, key) is None
    assert seals.link_key(SECRET, seals.link_token(OTHER_SECRET, key)) is None
    assert seals.link_key(SECRET, key + seals.token_hash(key)[:22]) is None


def test_a_changed_character_anywhere_opens_nothing() -> None:
    token = seals.link_token(SECRET, seals.new_key())
    for at, old in enumerate(token):
        for new in "Aя\0":
            if new != old:
                assert seals.link_key(SECRET, token[:at] + new + token[at + 1 :]) is None
    assert seals.link_key(SECRET, token + "A") is None
    assert seals.link_key(SECRET, token[:-1]) is None


def test_a_hundred_thousand_made_up_tokens_open_nothing() -> None:
    dice = random.Random(20261122)
    alphabet = string.ascii_letters + string.digits + "-_"
    real = seals.link_token(SECRET, seals.new_key())
    for _ in range(50_000):
        assert seals.link_key(SECRET, "".join(dice.choices(alphabet, k=44))) is None
        assert seals.link_key(SECRET, real[:22] + "".join(dice.choices(alphabet, k=22))) is None


def test_a_ticket_says_what_was_opened_and_when() -> None:
    text = seals.new_ticket(SECRET, "link", 7, MOMENT)
    ticket = seals.open_ticket(SECRET, "link", text)
    assert ticket is not None
    assert (ticket.version_id, ticket.opened_at) == (7, MOMENT)


def test_every_opening_has_a_key_of_its_own() -> None:
    tickets = [seals.open_ticket(SECRET, "l", seals.new_ticket(SECRET, "l", 1, MOMENT)) for _ in range(100)]
    assert len({ticket.key for ticket in tickets if ticket}) == 100


def test_a_ticket_of_another_link_or_secret_or_a_changed_one_opens_nothing() -> None:
    text = seals.new_ticket(SECRET, "link", 7, MOMENT)
    key, version, moment, seal = text.split(".")
    assert seals.open_ticket(SECRET, "another", text) is None
    assert seals.open_ticket(OTHER_SECRET, "link", text) is None
    for forged in (
        f"{key}.8.{moment}.{seal}",
        f"{key}.{version}.{int(moment) + 1}.{seal}",
        f"{key}.{version}.{moment}.",
        "",
        ".",
        "...",
        text + "я",
        "\ud800",
    ):
        assert seals.open_ticket(SECRET, "link", forged) is None


def test_a_link_and_a_ticket_cannot_be_cut_anew_into_one_another() -> None:
    """The seal covers link and page together: moving characters between them must not keep it valid."""
    text = seals.new_ticket(SECRET, "link", 7, MOMENT)
    assert seals.open_ticket(SECRET, "lin", "k" + text) is None
    assert seals.open_ticket(SECRET, "link" + text[0], text[1:]) is None


def test_one_purpose_does_not_open_another() -> None:
    key = seals.new_key()
    csrf = seals.csrf_token(SECRET, key)
    assert seals.link_key(SECRET, key + csrf) is None
    assert seals.open_ticket(SECRET, "", f"{key}.1.1.{csrf}") is None


def test_only_a_hash_of_the_browsers_secret_is_kept() -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", seals.token_hash("token"))
    assert seals.token_hash("token") != seals.token_hash("Token")
    assert seals.token_hash("\ud800")
