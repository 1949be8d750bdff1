"""The service's side of making documents: hands drafts and templates to the limited child process."""

from __future__ import annotations

import json
import logging
from base64 import b64encode
from dataclasses import asdict
from pathlib import Path

from service import child
from service.child import ChildFailed, Limits
from service.documents.order import OrderDraft
from service.errors import Invalid
from service.i18n import N_, Message

TEMPLATE = (Path(__file__).parent.parent.parent / "templates" / "documents" / "order.docx").read_bytes()
_log = logging.getLogger("nastavnik.documents")
LIMITS = Limits(seconds=20, megabytes=500)


def render_order(draft: OrderDraft, template: bytes | None = None, limits: Limits = LIMITS) -> bytes:
    """The order as .docx, by ``template`` or by ours. Invalid when their template cannot be filled in."""
    given = {"template": b64encode(template or TEMPLATE).decode(), "draft": asdict(draft)}
    try:
        return child.run("service.documents.render", given=json.dumps(given).encode(), limits=limits)
    except ChildFailed as failure:
        if template is None:
            raise
        raise Invalid(
            N_(
                "Your template could not be filled in (%(reason)s).",
                reason=failure.detail[-200:] or failure.reason,
            ),
            N_("Withdraw it on the page of templates: orders are then made by the standard one."),
        ) from failure


def findings(template: bytes, limits: Limits = LIMITS) -> list[Message]:
    """What is wrong with an uploaded template, empty when it may be used."""
    try:
        found = json.loads(child.run("service.documents.lint", given=template, limits=limits))
    except ChildFailed as failure:
        _log.warning("a template could not be looked through: %s", failure)
        return [N_("The file could not be looked through: it is damaged or far too heavy.")]
    return [Message(**message) for message in found]
