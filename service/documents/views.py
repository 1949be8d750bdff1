"""Orders: the list, the draft with its obstacles, the texts, the files, the approval; templates."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict

from sqlalchemy.orm import defer
from sqlmodel import Session, col, select
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from forms.text import line
from service.database import Database
from service.documents import actions, produce, reading
from service.documents.form import OrderTextsForm
from service.documents.order import SAMPLE, Pair
from service.documents.sheet import sheet_of
from service.documents.texts import LEGAL_BASES, PLACEHOLDERS, STATUSES, OrderTexts
from service.errors import Conflict, Invalid
from service.i18n import N_, Message
from service.tables import Account, Assignment, AssignmentOrder, DocumentTemplate
from service.web import download, found, mistakes, redirect, render

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MISSING = {
    "mentor": N_("the mentor has not accepted yet"),
    "mentee": N_("the mentee has not accepted yet"),
    "mentor_consent": N_("the mentor's consent to the processing of personal data is refused or withdrawn"),
    "mentee_consent": N_("the mentee's consent to the processing of personal data is refused or withdrawn"),
}


def index(request: Request, session: Session) -> Response:
    orders = session.exec(
        select(AssignmentOrder)
        .order_by(col(AssignmentOrder.id).desc())
        .options(defer(AssignmentOrder.content), defer(AssignmentOrder.file))  # type: ignore[arg-type]
    ).all()
    return render(
        request,
        "documents/index.html",
        orders=orders,
        pairs=Counter(session.exec(select(Assignment.order_id)).all()),
        waiting=len(reading.pairings(session)),
        has_draft=any(order.approved_at is None for order in orders),
    )


def create(request: Request, session: Session) -> Response:
    return redirect(request, "documents.show", id=actions.create(session, request.state.account).id)


def show(request: Request, session: Session) -> Response:
    order = _order(request, session)
    if order.content:
        approver = session.get(Account, order.approved_by)
        return render(
            request, "documents/final.html", order=order, draft=order.content["draft"], approver=approver
        )
    drafting = reading.drafting_of(session, order)
    template = reading.template_in_use(session)
    return render(
        request,
        "documents/show.html",
        order=order,
        draft=asdict(drafting.draft),
        drafting=drafting,
        missing=MISSING,
        own_template=template,
        seen=reading.fingerprint(drafting, template),
    )


def edit(request: Request, session: Session) -> Response:
    order = _order(request, session)
    return _edit_page(request, order, OrderTextsForm.of(OrderTexts.from_json(order.texts)), order.version)


def change(request: Request, session: Session) -> Response:
    order, posted = _order(request, session), request.state.form
    form = OrderTextsForm(posted)
    if not form.validate():
        return _edit_page(request, order, form, posted.get("version"), 422)
    texts = form.texts(before=OrderTexts.from_json(order.texts))
    actions.change(session, _id(request), str(posted.get("version")), texts, remember="remember" in posted)
    return redirect(request, "documents.show", id=order.id)


def _edit_page(
    request: Request, order: AssignmentOrder, form: OrderTextsForm, version: object, status: int = 200
) -> Response:
    return render(
        request,
        "documents/edit.html",
        status,
        order=order,
        form=form,
        errors=mistakes(form),
        version=version,
        legal_bases=LEGAL_BASES,
        statuses=STATUSES,
        placeholders=PLACEHOLDERS,
    )


def correct(request: Request, session: Session) -> Response:
    posted = request.state.form
    written = {str(key): str(posted.get(f"dative-{key}", "")) for key in posted.getlist("whose")}
    actions.correct(session, _id(request), str(posted.get("version")), written)
    return redirect(request, "documents.show", id=_id(request))


def approve(request: Request, database: Database) -> Response:
    """The file is made between two transactions; the second one checks that nothing has changed meanwhile."""
    posted, account = request.state.form, request.state.account
    with database.reading(account.organisation_id) as session:
        order = _order(request, session)
        if order.approved_at:
            raise Conflict(N_("This order is approved and is not changed any more."))
        final = reading.drafting_of(session, order, final=True)
        template = _own_file(session)
    actions.ready(final)
    file = produce.render_order(final.draft, template)
    with database.writing(account.organisation_id) as session:
        seen = str(posted.get("seen"))
        actions.approve(session, _id(request), str(posted.get("version")), seen, final, file, account)
    return redirect(request, "documents.show", id=_id(request))


def docx(request: Request, session: Session) -> Response:
    order = _order(request, session)
    if order.file:
        return download(order.file, DOCX, f"Приказ {order.id} о закреплении.docx")
    draft, template = reading.drafting_of(session, order).draft, _own_file(session)
    session.close()  # the database is not kept waiting for the child
    file = produce.render_order(draft, template)
    return download(file, DOCX, f"Приказ {order.id} о закреплении (проект).docx")


def xlsx(request: Request, session: Session) -> Response:
    order = _order(request, session)
    if order.content:
        pairs = [Pair(**pair) for pair in order.content["draft"]["pairs"]]
    else:
        pairs = list(reading.drafting_of(session, order).draft.pairs)
    return download(sheet_of(pairs), XLSX, f"Пары и группы к приказу {order.id}.xlsx")


# --- templates


def templates(request: Request, session: Session) -> Response:
    return _templates_page(request, session)


def upload(request: Request, database: Database) -> Response:
    account = request.state.account
    file = request.state.form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise Invalid(N_("Choose a file."))
    with file.file:
        content = file.file.read()
    if findings := produce.findings(content):
        with database.reading(account.organisation_id) as session:
            return _templates_page(request, session, findings)
    with database.writing(account.organisation_id) as session:
        actions.keep_template(session, line(file.filename), content, account)
    return redirect(request, "documents.templates")


def withdraw(request: Request, session: Session) -> Response:
    actions.withdraw_template(session, _id(request))
    return redirect(request, "documents.templates")


def standard(request: Request, session: Session) -> Response:
    return download(produce.TEMPLATE, DOCX, "Шаблон приказа.docx")


def _templates_page(request: Request, session: Session, findings: list[Message] | None = None) -> Response:
    rows = session.exec(
        select(DocumentTemplate)
        .order_by(col(DocumentTemplate.id).desc())
        .options(defer(DocumentTemplate.file))  # type: ignore[arg-type]
    ).all()
    return render(
        request,
        "documents/templates.html",
        422 if findings else 200,
        templates=rows,
        in_use=reading.template_in_use(session),
        errors=[("file", str(message)) for message in findings or []],
        fields=asdict(SAMPLE),
    )


def _own_file(session: Session) -> bytes | None:
    template = reading.template_in_use(session)
    return template.file if template else None


def _id(request: Request) -> int:
    identity: int = request.path_params["id"]
    return identity


def _order(request: Request, session: Session) -> AssignmentOrder:
    return found(session.get(AssignmentOrder, _id(request)))
