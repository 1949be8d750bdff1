"""The service's side of making documents: hands drafts and templates to the limited child process, few at once."""

from __future__ import annotations

import json
import logging
from base64 import b64encode
from dataclasses import asdict
from pathlib import Path
from threading import BoundedSemaphore

from service import child
from service.child import ChildFailed, Limits
from service.documents.order import OrderDraft
from service.errors import Busy, Invalid
from service.i18n import N_, Message

TEMPLATE = (Path(__file__).parent.parent.parent / "templates" / "documents" / "order.docx").read_bytes()
_log = logging.getLogger("nastavnik.documents")
LIMITS = Limits(seconds=20, megabytes=500)
AT_ONCE, WAIT_SECONDS = 2, 5
_room = BoundedSemaphore(AT_ONCE)


def render_order(draft: OrderDraft, template: bytes | None = None, limits: Limits = LIMITS) -> bytes:
    """The order as .docx, by ``template`` or by ours. Invalid when their template cannot be filled in,
    Busy when there is no time or memory for ours."""
    given = {"template": b64encode(template or TEMPLATE).decode(), "draft": asdict(draft)}
    try:
        return _in_child("service.documents.render", json.dumps(given).encode(), limits)
    except ChildFailed as failure:
        _log.warning("an order could not be made: %s", failure)
        if template is None and failure.reason in ("time", "memory"):
            raise _busy() from failure
        if template is None:
            raise
        raise Invalid(
            N_("Your template could not be filled in."),
            N_("Withdraw it on the page of templates: orders are then made by the standard one."),
        ) from failure


def findings(template: bytes, limits: Limits = LIMITS) -> list[Message]:
    """What is wrong with an uploaded template, empty when it may be used."""
    try:
        found = json.loads(_in_child("service.documents.lint", template, limits))
    except ChildFailed as failure:
        _log.warning("a template could not be looked through: %s", failure)
        return [N_("The file could not be looked through: it is damaged or far too heavy.")]
    return [Message(**message) for message in found]


def _in_child(module: str, given: bytes, limits: Limits) -> bytes:
    if not _room.acquire(timeout=WAIT_SECONDS):
        raise _busy()
    try:
        return child.run(
            module, given=given, limits=limits, on_line=lambda line: _log.info("%s: %s", module, line)
        )
    finally:
        _room.release()


def _busy() -> Busy:
    return Busy(
        N_("Too many documents are being made at the moment."), N_("Wait half a minute and try again.")
    )
