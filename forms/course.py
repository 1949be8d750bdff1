"""The order in which the logic of a questionnaire is worked out, and what has none."""

from __future__ import annotations

from collections.abc import Collection, Mapping


def ordered(needs: Mapping[str, Collection[str]]) -> tuple[list[str], list[list[str]]]:
    """What is needed before what needs it, otherwise as it stands; and the circles that forbid that."""
    order: dict[str, None] = {}
    circles: list[list[str]] = []

    def visit(key: str, path: list[str]) -> None:
        if key in order or key not in needs:
            return
        if key in path:
            circles.append(path[path.index(key) :])
            return
        for needed in sorted(needs[key]):
            visit(needed, [*path, key])
        order[key] = None

    for key in needs:
        visit(key, [])
    return list(order), circles
