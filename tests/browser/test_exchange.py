"""A questionnaire from a file, by hand, on a phone and without a script: upload, correct, look, save, print."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Server, Visitor
from tests.browser.test_story import sign_in
from tests.service.test_exchange import SURVEY, workbook

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SHOTS = os.environ.get("SHOTS")  # a folder for pictures of the pages, to be looked at


def shot(visitor: Visitor, name: str) -> None:
    if SHOTS:
        for width in (390, 1280):
            visitor.page.set_viewport_size({"width": width, "height": 844})
            visitor.page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)
        visitor.page.set_viewport_size({"width": 390, "height": 844})


def upload(curator: Visitor, rows: list[list[str]]) -> None:
    curator.page.get_by_label("Таблица").set_input_files(
        {"name": "Опрос.xlsx", "mimeType": "application/octet-stream", "buffer": workbook(rows)}
    )
    curator.press("Проверить файл")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_questionnaire_from_a_file_is_corrected_looked_at_and_saved(
    server: Server, chromium: Browser, javascript: bool
) -> None:
    curator = Visitor(chromium, server.address, javascript)
    sign_in(curator, "curator")
    curator.open("/questionnaires")
    curator.press("Из файла (Excel)")
    shot(curator, "import")

    upload(
        curator, [*SURVEY, ["geopoint", "place", "Где?"], ["begin repeat", "r", "Ещё"], ["start", "s", ""]]
    )
    expect(curator.page.get_by_role("alert")).to_contain_text("взять нельзя")
    shot(curator, "import-refused")
    upload(curator, [*SURVEY, ["note", "thanks", f"Спасибо! {javascript}"]])
    expect(curator.page.get_by_role("group", name="Как на телефоне")).to_contain_text("Сколько часов?")
    shot(curator, "import-ready")
    curator.press("Сохранить", exact=False)

    expect(curator.page.get_by_role("heading", level=1)).to_contain_text("Опрос недели")
    shot(curator, "versions")
    curator.press("на телефоне", exact=False)
    curator.press("На бумаге")
    shot(curator, "paper")


def test_what_we_ship_is_shown_on_a_phone_and_on_paper(server: Server, chromium: Browser) -> None:
    curator = Visitor(chromium, server.address)
    sign_in(curator, "curator")
    curator.open("/questionnaires")
    links = curator.page.locator("main li a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    for link in [link for link in links if link.rpartition("/")[2].isdigit()]:
        for page in ("preview", "paper"):
            curator.open(f"{link}/{page}")
            shot(curator, f"{page}-{link.rpartition('/')[2]}")
