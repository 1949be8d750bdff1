"""The proof that a person was shown exactly this text and said this to it: the same bytes for ever, as nothing goes
into it but what was stored with their word. Plain text in UTF-8: no program's version can change it."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

from service.tables import Consent, ConsentText

SAID = {"given": "согласие дано", "refused": "в согласии отказано", "withdrawn": "согласие отозвано"}
CHANNELS = {"link": "по личной ссылке, нажатием кнопки под текстом", "paper": "на бумаге"}
RULE = "-" * 72


def proof_of(consent: Consent, text: ConsentText) -> bytes:
    lines = ["СВЕДЕНИЯ О СОГЛАСИИ", "", *_said(consent), "", RULE, text.title, "", text.body, RULE, ""]
    lines.append(f"SHA-256 названия и текста: {text.hash}")
    return "\n".join(lines).encode() + b"\n"


def _said(consent: Consent) -> list[str]:
    seen, moment = consent.seen, consent.said_at.astimezone(UTC)
    local = moment.astimezone(ZoneInfo(seen["zone"]))
    listed = {
        "Кто": seen["name"],
        "Что": SAID[consent.state],
        "Когда (UTC)": f"{moment:%d.%m.%Y %H:%M:%S}",
        "Когда (местное время)": f"{local:%d.%m.%Y %H:%M:%S} ({seen['zone']})",
        "Как": CHANNELS[consent.channel],
        "Кто зарегистрировал": seen["registrar"],
        "Дата на бумаге": f"{consent.signed_on:%d.%m.%Y}" if consent.signed_on else "",
        "Действует до (UTC)": f"{consent.expires_at:%d.%m.%Y %H:%M:%S}" if consent.expires_at else "",
        **_choices(consent),
    }
    return [f"{name}: {value}" for name, value in listed.items() if value]


def _choices(consent: Consent) -> dict[str, str]:
    choices = consent.choices
    guardian = [choices.get(key, "") for key in ("name", "relation")]
    return {
        "Законный представитель": ", ".join(filter(None, guardian)),
        "Разрешено распространять": "; ".join(choices.get("categories", [])),
        "Условия и запреты": " ".join(choices.get("prohibitions", "").split()),
    }
