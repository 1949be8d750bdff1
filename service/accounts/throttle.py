"""Slowing down whoever guesses: some tries are free, then each waits twice as long as the one before.

Tries are counted before their outcome is known, by one statement on both databases, so that those made at the same
moment are counted too; the right word takes them back. What is still waiting is refused unheard and not counted.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from service.database import Database
from service.errors import TooOften
from service.i18n import N_
from service.seals import token_hash
from service.tables import Attempt

FREE = 10
FREE_OF_A_NETWORK = 300  # a whole school may stand behind one address
FIRST_WAIT, LONGEST_WAIT = 60, 15 * 60
FORGOTTEN_AFTER = 24 * 3600


@dataclass(frozen=True)
class Tries:
    """Of what kind, and by which key of the table they are counted."""

    key: str
    free: int = FREE


def of_login(login: str) -> Tries:
    return Tries(token_hash(f"sign-in:{login}"))


def of_code(account_id: int) -> Tries:
    """Of the second step."""
    return Tries(token_hash(f"code:{account_id}"))


def of_network(address: str) -> list[Tries]:
    """An IPv4 address, or the network that one subscriber has of IPv6; nothing where there is neither."""
    try:
        ip = ip_address(address)
    except ValueError:
        return []
    network = ip_network((ip, 64), strict=False) if isinstance(ip, IPv6Address) else ip
    return [Tries(token_hash(f"network:{network}"), FREE_OF_A_NETWORK)]


def count(database: Database, tries: Iterable[Tries]) -> None:
    """One try more of each; refused when any of them has to wait."""
    moment = int(time.time())
    with database.writing() as session:
        connection = session.connection()
        connection.execute(delete(Attempt).where(col(Attempt.tried_at) < moment - FORGOTTEN_AFTER))
        wait = max((_counted(connection, each, moment) for each in tries), default=0)
        if wait:
            raise TooOften(
                advice=N_(
                    "Try again in %(minutes)s min. The director can let you in earlier, on the page “Staff”.",
                    minutes=-(-wait // 60),
                )
            )


def _counted(connection: Connection, tries: Tries, moment: int) -> int:
    """How many seconds are still to wait, 0 when the try was counted."""
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(Attempt)
    counted = (
        insert.values(key=tries.key, count=1, tried_at=moment, waits_until=0)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={"count": col(Attempt.count) + 1, "tried_at": moment},
            where=col(Attempt.waits_until) <= moment,
        )
        .returning(col(Attempt.count))
    )
    here = col(Attempt.key) == tries.key
    done: int | None = connection.execute(counted).scalar_one_or_none()
    if done is None:
        until: int = connection.execute(select(col(Attempt.waits_until)).where(here)).scalar_one()
        return until - moment
    if done >= tries.free:
        wait = min(LONGEST_WAIT, FIRST_WAIT << min(done - tries.free, 10))
        connection.execute(update(Attempt).where(here).values(waits_until=moment + wait))
    return 0


def forget(database: Database, *tries: Tries) -> None:
    """The right word was said, or a director vouches for the person."""
    keys = [each.key for each in tries]
    with database.writing() as session:
        session.connection().execute(delete(Attempt).where(col(Attempt.key).in_(keys)))


def take_back(database: Database, tries: Iterable[Tries]) -> None:
    """One try of each was right; the others stay."""
    for each in tries:
        less = update(Attempt).where(col(Attempt.key) == each.key)
        with database.writing() as session:
            session.connection().execute(less.values(count=col(Attempt.count) - 1, waits_until=0))


def is_waiting(connection: Connection, *tries: Tries) -> bool:
    keys = [each.key for each in tries]
    waiting = select(col(Attempt.key)).where(
        col(Attempt.key).in_(keys), col(Attempt.waits_until) > int(time.time())
    )
    return connection.execute(waiting).first() is not None
