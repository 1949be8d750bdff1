"""Those who are without a pair, for those who support them."""

from __future__ import annotations

from tests.factories import World
from tests.service.furnished import furnish


def test_the_psychologist_sees_the_unpaired_and_nobody_else(world: World) -> None:
    furnish(world)
    waiting = world.ready("Тихая Нина Павловна", "mentee", request="Помогите с родителями")
    silent = world.person("Новая Ольга Петровна", "mentee")
    refused = world.ready("Строгая Вера Ивановна", "mentee", request="Никому не показывать")
    world.says(refused, "withdrawn")
    psychologist = world.signed_in(world.of_role("psychologist"))

    page = psychologist.get("/unpaired").text

    assert "Тихая Нина Павловна" in page
    assert "Помогите с родителями" in page
    assert "Новая Ольга Петровна" in page
    assert "Никому не показывать" not in page
    assert "Петроваа" not in page  # has a mentor
    for person in (waiting, silent):
        assert psychologist.get(f"/people/{person}").status_code == 403
