"""Templates of the .docx: ours fills in, a stranger's is looked through, and no attack gets anywhere."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, replace
from io import BytesIO

import pytest
from jinja2 import TemplateError

from service.child import Limits
from service.documents import produce, render
from service.documents.lint import MAX_BYTES, findings
from service.documents.order import SAMPLE, OrderDraft
from service.documents.produce import LIMITS, TEMPLATE, render_order
from service.errors import Busy, Invalid

DOCUMENT = "word/document.xml"
FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
ENDNOTES = FOOTNOTES.replace("footnotes", "endnotes")
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def changed(changes: dict[str, Callable[[bytes], bytes]], added: dict[str, bytes] | None = None) -> bytes:
    """Our template with some parts changed and others added."""
    packed = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(TEMPLATE)) as ours,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as theirs,
    ):
        for name in ours.namelist():
            theirs.writestr(name, changes.get(name, bytes)(ours.read(name)))
        for name, content in (added or {}).items():
            theirs.writestr(name, content)
    return packed.getvalue()


def replaced(old: str, new: str) -> Callable[[bytes], bytes]:
    def replace_once(content: bytes) -> bytes:
        assert old.encode() in content
        return content.replace(old.encode(), new.encode(), 1)

    return replace_once


def with_text(text: str) -> bytes:
    """Our template with ``text`` in place of the heading."""
    return changed({DOCUMENT: replaced("{{ heading }}", escaped(text))})


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def with_note(kind: str, content_type: str, text: str) -> bytes:
    """Our template with a footnote or an endnote."""
    note = kind.removesuffix("s")
    part = f"<w:{kind} {W}><w:{note} w:id='1'><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:{note}></w:{kind}>"
    override = f'<Override PartName="/word/{kind}.xml" ContentType="{content_type}"/></Types>'
    relation = f'<Relationship Id="rIdN" Type="{RELATIONS}/{kind}" Target="{kind}.xml"/></Relationships>'
    return changed(
        {
            "[Content_Types].xml": replaced("</Types>", override),
            "word/_rels/document.xml.rels": replaced("</Relationships>", relation),
        },
        {f"word/{kind}.xml": part.encode()},
    )


def said(template: bytes) -> str:
    return "\n".join(str(message) for message in findings(template))


def text_of(document: bytes, part: str = DOCUMENT) -> str:
    with zipfile.ZipFile(BytesIO(document)) as parts:
        return re.sub(r"<[^>]+>", "", parts.read(part).decode())


def filled(draft: OrderDraft, template: bytes = TEMPLATE) -> bytes:
    """As the child would, without starting one."""
    return render.filled(template, asdict(draft))


# --- ours


def test_our_own_template_passes_its_own_check() -> None:
    assert produce.findings(TEMPLATE) == []


def test_the_order_says_everything_that_the_draft_says() -> None:
    text = text_of(filled(SAMPLE))
    for value in (
        SAMPLE.full_name,
        SAMPLE.heading,
        *SAMPLE.items,
        SAMPLE.head_signature,
        SAMPLE.readers[1].name,
    ):
        assert value in text
    for pair in SAMPLE.pairs:
        for value in (
            pair.mentor,
            pair.mentor_post,
            pair.form,
            pair.kind,
            pair.topic,
            pair.term,
            pair.reporting,
        ):
            assert value in text
    assert "Петров &amp; &lt;Сыновья&gt;" in text
    assert "{{" not in text
    assert "{%" not in text


def test_the_mark_of_a_draft_is_gone_from_the_final_order() -> None:
    headers = ("word/header1.xml", "word/header2.xml")
    assert all("ПРОЕКТ" in text_of(filled(SAMPLE), header) for header in headers)
    final = filled(replace(SAMPLE, project=False))
    assert not any("ПРОЕКТ" in text_of(final, header) for header in headers)


def test_a_draft_says_which_runs_were_checked_and_the_final_order_does_not() -> None:
    assert SAMPLE.checked in text_of(filled(SAMPLE), "word/footer1.xml")
    assert text_of(filled(replace(SAMPLE, project=False)), "word/footer1.xml").strip() == ""


def test_the_same_draft_gives_the_same_bytes_with_no_one_s_name_in_them() -> None:
    first, second = render_order(SAMPLE), filled(SAMPLE)
    assert first == second
    core = zipfile.ZipFile(BytesIO(first)).read("docProps/core.xml").decode()
    assert not re.search("creator|lastModifiedBy|created|modified", core)


def test_characters_that_xml_has_no_place_for_do_not_spoil_the_order() -> None:
    text = text_of(filled(replace(SAMPLE, heading="О\x0b закреплении\ufffe {{ place }} {_{ x }_}")))
    assert "закреплении" in text
    assert "{{ place }}" in text


# --- theirs, good


def test_a_template_of_ones_own_is_used() -> None:
    own = changed({DOCUMENT: replaced("ПРИКАЗЫВАЮ", "ПРИКАЗЫВАЮ СЛЕДУЮЩЕЕ")})
    assert findings(own) == []
    assert "ПРИКАЗЫВАЮ СЛЕДУЮЩЕЕ" in text_of(render_order(SAMPLE, own))


@pytest.mark.parametrize(
    "text",
    [
        "{{ heading | upper }}",
        "{{ place or 'Москва' }}",
        "{% if place and not project %}{{ place }}{% elif pairs %}{{ pairs | length }}{% else %}нет{% endif %}",
        "{% for pair in pairs %}{{ loop.index }} {{ pair.mentor }}{% if not loop.last %}, {% endif %}{% endfor %}",
        "{{ items | join('; ') }}",
    ],
)
def test_fields_lists_and_conditions_are_accepted(text: str) -> None:
    assert findings(with_text(text)) == []


def test_fields_in_a_footnote_are_accepted_and_filled_in() -> None:
    own = with_note("footnotes", FOOTNOTES, "{{ place }}")
    assert findings(own) == []
    assert text_of(filled(SAMPLE, own), "word/footnotes.xml") == SAMPLE.place


# --- theirs, not accepted

BOMBS = [
    "{{ 'a' * 900000000 }}",
    "{{ 9 ** 99999999 }}",
    "{% for a in pairs %}" * 12 + "{{ a }}" + "{% endfor %}" * 12,
]
ATTACKS = [
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__ }}",
    "{{ lipsum(n=99999) }}",
    "{{ namespace(x=1) }}",
    "{{ range(10) | length }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ heading.__class__ }}",
    "{{ heading.upper() }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''|attr('__class__') }}",
    "{{ heading['__class__'] }}",
    "{{ pairs | map(attribute='__class__') | list }}",
    "{{ heading | safe }}",
    "{{ '{0.__class__}'.format(heading) }}",
    "{% for i in range(100000000) %}{% endfor %}",
    "{% for a in pairs %}{% for b in pairs %}{% for c in pairs %}{% endfor %}{% endfor %}{% endfor %}",
    "{% for a in pairs recursive %}{{ loop(pairs) }}{% endfor %}",
    "{% set x = pairs %}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% extends 'x' %}",
    "{% macro m() %}{% endmacro %}",
    "{% block b %}{% endblock %}",
    "{% filter upper %}x{% endfilter %}",
    "{% with x = 1 %}{% endwith %}",
    "{% autoescape false %}{{ heading }}{% endautoescape %}",
    "{{ pairs if pairs is sameas pairs }}",
    "{{ loop }}",
    "{{ heading",
    "{% for pair in pairs %}",
    *BOMBS,
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_template_that_computes_or_reaches_out_is_not_accepted(attack: str) -> None:
    assert findings(with_text(attack))


@pytest.mark.parametrize("attack", ATTACKS[:3])
def test_the_same_in_headers_properties_and_footnotes(attack: str) -> None:
    for template in (
        changed({"word/header1.xml": replaced("ПРОЕКТ", attack)}),
        changed({"docProps/core.xml": replaced("Приказ о закреплении", attack)}),
        with_note("footnotes", FOOTNOTES, attack),
        with_note("endnotes", ENDNOTES, attack),
    ):
        assert findings(template)


def test_what_is_not_accepted_is_told_by_the_child_too() -> None:
    assert [str(message) for message in produce.findings(with_text("{{ loop }} {{ loop }}"))] == [
        said(with_text("{{ loop }}"))
    ]


@pytest.mark.parametrize("attack", [attack for attack in ATTACKS if attack not in BOMBS])
def test_even_unchecked_a_template_learns_nothing(attack: str) -> None:
    """The check is the first wall; the sandbox is the second, and stands alone here."""
    try:
        made = filled(SAMPLE, with_text(attack))
    except (TemplateError, TypeError, RecursionError):
        return
    assert not re.search("uid=|root:|&lt;class|module|built-in", text_of(made))


@pytest.mark.parametrize("bomb", BOMBS)
def test_even_unchecked_a_bomb_is_stopped_by_the_limits(bomb: str) -> None:
    many = replace(SAMPLE, pairs=SAMPLE.pairs * 30)
    with pytest.raises(Invalid):
        render_order(many, with_text(bomb), Limits(seconds=1, megabytes=300))


def test_an_unknown_field_is_named_together_with_the_known_ones() -> None:
    assert "Неизвестное поле «dirctor»" in said(with_text("{{ dirctor }}"))
    assert "head_post" in said(with_text("{{ dirctor }}"))
    own = said(with_text("{% for pair in pairs %}{{ pair.password_hash }}{% endfor %}"))
    assert "Неизвестное поле «password_hash»" in own
    assert "mentor_post" in own


def test_a_wrong_mark_is_told_in_plain_words_and_by_its_place(capfd: pytest.CaptureFixture[str]) -> None:
    complaint = said(with_text("О приказе {{ heading ! }}"))
    assert "около «О приказе {{ heading ! }}»: проверьте скобки {{ }} и {% %}." in complaint
    assert "unexpected char" not in complaint
    assert "unexpected char" in capfd.readouterr().err


def test_fields_where_they_would_not_be_filled_in_are_named() -> None:
    assert "word/endnotes.xml" in said(with_note("endnotes", ENDNOTES, "{{ place }}"))


def relation(kind: str, target: str, mode: str = 'TargetMode="External"') -> bytes:
    added = f'<Relationship Id="rIdX" Type="{RELATIONS}/{kind}" Target="{target}" {mode}/></Relationships>'
    return changed({"word/_rels/document.xml.rels": replaced("</Relationships>", added)})


def word_field(pieces: list[str]) -> bytes:
    runs = "".join(f"<w:r><w:instrText>{piece}</w:instrText></w:r>" for piece in pieces)
    begin, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "end"))
    return changed({DOCUMENT: replaced("<w:sectPr", f"<w:p>{begin}{runs}{end}</w:p><w:sectPr")})


REACHING: dict[str, Callable[[], bytes]] = {
    "external picture": lambda: relation("image", "http://198.51.100.1/evil.png"),
    "external picture, other quotes": lambda: relation("image", "http://x/evil.png", "TargetMode='external'"),
    "hyperlink": lambda: relation("hyperlink", "https://example.org"),
    "attached template": lambda: relation("attachedTemplate", "file:///C:/evil.dotm"),
    "object inside": lambda: relation("oleObject", "styles.xml", ""),
    "foreign chunk": lambda: relation("aFChunk", "styles.xml", ""),
    "picture by address": lambda: changed(
        {DOCUMENT: replaced("<w:sectPr", '<w:pict src="http://198.51.100.1/x.png"/><w:sectPr')}
    ),
    "include field": lambda: word_field(['INCLUDEPICTURE "http://198.51.100.1/x.png"']),
    "field in pieces": lambda: word_field(["DDE", "AUTO c:\\\\windows\\\\cmd.exe"]),
    "simple field": lambda: changed(
        {DOCUMENT: replaced("<w:sectPr", '<w:p><w:fldSimple w:instr=" INCLUDETEXT x "/></w:p><w:sectPr')}
    ),
    "macros": lambda: changed({}, {"word/vbaProject.bin": b"x"}),
    "activeX": lambda: changed({}, {"word/activeX/activeX1.xml": b"<x/>"}),
    "embedded file": lambda: changed({}, {"word/embeddings/oleObject1.bin": b"x"}),
    "a way out": lambda: changed({}, {"word/../../x.xml": b"<x/>"}),
    "macro document": lambda: changed(
        {
            "[Content_Types].xml": replaced(
                "vnd.openxmlformats-officedocument.wordprocessingml.document.main",
                "vnd.ms-word.document.macroEnabled.main",
            )
        }
    ),
    "doctype": lambda: changed(
        {DOCUMENT: lambda xml: xml.replace(b"<w:document", b"<!DOCTYPE d [<!ENTITY e 'x'>]><w:document", 1)}
    ),
    "doctype in another encoding": lambda: changed(
        {
            "word/settings.xml": lambda _: '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE d><x/>'.encode(
                "utf-16"
            )
        }
    ),
    "another declared encoding": lambda: changed(
        {"word/settings.xml": lambda _: b'<?xml version="1.0"' + b" " * 500 + b'encoding="utf-7"?><x/>'}
    ),
    "broken part": lambda: changed({"word/settings.xml": lambda _: b"<x>"}),
    "swollen part": lambda: changed({}, {"customXml/x.xml": b"<x>" + b" " * (12 << 20) + b"</x>"}),
    "too many parts": lambda: changed({}, {f"customXml/{n}.xml": b"<x/>" for n in range(400)}),
    "too large": lambda: TEMPLATE + b"x" * MAX_BYTES,
    "not a package": lambda: b"%PDF-1.7",
    "nothing": lambda: b"",
    "cut off": lambda: TEMPLATE[: len(TEMPLATE) // 2],
    "another package": lambda: _zip_of({"mimetype": b"application/vnd.oasis"}),
}


def _zip_of(parts: dict[str, bytes]) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize("attack", REACHING)
def test_a_file_that_reaches_outside_or_bursts_is_not_accepted(attack: str) -> None:
    assert findings(REACHING[attack]())


def test_a_part_twice_is_not_accepted() -> None:
    packed = BytesIO(TEMPLATE)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(packed, "a") as package:
        package.writestr(DOCUMENT, b"<x/>")
    assert findings(packed.getvalue())


def test_a_file_too_heavy_to_look_through_is_not_accepted() -> None:
    [message] = produce.findings(TEMPLATE, Limits(seconds=20, megabytes=40))
    assert "слишком тяжёлый" in str(message)


@pytest.mark.parametrize("limits", [Limits(LIMITS.seconds, megabytes=90), Limits(1, LIMITS.megabytes)])
def test_without_time_or_memory_for_our_own_template_the_service_is_busy(limits: Limits) -> None:
    with pytest.raises(Busy):
        render_order(replace(SAMPLE, pairs=SAMPLE.pairs * 5_000), None, limits)


def test_only_a_few_documents_are_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(produce, "WAIT_SECONDS", 0.01)
    with ExitStack() as places:
        for _ in range(produce.AT_ONCE):
            places.enter_context(produce._room)
        with pytest.raises(Busy):
            render_order(SAMPLE)
        with pytest.raises(Busy):
            produce.findings(TEMPLATE)
    assert produce.findings(TEMPLATE) == []
