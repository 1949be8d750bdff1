"""A file that only the holder of a key can read; truncated, reordered, continued or flipped in one bit it is refused.

What is written is compressed and cut into chunks under AES-256-GCM. A chunk's nonce is its number and whether it is the
last, and every chunk is bound to the head of the file (STREAM: Hoang, Reyhanitabar, Rogaway and Vizár, CRYPTO 2015).
The key is this file's alone: HKDF-SHA256 of the holder's key and a random salt.
"""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MARK = b"nastavnik sealed 1\n"
SALT, TAG = 32, 16  # bytes
CHUNK = 1 << 16  # bytes before they are sealed


class NotWhole(ValueError):
    """The file is damaged, was changed, or belongs to another key."""


def seal(parts: Iterable[bytes], key: str, file: BinaryIO) -> None:
    head = MARK + secrets.token_bytes(SALT)
    file.write(head)
    cipher, number, waiting = _cipher(key, head), 0, b""
    for part in _compressed(parts):
        waiting += part
        while len(waiting) > CHUNK:  # the last chunk is known as such when it is sealed, so one is kept back
            file.write(cipher.encrypt(_nonce(number, last=False), waiting[:CHUNK], head))
            number, waiting = number + 1, waiting[CHUNK:]
    file.write(cipher.encrypt(_nonce(number, last=True), waiting, head))


def unseal(file: BinaryIO, key: str) -> Iterator[bytes]:
    """What was written, piece by piece. Act on none of it before the last one came: only then the file is whole."""
    head = file.read(len(MARK) + SALT)
    cipher, inflate, number = _cipher(key, head), zlib.decompressobj(), 0
    try:
        sealed = file.read(CHUNK + TAG)
        while sealed:
            following = file.read(CHUNK + TAG)
            yield inflate.decompress(cipher.decrypt(_nonce(number, last=not following), sealed, head))
            number, sealed = number + 1, following
    except (InvalidTag, zlib.error) as error:
        raise NotWhole(NotWhole.__doc__) from error
    if not inflate.eof:
        raise NotWhole(NotWhole.__doc__)


def _compressed(parts: Iterable[bytes]) -> Iterator[bytes]:
    deflate = zlib.compressobj(1)
    for part in parts:
        yield deflate.compress(part)
    yield deflate.flush()


def _cipher(key: str, head: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=head[len(MARK) :], info=MARK).derive(key.encode()))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
