"""Files in anonymous waves: nobody's, never lost on a mistake, seen only when there are many."""

from __future__ import annotations

import io
import re
from html import unescape
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

import forms
from service import ballot_store, ballots, child
from service.errors import Conflict
from service.questionnaires import actions
from service.submissions import anonymous_files, stripping
from tests.factories import World
from tests.service.test_ballots import (
    SURVEY,
    WITH_FILES,
    answer_with_file,
    close,
    exchanged,
    files_of,
    links,
    open_anonymous,
    photograph,
)
from tests.service.test_submissions import form_of


def bare(content: bytes) -> bytes:
    return child.run("service.submissions.stripping", given=content, limits=anonymous_files.LIMITS)


def complaint(content: bytes) -> str:
    with pytest.raises(child.ChildFailed) as failed:
        bare(content)
    code = failed.value.detail.rpartition("\n")[2]
    return code if failed.value.reason == "refused" else failed.value.reason


def pdf(**extra: Any) -> bytes:
    """A page with a photograph in it, and every place where a PDF tells of its author."""
    page, told = io.BytesIO(), TextStringObject("TELLTALE")
    Image.open(io.BytesIO(photograph())).save(page, "PDF")
    writer = PdfWriter(clone_from=page)
    writer.add_metadata({"/Author": "TELLTALE"})
    writer.add_attachment("TELLTALE.txt", b"TELLTALE")
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject({NameObject("/JS"): told})
    writer.pages[0][NameObject("/PieceInfo")] = DictionaryObject({NameObject("/Word"): told})
    image = writer.pages[0]["/Resources"]["/XObject"]["/image"]  # type: ignore[index]
    image[NameObject("/Metadata")] = told
    image._data = photograph()
    for name, value in extra.items():
        writer.pages[0][NameObject(f"/{name}")] = value
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def png() -> bytes:
    notes, made = Image.Exif(), io.BytesIO()
    notes[0x010F] = "TELLTALE"
    Image.new("RGBA", (60, 90), (10, 20, 30, 128)).save(made, "PNG", exif=notes, xmp=b"TELLTALE")
    return made.getvalue()


@pytest.mark.parametrize("made", [photograph, png, pdf])
def test_nothing_is_left_of_author_place_and_camera(made: Any) -> None:
    content = made()
    assert b"TELLTALE" in content
    assert b"TELLTALE" not in bare(content)


def test_a_picture_stays_upright_and_a_page_looks_as_it_did() -> None:
    upright = Image.open(io.BytesIO(bare(photograph())))
    assert upright.size == (60, 90)
    assert not upright.getexif()
    assert Image.open(io.BytesIO(bare(png()))).getpixel((5, 5)) == (10, 20, 30, 128)
    before, after = (PdfReader(io.BytesIO(content)) for content in (pdf(), bare(pdf())))
    assert after.metadata is None
    assert "/ID" not in after.trailer
    looks = [reader.pages[0].images[0].image.tobytes() for reader in (before, after)]  # type: ignore[union-attr]
    assert looks[0] == looks[1]


def test_a_large_photograph_is_made_smaller_and_a_bomb_is_refused() -> None:
    made = io.BytesIO()
    Image.new("RGB", (6000, 3000)).save(made, "JPEG")
    assert Image.open(io.BytesIO(bare(made.getvalue()))).size == (
        stripping.MOST_SIDE,
        stripping.MOST_SIDE // 2,
    )
    made = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(made, "PNG")
    assert complaint(made.getvalue()) in ("unreadable_file", "memory")


def test_what_cannot_be_made_nobodys_is_refused() -> None:
    note = DictionaryObject(
        {NameObject("/Subtype"): NameObject("/Text"), NameObject("/T"): TextStringObject("Я")}
    )
    assert complaint(pdf(Annots=ArrayObject([note]))) == "written_on_file"
    locked = PdfWriter(clone_from=io.BytesIO(pdf()))
    locked.encrypt("", "owner", algorithm="RC4-128")
    written = io.BytesIO()
    locked.write(written)
    assert complaint(written.getvalue()) == "locked_file"
    for broken in (b"", b"PK\3\4", b"%PDF-1.7", b"\xff\xd8\xff\xe1", photograph()[:200]):
        assert complaint(broken) == "unreadable_file"


def test_a_wave_asks_only_for_files_that_can_be_made_nobodys(world: World) -> None:
    ticket = exchanged(world, links(world, open_anonymous(world, definition=WITH_FILES))[0])
    page = form_of(world.client.get(ticket).text) | {"mood": ["1"], "go": ["next"]}
    assert 'accept=".pdf,.jpg,.jpeg,.png"' in world.client.post(ticket, data=page).text

    office = {"key": "plan", "kind": "file", "label": "План", "accept": ["docx"]}
    pages = [*SURVEY["pages"], {"title": "План", "questions": [office]}]
    with world.database.writing(world.organisation_id) as session:
        survey = actions.add_questionnaire(session, forms.parse(SURVEY | {"key": "office", "pages": pages}))
        with pytest.raises(Conflict, match="План"):
            actions.refuse_mode(session, survey, "anonymous")


def test_a_mistake_on_the_page_does_not_lose_the_file_and_its_name_is_not_kept(world: World) -> None:
    photo = WITH_FILES["pages"][-1]["questions"][0]
    more = {"key": "room", "kind": "short", "label": "Какой кабинет?", "required": True}
    pages = [*SURVEY["pages"], {"title": "Снимки", "questions": [photo, more]}]
    wave = open_anonymous(world, definition=SURVEY | {"pages": pages})
    ticket = exchanged(world, links(world, wave)[0])
    page = form_of(world.client.get(ticket).text) | {"mood": ["1"], "go": ["next"]}
    page = form_of(world.client.post(ticket, data=page).text) | {"go": ["check"]}

    sent = {"photo": ("Иванова.JPG", photograph(), "image/jpeg")}
    wrong = world.client.post(ticket, data=page, files=sent)
    assert wrong.status_code == 422
    assert "Приложен файл: файл.jpg" in wrong.text
    assert "Иванова" not in wrong.text
    check = world.client.post(ticket, data=form_of(wrong.text) | {"room": ["5"], "go": ["check"]})
    assert world.client.post(ticket, data=form_of(check.text) | {"go": ["send"]}).status_code == 303
    [kept] = files_of(world, wave).values()
    assert kept["name"] == "file.jpg"
    assert b"TELLTALE" not in (ballots.attachment(world.database, wave, kept["id"]) or b"TELLTALE")


def test_a_file_that_cannot_be_kept_is_told_at_its_question(world: World) -> None:
    ticket = exchanged(world, links(world, open_anonymous(world, definition=WITH_FILES))[0])
    page = form_of(world.client.get(ticket).text) | {"mood": ["1"], "go": ["next"]}
    page = form_of(world.client.post(ticket, data=page).text) | {"go": ["check"]}
    wrong = world.client.post(ticket, data=page, files={"photo": ("a.jpg", b"not a picture", "image/jpeg")})
    assert wrong.status_code == 422
    assert '<a href="#q-photo">Выберите другой файл: этот не открылся' in unescape(wrong.text)


def test_nobody_names_a_file_that_is_not_there(world: World) -> None:
    ticket = exchanged(world, links(world, wave := open_anonymous(world, definition=WITH_FILES))[0])
    told = '{"id": "x", "name": "a.jpg", "type": "image/jpeg", "size": 5}'
    page = form_of(world.client.get(ticket).text) | {"mood": ["1"], "photo": [told], "go": ["send"]}
    assert world.client.post(ticket, data=page).status_code == 409
    assert ballots.answers_of(world.database, wave) == []


@pytest.mark.slow
def test_files_are_seen_after_the_end_when_ten_have_attached_one_and_lead_to_no_answer(world: World) -> None:
    wave = open_anonymous(world, people=0, definition=WITH_FILES)
    abandoned = ballots.attach(world.database, wave, "pdf", b"abandoned")
    for at, key in enumerate(ballots.cards(world.database, wave, 10)):
        named = [ballots.attach(world.database, wave, "jpg", b"%d" % at)]
        told = ballots.attached(world.database, wave, named)[named[0]]
        if at == 9:
            page = f"/waves/{wave}/files/{named[0]}"
            close(world, wave)
            assert world.signed_in(world.curator).get(page).status_code == 409
        ballots.cast(world.database, key, {"mood": "1", "photo": told})
    ballots.seal(world.database, wave)
    with world.database.ballots.connect() as connection:
        left = [row.key for row in connection.execute(ballot_store.ATTACHMENT.select())]
    assert abandoned not in left
    assert len(left) == 10
    assert ballots.unsealed(world.database) == []

    curator = world.signed_in(world.curator)
    listed = re.findall(rf"/waves/{wave}/files/[\w-]+", curator.get(f"/waves/{wave}/results").text)
    contents = [curator.get(address).content for address in listed]
    assert sorted(contents) == [b"%d" % at for at in range(10)]
    assert world.signed_in(world.director).get(listed[0]).status_code == 403


def test_a_ticket_attaches_so_many_files_and_no_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anonymous_files, "MOST", 1)
    ticket = exchanged(world, links(world, wave := open_anonymous(world, definition=WITH_FILES))[0])
    assert answer_with_file(world, ticket, "1", photograph()).status_code == 303
    other = exchanged(world, links(world, wave)[1])
    page = form_of(world.client.get(other).text) | {"mood": ["1"], "go": ["next"]}
    page = form_of(world.client.post(other, data=page).text) | {"go": ["here"]}
    told = [
        world.client.post(
            other, data=page, files={"photo": ("a.jpg", photograph(), "image/jpeg")}
        ).status_code
        for _ in range(2)
    ]
    assert told == [200, 409]
