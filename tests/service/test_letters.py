"""Letters by the organisation's own mail server: to whom, what, once, and what is told when it fails."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from sqlmodel import col, delete, select

from service import mail
from service.jobs import Engine, Work
from service.settings import Settings
from service.tables import Job, Letter, Mailing, Person, Wave, now
from service.worker import HANDLERS
from tests.factories import World
from tests.service.postbox import Postbox, serving
from tests.service.test_ballots import exchanged, open_anonymous
from tests.service.test_submissions import form_of

NAMES = {at: f"Петрова{at} Анна Ильинична" for at in "абвг"}


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with serving(Postbox()) as postbox:
        yield postbox


@pytest.fixture
def posted(world: World, postbox: Postbox) -> World:
    """The world with a mail server; everybody but the last has an address."""
    world.settings = with_mail(world.settings, postbox)
    for at, name in NAMES.items():
        world.person(name, "mentee", phone="8-900", email=f"{ord(at)}@school.ru" if at != "г" else "")
    return world


def with_mail(settings: Settings, postbox: Postbox) -> Settings:
    url = f"smtp://127.0.0.1:{postbox.port}"
    return replace(settings, mail_url=url, mail_from="Наставник <post@nastavnik.ru>")


def to(at: str) -> str:
    return f"{ord(at)}@school.ru"


def press(world: World, wave: int, **changes: str) -> str:
    """The curator sends what the page offers; returns the job's id."""
    curator, path = world.signed_in(world.curator), f"/waves/{wave}/letters"
    fields = form_of(curator.get(path).text)
    answer = curator.post(path, {**fields, **changes})
    assert answer.status_code == 303, answer.text
    with world.database.reading(world.organisation_id) as session:
        return session.exec(select(Mailing).where(Mailing.wave_id == wave)).one().job_id


def do(world: World, job_id: str) -> None:
    """What the worker does with the job, in this thread."""
    with world.database.reading(world.organisation_id) as session:
        job = session.get_one(Job, job_id)
    HANDLERS[job.kind](Work(world.worker, world.settings, world.organisation_id, job_id), **job.payload)
    with world.database.writing(world.organisation_id) as session:
        session.get_one(Job, job_id).finished_at = now()


def sent(world: World, wave: int, **changes: str) -> None:
    do(world, press(world, wave, **changes))


def again(world: World, wave: int) -> None:
    with world.database.reading(world.organisation_id) as session:
        before = session.exec(select(Mailing).where(Mailing.wave_id == wave)).one().job_id
    assert world.signed_in(world.curator).post(f"/waves/{wave}/letters", {"again": "1"}).status_code == 303
    with world.database.reading(world.organisation_id) as session:
        after = session.exec(select(Mailing).where(Mailing.wave_id == wave)).one().job_id
    if after != before:
        do(world, after)


def states(world: World) -> dict[str, str]:
    """{the letter after «Петрова»: how their letter stands}"""
    with world.database.reading(world.organisation_id) as session:
        rows = session.exec(
            select(Person, Letter).join(Letter, col(Letter.person_id) == col(Person.id))
        ).all()
    return {
        person.last_name.removeprefix("Петрова"): f"{letter.state} {letter.reason or ''}".strip()
        for person, letter in rows
    }


def page(world: World, wave: int) -> str:
    return str(world.signed_in(world.curator).get(f"/waves/{wave}/letters").text)


def test_without_a_mail_server_nothing_of_mail_is_shown(world: World) -> None:
    wave, curator = world.wave("mentee"), world.signed_in(world.curator)
    assert "/letters" not in curator.get(f"/waves/{wave}").text
    assert curator.post(f"/waves/{wave}/letters", {"subject": "А", "text": "{ссылка}"}).status_code == 409


def test_whoever_has_not_answered_gets_their_own_link(posted: World, postbox: Postbox) -> None:
    wave = posted.wave("mentee")
    with posted.database.reading(posted.organisation_id) as session:
        people = {p.last_name[-1]: p.id for p in session.exec(select(Person)).all()}
    posted.says(people["а"])
    posted.answers(people["а"], "mentee")
    posted.says(people["б"], "refused")
    assert f"/waves/{wave}/letters" in posted.signed_in(posted.curator).get(f"/waves/{wave}").text
    assert "Нет электронной почты: 1" in page(posted, wave)

    sent(posted, wave, subject="Анкета")

    assert postbox.to == [to("в")]
    text = postbox.text_to(to("в"))
    assert text.startswith("Здравствуйте, Анна Ильинична!")
    assert "http://testserver" + posted.link(wave, people["в"]) in text
    assert re.search(r"до \d\d\.\d\d\.\d{4} \d\d:\d\d", text)
    assert "отправлено" in page(posted, wave)


def test_an_anonymous_waves_letters_go_to_everybody_whoever_has_answered(
    posted: World, postbox: Postbox
) -> None:
    wave = open_anonymous(posted, people=0)
    with posted.database.reading(posted.organisation_id) as session:
        person = session.exec(select(Person.id).order_by(col(Person.id))).first()
    link = posted.link(wave, person)
    exchanged(posted, link)
    sent(posted, wave)
    assert sorted(postbox.to) == sorted(to(at) for at in "абв")
    assert "это письмо получают все" in postbox.text_to(to("а"))
    assert link in postbox.text_to(to("а"))


def test_pressing_twice_or_doing_the_job_twice_sends_one_letter_a_day(
    posted: World, postbox: Postbox
) -> None:
    wave = posted.wave("mentee")
    job = press(posted, wave)
    assert (
        posted.signed_in(posted.curator)
        .post(f"/waves/{wave}/letters", {"subject": "Ещё", "text": "{ссылка}"})
        .status_code
        == 303
    )
    do(posted, job)
    do(posted, job)
    again(posted, wave)
    assert sorted(postbox.to) == sorted(to(at) for at in "абв")


def test_one_refused_address_is_told_and_keeps_no_other_from_its_letter(
    posted: World, postbox: Postbox
) -> None:
    wave = posted.wave("mentee")
    postbox.answers = {
        f"RCPT TO:<{to('б').upper()}": "550 no such user",
        f"RCPT TO:<{to('в').upper()}": "451 grey",
    }
    sent(posted, wave)
    assert states(posted) == {"а": "sent", "б": "failed recipient", "в": "failed later"}
    assert "почтовый сервер не знает такого адреса" in page(posted, wave)

    postbox.answers = {}
    again(posted, wave)
    assert postbox.to == [to("а"), to("б"), to("в")]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"EHLO": "bye", "HELO": "bye"}, "не отвечает"),
        ({"EHLO": ""}, "не отвечает"),
        ({"MAIL": "550 not you"}, "не разрешает писать с нашего адреса"),
        ({"MAIL": "421 shutting down"}, "оборвал связь"),
        ({"RCPT": ""}, "оборвал связь"),
    ],
)
def test_a_server_that_takes_nothing_is_told_of_and_nothing_is_lost(
    posted: World,
    postbox: Postbox,
    monkeypatch: pytest.MonkeyPatch,
    answers: dict[str, str],
    said: str,
) -> None:
    monkeypatch.setattr(mail, "WAIT_SECONDS", 0.3)
    wave = posted.wave("mentee")
    postbox.answers = answers
    sent(posted, wave)
    assert said in page(posted, wave)
    assert set(states(posted).values()) == {"waiting"}
    postbox.answers = {}
    again(posted, wave)
    assert postbox.to == [to(at) for at in "абв"]


def test_a_server_that_dies_with_a_letter_in_its_hands_gets_it_no_second_time(
    posted: World, postbox: Postbox
) -> None:
    """Whether it arrived nobody knows: who presses is told, and nobody has two."""
    wave = posted.wave("mentee")
    postbox.letters = 1
    sent(posted, wave)
    assert states(posted) == {"а": "sent", "б": "unknown unknown", "в": "waiting"}
    assert "письмо могло дойти" in page(posted, wave)
    postbox.letters = 9
    again(posted, wave)
    assert postbox.to == [to("а"), to("в")]


def test_a_server_that_ends_the_connection_after_some_letters_is_called_again(
    posted: World, postbox: Postbox
) -> None:
    wave = posted.wave("mentee")
    hung_up = iter(["250 fine", "421 enough for now"])

    class Enough(dict[str, str]):
        def items(self) -> object:  # type: ignore[override]
            return [("MAIL", next(hung_up, "250 fine"))] if postbox.heard[-1].startswith("mail") else []

    postbox.answers = Enough()
    sent(posted, wave)
    assert postbox.to == [to(at) for at in "абв"]


def test_a_job_that_was_killed_goes_on_with_those_who_had_no_letter(posted: World, postbox: Postbox) -> None:
    wave = posted.wave("mentee")
    job = press(posted, wave)
    with posted.database.writing(posted.organisation_id) as session:
        first, second, _ = session.exec(select(Letter).order_by(col(Letter.id))).all()
        first.state, second.state = "sent", "sending"
    do(posted, job)
    assert postbox.to == [to("в")]
    assert states(posted) == {"а": "sent", "б": "unknown unknown", "в": "sent"}


def test_who_answers_while_letters_go_out_gets_none_and_nobody_after_the_end(
    posted: World, postbox: Postbox
) -> None:
    wave = posted.wave("mentee")
    job = press(posted, wave)
    with posted.database.writing(posted.organisation_id) as session:
        session.get_one(Wave, wave).closes_at = now() - timedelta(minutes=1)
    do(posted, job)
    assert postbox.taken == []
    assert set(states(posted).values()) == {"needless"}


def test_who_takes_their_consent_back_while_letters_wait_gets_none(posted: World, postbox: Postbox) -> None:
    wave = posted.wave("mentee")
    job = press(posted, wave)
    with posted.database.reading(posted.organisation_id) as session:
        silent, gone, *_ = session.exec(select(Letter.person_id).order_by(col(Letter.id))).all()
    posted.says(silent)
    posted.says(silent, "withdrawn")
    with posted.database.writing(posted.organisation_id) as session:
        session.exec(delete(Letter).where(col(Letter.person_id) == gone))  # as when their data are destroyed

    do(posted, job)

    assert postbox.to == [to("в")]
    assert states(posted) == {"а": "needless", "в": "sent"}


def test_no_text_becomes_a_header_and_no_name_a_place(posted: World, postbox: Postbox) -> None:
    posted.person("Хитрая {ссылка} {срок}", "mentee", email=f"x@school.ru\r\nBcc: {to('я')}")
    wave = posted.wave("mentee")
    sent(posted, wave, subject="Анкета\r\nBcc: spy@evil.ru", text="{имя}|{ссылка}|{иное}\r\n.\r\nконец")
    letter = next(letter for letter in postbox.taken if letter["To"] == "x@school.ru")
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Анкета Bcc: spy@evil.ru"
    name, link, rest = letter.get_content().split("|")
    assert name == "{ссылка} {срок}"
    assert link.startswith("http://testserver/q/")
    assert rest.split() == ["{иное}", ".", "конец"]


def test_a_text_without_the_link_comes_back_with_what_was_typed(posted: World, postbox: Postbox) -> None:
    wave, curator = posted.wave("mentee"), posted.signed_in(posted.curator)
    answer = curator.post(f"/waves/{wave}/letters", {"subject": "", "text": "Мой текст"})
    assert answer.status_code == 422
    assert "Мой текст" in answer.text
    assert "Оставьте в тексте {ссылка}" in answer.text
    assert postbox.heard == []


def test_the_worker_sends_them_and_no_link_is_in_the_log(
    posted: World, postbox: Postbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    wave = posted.wave("mentee")
    postbox.answers = {f"RCPT TO:<{to('б').upper()}": "550 no"}
    press(posted, wave)
    engine = Engine(posted.database, posted.settings, HANDLERS)
    engine.start()
    try:
        engine.wait_until_idle()
    finally:
        engine.stop()
    assert postbox.to == [to("а"), to("в")]
    tokens = re.findall(r"/q/(\S+)", "".join(str(letter.get_content()) for letter in postbox.taken))
    assert len(tokens) == 2
    assert not any(token in caplog.text for token in tokens)


def certificate(folder: Path) -> Path:
    """Of 127.0.0.1, with its key, signed by itself."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "postbox")]),
    )
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now() - timedelta(days=1))
        .not_valid_after(now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "postbox.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(secret + signed.public_bytes(Encoding.PEM))
    return file


def test_a_password_travels_only_to_a_server_that_can_be_trusted(
    posted: World, postbox: Postbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"starttls://post:se%40cret@127.0.0.1:{postbox.port}"
    posted.settings = replace(posted.settings, mail_url=url)
    wave = posted.wave("mentee")
    sent(posted, wave)
    assert "не предлагает шифрования" in page(posted, wave)
    postbox.certificate = certificate(tmp_path)
    again(posted, wave)
    assert "не предлагает шифрования" in page(posted, wave)
    assert not any(said.startswith("AUTH") for said in postbox.heard)

    monkeypatch.setenv("SSL_CERT_FILE", str(postbox.certificate))
    postbox.answers = {"AUTH": "535 no"}
    again(posted, wave)
    assert "не принимает имя и пароль" in page(posted, wave)
    postbox.answers = {}
    again(posted, wave)
    assert len(postbox.taken) == 3
    assert "AUTH PLAIN " + b64encode(b"\0post\0se@cret").decode() in postbox.heard
