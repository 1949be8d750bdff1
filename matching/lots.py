"""Between equally good assignments lots decide: the one whose pairs drew the largest sum.

A lot depends on the seed and the two ids alone: not on the order of the lists, nor on who else takes part.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from matching.arrays import Ints, People

Hashes = npt.NDArray[np.uint64]

BITS = 40


def lots(people: People, mentors: Ints, mentees: Ints, seed: int, bits: int = BITS) -> Ints:
    """Of the pairs (mentors[k], mentees[k]): integers below 2^bits."""
    mentor, mentee = _hashes("mentor", people.mentors, seed), _hashes("mentee", people.mentees, seed)
    return (_mixed(_mixed(mentor[mentors]) + mentee[mentees]) >> np.uint64(64 - bits)).astype(np.int64)


def _hashes(side: str, ids: Iterable[str], seed: int) -> Hashes:
    key = f"{side}:{seed}".encode()
    digests = b"".join(blake2b(name.encode(), digest_size=8, key=key).digest() for name in ids)
    return np.frombuffer(digests, "<u8")


def _mixed(x: Hashes) -> Hashes:
    """The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every bit depends on every bit."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
