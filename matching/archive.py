"""Arrays of integers from a NumPy archive that a stranger made: none is read before what it announces is known to be
sound, and every defect is noted with the array and the position."""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection
from math import prod
from typing import IO, Any
from zipfile import BadZipFile, ZipFile, ZipInfo

import numpy as np
import numpy.typing as npt

from matching.arrays import Ints
from matching.defect import SENTENCES, Defect, shown

MOST_TEXT = 2**24  # bytes
SHOWN = 20  # lines for one kind of defect in one array; then one line for the others

BROKEN = (
    OSError,
    BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    RecursionError,
)
"""What Python and NumPy make of a damaged file."""

SENTENCES |= {
    "duplicate_array": "the array {} is there twice",
    "wrong_type": "{} instead of integers",
    "wrong_shape": "the shape is wrong: {}",
    "too_large": "{} bytes are too many",
    "more": "{} more like this",
}

Array = npt.NDArray[Any]
ANY = -1
"""A length that is whatever it is."""


class Archive:
    """``what`` the file is meant to be. An array that is missing or cannot be read is None."""

    def __init__(
        self, file: ZipFile, what: str, required: Collection[str], optional: Collection[str]
    ) -> None:
        self.file = file
        self.defects: list[Defect] = []
        self.members: dict[str, ZipInfo] = {}
        for info in file.infolist():
            name = info.filename.removesuffix(".npy")
            if name not in required and name not in optional:
                self.note("unknown_key", what, shown(name))
            elif name in self.members:
                self.note("duplicate_array", what, shown(name))
            else:
                self.members[name] = info
        for name in required:
            if name not in self.members:
                self.note("missing", what, shown(name))

    def note(self, code: str, where: str, detail: str) -> None:
        self.defects.append(Defect(code, where, detail))

    def note_all(self, code: str, name: str, wrong: Array, details: Array) -> None:
        """Of array ``name``: ``wrong[position]``, with what is to be said of each position."""
        places = np.argwhere(wrong)
        for place in places[:SHOWN]:
            where = ", ".join(map(str, place.tolist()))
            detail = ", ".join(map(str, np.atleast_1d(details[tuple(place)])))
            self.note(code, f"{name}[{where}]", detail)
        if len(places) > SHOWN:
            self.note("more", name, f"{len(places) - SHOWN:,}")

    def numbers(
        self, name: str, shape: tuple[int, ...], most: int, span: range, code: str = "out_of_range"
    ) -> Ints | None:
        """Integers within ``span``, at most so many; ``ANY`` in the shape is any length."""
        array = self._array(name, shape, 8 * most)
        if array is None:
            return None
        if array.dtype.kind == "f":
            self.note_all("not_an_integer", name, ~np.isfinite(array) | (array != np.floor(array)), array)
        if array.dtype.kind not in "iu":
            self.note("wrong_type", name, str(array.dtype))
            return None
        self.note_all(code, name, (array < span.start) | (array >= span.stop), array)
        return array.astype(np.int64, copy=False)

    def json(self, name: str, default: object = None) -> object:
        """What a string says in JSON."""
        array = self._array(name, (), MOST_TEXT)
        try:
            return default if array is None else json.loads(str(array))
        except (ValueError, RecursionError) as error:
            self.note("not_json", name, str(error))
            return default

    def _array(self, name: str, shape: tuple[int, ...], most_bytes: int) -> Array | None:
        if (info := self.members.get(name)) is None:
            return None
        try:
            with self.file.open(info) as member:
                objection = _objection(member, shape, most_bytes)
            if objection is None:
                with self.file.open(info) as member:
                    return np.lib.format.read_array(member, allow_pickle=False)
            self.note(objection[0], name, objection[1])
        except BROKEN as error:
            self.note("unreadable", name, str(error).splitlines()[0] if str(error) else type(error).__name__)
        return None


def _objection(member: IO[bytes], shape: tuple[int, ...], most_bytes: int) -> tuple[str, str] | None:
    """To what the array says of itself in its first bytes."""
    version = np.lib.format.read_magic(member)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    found, _, kind = read(member)
    if len(found) != len(shape) or not all(
        wanted in (ANY, length) for wanted, length in zip(shape, found, strict=True)
    ):
        return "wrong_shape", " × ".join(map(str, found)) or "a single value"
    if prod(found) * kind.itemsize > most_bytes:
        return "too_large", f"{prod(found) * kind.itemsize:,}"
    return None
