"""Fill a .docx template with a draft, in the limited child process: a template is a stranger's program.

stdin   {"template": base64 of the .docx, "draft": plain values}
stdout  the filled .docx, the same bytes for the same input

The template sees the draft's plain values and a few filters: no objects, no methods, no functions.
The only importer of the docx libraries.
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
from base64 import b64decode
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from docx.opc.constants import CONTENT_TYPE
from docxtpl import DocxTemplate
from jinja2 import Environment, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from service.child import REFUSED

FILTERS = ("default", "join", "length", "lower", "upper")
TESTS = ("defined",)
PROPERTIES = ("author", "comments", "identifier", "language", "subject", "title")  # those that docxtpl fills
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")  # XML has no place for them
_THEN = (1980, 1, 1, 0, 0, 0)
_APP = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Properties xmlns='
    b'"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>'
)


def environment() -> Environment:
    sandbox = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    sandbox.globals.clear()
    sandbox.filters = {name: sandbox.filters[name] for name in FILTERS}
    sandbox.tests = {name: sandbox.tests[name] for name in TESTS}
    return sandbox


def filled(template: bytes, draft: dict[str, Any]) -> bytes:
    document = DocxTemplate(BytesIO(template))
    document.render(_printable(draft), environment())
    _forget_who_and_when(document)
    saved = BytesIO()
    document.save(saved)
    return _repacked(saved)


def sources(template: bytes) -> Iterator[tuple[str, str]]:
    """(place, Jinja source) of everything in ``template`` that ``filled`` would run."""
    document = DocxTemplate(BytesIO(template))
    document.init_docx()
    yield "word/document.xml", document.patch_xml(document.get_xml())
    for uri in (document.HEADER_URI, document.FOOTER_URI):
        for _, part in document.get_headers_footers(uri):
            yield str(part.partname)[1:], document.patch_xml(document.get_part_xml(part))
    for part in document.docx.part.package.parts:
        if part.content_type == CONTENT_TYPE.WML_FOOTNOTES:
            yield str(part.partname)[1:], document.patch_xml(part.blob.decode())
    for name in PROPERTIES:
        yield "docProps/core.xml", getattr(document.docx.core_properties, name)


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return _UNPRINTABLE.sub(" ", value)
    if isinstance(value, list):
        return [_printable(item) for item in value]
    if isinstance(value, dict):
        return {name: _printable(item) for name, item in value.items()}
    return value


def _forget_who_and_when(document: DocxTemplate) -> None:
    """Keep the title; drop whose machine made the template, and when."""
    properties = document.docx.core_properties
    title = properties.title
    for element in list(properties._element):
        properties._element.remove(element)
    properties.title = title


def _repacked(saved: BytesIO) -> bytes:
    """The same parts with the time and the program's name left out."""
    packed = BytesIO()
    with zipfile.ZipFile(saved) as parts, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as kept:
        for part in parts.infolist():
            content = _APP if part.filename == "docProps/app.xml" else parts.read(part)
            entry = zipfile.ZipInfo(part.filename, _THEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            kept.writestr(entry, content)
    return packed.getvalue()


def main() -> None:
    given = json.load(sys.stdin.buffer)
    try:
        sys.stdout.buffer.write(filled(b64decode(given["template"]), given["draft"]))
    except TemplateError as error:
        sys.stderr.write(str(error))
        sys.exit(REFUSED)


if __name__ == "__main__":
    main()
