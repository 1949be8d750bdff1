"""Forms and kinds of mentoring by code; a name is translated when it is shown."""

from __future__ import annotations

from forms import enumerations
from service.i18n import Message

FORMS = {code: Message(name) for code, name in enumerations.FORMS}
KINDS = {code: Message(name) for code, name in enumerations.KINDS}
