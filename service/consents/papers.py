"""What is printed and signed: a consent on paper, the act of destruction. Filled in by the limited child process that
fills in orders, by one template of ours."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from service import child
from service.child import ChildFailed, Limits
from service.consents.erasing import KEEP_RECORD_YEARS
from service.errors import Busy
from service.i18n import N_
from service.standard_consent import lines_of
from service.tables import ConsentText, Destruction, Organisation, Person

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEMPLATE = Path(__file__).parent.parent.parent / "templates" / "consents" / "document.docx"
LIMITS = Limits(seconds=20, megabytes=500)
SYSTEM = "Информационная система «Наставник»"
WAY = "удаление записей средствами информационной системы, без возможности восстановить их её средствами"
BY_HAND = "_" * 30


@dataclass(frozen=True)
class Paper:
    """``lines`` stand at the end: what is written and signed by hand."""

    title: str
    paragraphs: Sequence[str]
    rows: Sequence[tuple[str, str]] = ()
    lines: Sequence[str] = ()


def rendered(paper: Paper) -> bytes:
    given = {"template": b64encode(TEMPLATE.read_bytes()).decode(), "draft": asdict(paper)}
    try:
        return child.run(
            "service.documents.render",
            given=json.dumps(given).encode(),
            limits=LIMITS,
            on_line=lambda _: None,
        )
    except ChildFailed as failure:
        if failure.reason in ("time", "memory"):
            raise Busy(
                N_("Too many documents are being made at the moment."),
                N_("Wait half a minute and try again."),
            ) from failure
        raise


def consent(text: ConsentText, person: Person) -> bytes:
    """Particulars of a passport are written by hand: they are not kept here."""
    whose = "Несовершеннолетний" if text.kind == "guardian" else "Фамилия, имя, отчество"
    paragraphs = [f"{whose}: {person.name}", *text.body.split("\n\n")]
    rows = [(category, "разрешаю / не разрешаю") for category in lines_of(text.parts.get("categories", ""))]
    lines = [f"Адрес: {BY_HAND}{BY_HAND}", f"Документ, удостоверяющий личность: {BY_HAND}"]
    if text.kind == "guardian":
        lines = [f"Представитель (Ф. И. О., кем приходится): {BY_HAND}", *lines]
    if text.kind in ("labour", "participation"):
        lines = [f"Должность: {person.post or BY_HAND}"]
    signature = f"«___» ____________ 20___ г.    Подпись {'_' * 12} / {'_' * 22} /"
    footer = f"Версия текста: SHA-256 {text.hash}"
    return rendered(Paper(text.title, paragraphs, rows, [*lines, signature, footer]))


def act(row: Destruction, organisation: Organisation, local_day: str) -> bytes:
    """Fields by the order of Roskomnadzor No 179 of 28.10.2022, item 3."""
    operator = ", ".join(filter(None, (organisation.full_name, organisation.address)))
    rows = [
        ("Оператор (наименование, адрес)", operator),
        ("Лицо, обрабатывающее данные по поручению оператора", "вписывается от руки, если есть: " + BY_HAND),
        ("Субъект персональных данных (иная информация, относящаяся к нему)", row.subject),
        ("Кто уничтожил данные (Ф. И. О., должность)", row.by),
        ("Перечень категорий уничтоженных данных", "; ".join(row.categories)),
        ("Информационная система, из которой данные уничтожены", SYSTEM),
        ("Способ уничтожения", WAY),
        ("Причина уничтожения", row.reason),
        ("Дата уничтожения", local_day),
        ("Бумажные носители (наименование, количество листов)", "заполняется от руки, если были: " + BY_HAND),
    ]
    lines = [
        f"Фамилия, имя, отчество субъекта (вписываются от руки, если нужны): {BY_HAND}",
        f"Подпись: {BY_HAND} / {row.by} /",
        f"Подпись: {BY_HAND} / {BY_HAND} /",
        f"Акт и выгрузка из журнала хранятся {KEEP_RECORD_YEARS} года, до {row.keep_until:%d.%m.%Y}.",
    ]
    return rendered(Paper(f"Акт № {row.id} об уничтожении персональных данных", [], rows, lines))
