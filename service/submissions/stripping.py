"""Take out of a file all that tells whose it is, in the limited child process: a file is a stranger's program.

stdin   .jpg, .png or .pdf
stdout  the same to the eye: a picture is drawn anew, of a PDF only the pages are left

What cannot be made nobody's is refused with one of the codes

    unreadable_file   nothing that we know, or broken
    locked_file       a PDF with a password
    written_on_file   a PDF with comments or form fields: they bear names, and are no part of the page
"""

from __future__ import annotations

import sys
from io import BytesIO

from PIL import Image, ImageOps
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, StreamObject

from service.child import OUT_OF_MEMORY, REFUSED

MOST_SIDE = 2560  # points: a page of A4 can be read, and the grain of the camera is gone
QUALITY = 85
PAGE = ("/MediaBox", "/CropBox", "/Rotate", "/Resources", "/Contents", "/Group", "/UserUnit")
TELLING = (
    "/AA", "/AF", "/Alternates", "/LastModified", "/Measure", "/Metadata", "/OPI", "/Parent", "/PieceInfo",
    "/Properties", "/PtData", "/Ref", "/StructParent", "/StructParents", "/Thumb",
)  # fmt: skip
START_OF_SCAN, ADOBE, COMMENT, END_OF_IMAGE = 0xDA, 0xEE, 0xFE, b"\xff\xd9"


class Refused(Exception):
    """``str`` of it is the code."""


def stripped(content: bytes) -> bytes:
    return _pdf(content) if content.lstrip()[:5] == b"%PDF-" else _picture(content)


def _picture(content: bytes) -> bytes:
    """Upright, because the note of how the camera was held goes with all the others."""
    with Image.open(BytesIO(content), formats=("JPEG", "PNG")) as source:
        photograph = source.format != "PNG"
        source.draft("RGB", (MOST_SIDE, MOST_SIDE))  # a large photograph is not even read whole
        picture = ImageOps.exif_transpose(source)
    picture.thumbnail((MOST_SIDE, MOST_SIDE))
    bare = picture.convert("RGB" if photograph or not picture.has_transparency_data else "RGBA")
    bare.info.clear()
    drawn = BytesIO()
    bare.save(drawn, "JPEG" if photograph else "PNG", quality=QUALITY)
    return drawn.getvalue()


def _pdf(content: bytes) -> bytes:
    reader, writer = PdfReader(BytesIO(content)), PdfWriter()
    if reader.is_encrypted:
        raise Refused("locked_file")
    for page in reader.pages:
        if any(note.get_object().get("/Subtype") != "/Link" for note in page.get("/Annots") or ()):
            raise Refused("written_on_file")
        bare = PageObject()
        bare[NameObject("/Type")] = NameObject("/Page")
        for name in PAGE:
            if name in page:
                bare[NameObject(name)] = page.raw_get(name).clone(writer, False, TELLING)
        writer.add_page(bare)
    for number in range(1, len(writer._objects) + 1):
        _strip_photograph(writer.get_object(number))
    writer.metadata = None
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def _strip_photograph(part: object) -> None:
    """A photograph lies in a PDF as the camera has made it, with its place and time."""
    if isinstance(part, StreamObject) and isinstance(part, DictionaryObject):
        filters = part.get("/Filter")
        names = [filters] if isinstance(filters, str) else filters or []
        if names == ["/DCTDecode"]:
            part._data = _without_notes(part._data)
        elif {"/DCTDecode", "/JPXDecode"} & set(names):
            raise Refused("unreadable_file")


def _without_notes(jpeg: bytes) -> bytes:
    """Without comments and what applications have added, but for Adobe's word of how the colours are meant; and
    without what follows the end."""
    kept, at = bytearray(jpeg[:2]), 2
    while jpeg[at + 1] != START_OF_SCAN:
        marker, after = jpeg[at + 1], at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if jpeg[at] != 0xFF:
            raise Refused("unreadable_file")
        if marker == ADOBE or not (0xE0 <= marker <= 0xEF or marker == COMMENT):
            kept += jpeg[at:after]
        at = after
    return bytes(kept) + jpeg[at : jpeg.index(END_OF_IMAGE, at)] + END_OF_IMAGE


def main() -> None:
    try:
        sys.stdout.buffer.write(stripped(sys.stdin.buffer.read()))
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)
    except Exception as error:  # a broken file may break a reader in any way
        sys.stderr.write(str(error) if isinstance(error, Refused) else "unreadable_file")
        sys.exit(REFUSED)


if __name__ == "__main__":
    main()
