"""Look at an uploaded template before it is kept, in the limited child process.

stdin   the .docx
stdout  [{"text": …, "values": {…}}]: what is wrong with it, empty when it may be used

A template may hold text, pictures and fields: ``{{ place }}``, ``{% for pair in pairs %}``, ``{% if … %}``.
It may not hold what computes or reaches outside: links, objects, macros, Word's own fields that fetch.
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

from jinja2 import TemplateError, TemplateSyntaxError, nodes

from service.documents import render
from service.documents.order import SAMPLE
from service.i18n import N_, Message

MAX_BYTES = 2 << 20
MAX_PARTS = 300
MAX_UNPACKED = 20 << 20
MAX_RATIO = 200  # one part to its packed size, beyond a megabyte
MAX_LOOPS = 2  # one inside another

DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_PART = re.compile(
    r"\[Content_Types\]\.xml|[\w./-]+\.(xml|rels)|(word/media/[\w-]+|docProps/thumbnail)\.(png|jpe?g|gif)"
)
_FOREIGN_PART = re.compile(r"vba|activeX|embeddings|oleObject|afchunk|\.\.|^/", re.I)
_FOREIGN_RELATION = re.compile(r"/(oleObject|control|package|frame|aFChunk|subDocument|vbaProject)$", re.I)
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([^\"']+)")
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_WORD_FIELDS = {"DATE", "NUMPAGES", "PAGE", "SECTION", "SECTIONPAGES", "TIME"}
_REFERENCES = {"src", "href", "althref"}

_LOOP = dict.fromkeys(("index", "index0", "first", "last", "length"), 1)
_PLAIN = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Const,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Concat,
)


def findings(template: bytes) -> list[Message]:
    """Each look is taken only when the one before has found nothing: a bomb is not unpacked."""
    for look in (_package, _parts, _fields, _trial):
        if found := {repr(message): message for message in look(template)}:
            return list(found.values())
    return []


# --- the package


def _package(template: bytes) -> Iterator[Message]:
    if len(template) > MAX_BYTES:
        yield N_("The file is larger than %(megabytes)s MB.", megabytes=MAX_BYTES >> 20)
        return
    try:
        parts = zipfile.ZipFile(BytesIO(template)).infolist()
    except (zipfile.BadZipFile, ValueError):
        yield N_("This is not a .docx file. Save the document in Word as .docx.")
        return
    names = Counter(part.filename for part in parts)
    if not {"[Content_Types].xml", "word/document.xml"} <= set(names):
        yield N_("This is not a .docx file. Save the document in Word as .docx.")
    swollen = any(part.file_size > max(1 << 20, MAX_RATIO * part.compress_size) for part in parts)
    if swollen or len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        yield N_("The file unpacks to far more than an order needs.")
    for name, count in names.items():
        if count > 1 or not _PART.fullmatch(name) or _FOREIGN_PART.search(name):
            yield N_("The file holds %(part)s: macros, objects and other files are not accepted.", part=name)


def _parts(template: bytes) -> Iterator[Message]:
    with zipfile.ZipFile(BytesIO(template)) as package:
        for name in package.namelist():
            try:
                content = package.read(name)
                if name.endswith((".xml", ".rels")):
                    yield from _part(name, content)
            except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ElementTree.ParseError):
                yield N_("%(part)s cannot be read: the file is damaged or protected.", part=name)


def _part(name: str, content: bytes) -> Iterator[Message]:
    if not _is_plain_xml(content):
        yield N_("%(part)s is not plain XML as Word writes it.", part=name)
        return
    root = ElementTree.fromstring(content)  # noqa: S314  (no entities: just checked; the child is limited)
    if name == "[Content_Types].xml" and DOCUMENT not in {element.get("ContentType") for element in root}:
        yield N_("This is not a .docx file. Save the document in Word as .docx.")
    for element in root.iter():
        for target in _outside(element):
            yield N_("%(part)s refers to something outside the text: %(target)s", part=name, target=target)
    for instruction in _instructions(root):
        if instruction.upper() not in _WORD_FIELDS:
            yield N_("The Word field %(field)s is not accepted.", field=instruction)


def _is_plain_xml(content: bytes) -> bool:
    """UTF-8 without declarations of types and entities, so that what is looked for is seen."""
    declared = _ENCODING.search(content.partition(b">")[0])
    bare = content.replace(b"<!--", b"").replace(b"<![CDATA[", b"")
    return b"<!" not in bare and b"\0" not in bare and (not declared or declared[1].upper() == b"UTF-8")


def _outside(element: ElementTree.Element) -> Iterator[str]:
    """What ``element`` would have Word fetch or run."""
    external = element.get("TargetMode", "").lower() == "external"
    if external or _FOREIGN_RELATION.search(element.get("Type", "")):
        yield element.get("Target", "")[:100]
    for attribute, value in element.items():
        if attribute.rpartition("}")[2].lower() in _REFERENCES and re.search(r"://|\\\\|^file:", value):
            yield value[:100]


def _instructions(root: ElementTree.Element) -> Iterator[str]:
    """The first word of every Word field, whose text may be cut into pieces."""
    text = ""
    for element in root.iter():
        if element.tag == f"{_WORD}fldSimple":
            yield _first_word(element.get(f"{_WORD}instr", ""))
        elif element.tag in (f"{_WORD}instrText", f"{_WORD}delInstrText"):
            text += element.text or ""
        elif element.tag == f"{_WORD}fldChar" and text.strip():
            yield _first_word(text)
            text = ""
    if text.strip():
        yield _first_word(text)


def _first_word(text: str) -> str:
    return text.split()[0] if text.split() else text


# --- the fields


def _fields(template: bytes) -> Iterator[Message]:
    try:
        sources = list(render.sources(template))
    except Exception:
        yield N_("The document cannot be opened. Save it in Word as .docx once more.")
        return
    for part, source in sources:
        lines = re.sub(r"<w:p(?=[ >])", "\n<w:p", source)  # a paragraph is a line
        try:
            tree = render.environment().parse(lines)
        except TemplateSyntaxError as error:
            _log(error)
            near = _last_text(lines.split("\n")[: error.lineno])
            yield N_(
                "A field in %(part)s is marked up wrongly, near «%(near)s»: check the braces {{ }} and {%% %%}.",
                part=part,
                near=near,
            )
        else:
            yield from _allowed(tree, asdict(SAMPLE), 0)
    yield from _idle_fields(template, {part for part, _ in sources})


def _last_text(lines: list[str]) -> str:
    texts = (re.sub(r"<[^>]+>", "", line).strip() for line in reversed(lines))
    return next(filter(None, texts), "")[-60:]


def _allowed(node: nodes.Node, scope: Mapping[str, Any], loops: int) -> Iterator[Message]:
    """What in ``node`` is more than fields of ``scope`` (name → an example), lists and conditions."""
    match node:
        case nodes.For(target=nodes.Name(name=name), recursive=False) if loops < MAX_LOOPS:
            example = _example(node.iter, scope)
            inner = {**scope, "loop": _LOOP, name: example[0] if isinstance(example, (list, tuple)) else None}
            yield from _allowed(node.iter, scope, loops)
            for child in node.iter_child_nodes(exclude=("target", "iter")):
                yield from _allowed(child, inner, loops + 1)
            return
        case nodes.Name(name=name):
            if name not in scope:
                yield _unknown(name, scope)
        case nodes.Getattr(attr=name):
            known = _example(node.node, scope)
            if not isinstance(known, dict) or name not in known:
                yield _unknown(name, known if isinstance(known, dict) else {})
        case nodes.Filter(name=name) if name not in render.FILTERS:
            yield N_("The filter «%(name)s» is not accepted.", name=name)
        case nodes.Test(name=name) if name not in render.TESTS:
            yield N_("The check «%(name)s» is not accepted.", name=name)
        case nodes.Filter() | nodes.Test():
            pass
        case _ if not isinstance(node, _PLAIN):
            yield N_("Only fields, lists and conditions are accepted: no functions, sums or inclusions.")
            return
    for child in node.iter_child_nodes():
        yield from _allowed(child, scope, loops)


def _example(node: nodes.Node, scope: Mapping[str, Any]) -> Any:
    """What a field would give, for an example; None for what is not a known field."""
    if isinstance(node, nodes.Name):
        return scope.get(node.name)
    if isinstance(node, nodes.Getattr):
        known = _example(node.node, scope)
        return known.get(node.attr) if isinstance(known, dict) else None
    return None


def _unknown(name: str, known: Mapping[str, Any]) -> Message:
    if not known:
        return N_("The field «%(name)s» is unknown.", name=name)
    return N_("The field «%(name)s» is unknown. There are: %(known)s.", name=name, known=", ".join(known))


def _idle_fields(template: bytes, filled: set[str]) -> Iterator[Message]:
    with zipfile.ZipFile(BytesIO(template)) as package:
        for name in package.namelist():
            if name.endswith(".xml") and name not in filled:
                text = "".join(ElementTree.fromstring(package.read(name)).itertext())  # noqa: S314  (see _part)
                if "{{" in text or "{%" in text:
                    yield N_("Fields in %(part)s would not be filled in: move them into the text.", part=name)


def _trial(template: bytes) -> Iterator[Message]:
    try:
        render.filled(template, asdict(SAMPLE))
    except TemplateError as error:
        _log(error)
        yield N_("The template could not be filled in: check its fields, lists and conditions.")
    except Exception:
        yield N_("The filled document is damaged: look where its lists begin and end.")


def _log(error: TemplateError) -> None:
    """Jinja's own words are for the log of the service, which hears stderr, and not for people."""
    sys.stderr.write(f"{error}\n")


def main() -> None:
    found = findings(sys.stdin.buffer.read())
    json.dump([{"text": message.text, "values": message.values} for message in found], sys.stdout)


if __name__ == "__main__":
    main()
