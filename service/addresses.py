"""Every address of the service, who may use it, and what answers there."""

from __future__ import annotations

from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.routing import BaseRoute, Route

from service.access import (
    anyone,
    curator,
    director,
    link_holder,
    named_link_holder,
    staff,
    ticket_holder,
)
from service.accounts import views as accounts
from service.assignments import views as assignments
from service.consents import views as consents
from service.documents import views as documents
from service.home import views as home
from service.people import team_views as teams
from service.people import views as people
from service.questionnaires import exchange_views as exchange
from service.questionnaires import series_views as series
from service.questionnaires import version_views as versions
from service.questionnaires import views as questionnaires
from service.questionnaires.editor import part_views as parts
from service.questionnaires.editor import views as editor
from service.questionnaires.results import views as results
from service.runs import views as runs
from service.submissions import ballot_views as ballots
from service.submissions import newcomer_views as newcomers
from service.submissions import paper_views as paper
from service.submissions import views as submissions
from service.web import ID_DIGITS, action, page, slow, stream

POST = ["POST"]


class _Id(IntegerConvertor):
    regex = f"[1-9][0-9]{{0,{ID_DIGITS - 1}}}"


register_url_convertor("id", _Id())

PUBLIC: list[BaseRoute] = [
    Route("/q/{token}", page(submissions.start, link_holder), name="submissions.start"),
    Route(
        "/q/{token}/introduction",
        page(newcomers.introduction, named_link_holder),
        name="submissions.introduction",
    ),
    Route("/q/{token}/introduction", action(newcomers.introduce, named_link_holder), methods=POST),
    Route("/q/{token}/consent", page(consents.show, named_link_holder), name="consents.show"),
    Route("/q/{token}/consent", action(consents.decide, named_link_holder), methods=POST),
    Route("/q/{token}/refused", page(consents.refused, named_link_holder), name="consents.refused"),
    Route("/q/{token}/answers", page(submissions.form, named_link_holder), name="submissions.form"),
    Route("/q/{token}/answers", slow(submissions.submit, named_link_holder), methods=POST),
    Route("/q/{token}/receipt", page(submissions.receipt, named_link_holder), name="submissions.receipt"),
    # an anonymous wave
    Route("/q/{token}/ballot", slow(ballots.exchange, link_holder), methods=POST, name="ballots.exchange"),
    Route("/a/{ticket}", page(ballots.form, ticket_holder), name="ballots.form"),
    Route("/a/{ticket}", slow(ballots.submit, ticket_holder), methods=POST, name="ballots.submit"),
]

STAFF: list[BaseRoute] = [
    Route("/", page(home.show, staff), name="home.show"),
    Route("/language", action(home.language, anyone), methods=POST, name="home.language"),
    # accounts
    Route("/sign-in", page(accounts.sign_in, anyone), name="accounts.sign_in"),
    Route("/sign-in", slow(accounts.enter, anyone), methods=POST),
    Route("/sign-out", action(accounts.sign_out, staff), methods=POST, name="accounts.sign_out"),
    Route("/password", page(accounts.password, staff), name="accounts.password"),
    Route("/password", slow(accounts.change_password, staff), methods=POST),
    Route("/organisation", page(accounts.organisation, staff), name="accounts.organisation"),
    Route("/organisation", action(accounts.save_organisation, curator), methods=POST),
    # questionnaires
    Route("/questionnaires", page(questionnaires.index, staff), name="questionnaires.index"),
    Route("/questionnaires/import", page(exchange.importing, curator), name="questionnaires.importing"),
    Route("/questionnaires/import", slow(exchange.look, curator), methods=POST),
    Route("/questionnaires/keep", action(exchange.keep, curator), methods=POST, name="questionnaires.keep"),
    Route("/questionnaires/schema.json", page(exchange.schema, staff), name="questionnaires.schema"),
    Route("/questionnaires/{id:id}", page(questionnaires.show, staff), name="questionnaires.show"),
    Route("/questionnaires/{id:id}/form.xlsx", page(exchange.xlsx, staff), name="questionnaires.xlsx"),
    Route("/questionnaires/{id:id}/form.json", page(exchange.as_json, staff), name="questionnaires.as_json"),
    Route(
        "/questionnaires/{id:id}/versions",
        page(versions.versions, staff),
        name="questionnaires.versions",
    ),
    Route("/questionnaires/{id:id}/preview", page(versions.preview, staff), name="questionnaires.preview"),
    Route("/questionnaires/{id:id}/paper", page(versions.paper, staff), name="questionnaires.paper"),
    # questionnaires that are being written
    Route("/drafts", page(editor.index, curator), name="questionnaires.editor_index"),
    Route("/drafts", action(editor.begin, curator), methods=POST),
    Route("/drafts/{id:id}", page(editor.outline, curator), name="questionnaires.editor"),
    Route("/drafts/{id:id}", action(editor.change, curator), methods=POST),
    Route("/drafts/{id:id}/head", page(parts.head, curator), name="questionnaires.editor_head"),
    Route("/drafts/{id:id}/head", action(parts.save_head, curator), methods=POST),
    Route("/drafts/{id:id}/pages/{number:id}", page(parts.page, curator), name="questionnaires.editor_page"),
    Route("/drafts/{id:id}/pages/{number:id}", action(parts.save_page, curator), methods=POST),
    Route(
        "/drafts/{id:id}/new-question",
        page(parts.new_question, curator),
        name="questionnaires.editor_new_question",
    ),
    Route("/drafts/{id:id}/new-question", action(parts.add_question, curator), methods=POST),
    Route(
        "/drafts/{id:id}/questions/{question}",
        page(parts.question, curator),
        name="questionnaires.editor_question",
    ),
    Route("/drafts/{id:id}/questions/{question}", action(parts.save_question, curator), methods=POST),
    Route("/drafts/{id:id}/preview", page(editor.preview, curator), name="questionnaires.editor_preview"),
    Route("/drafts/{id:id}/paper", page(editor.paper, curator), name="questionnaires.editor_paper"),
    Route("/drafts/{id:id}/version", page(editor.version, curator), name="questionnaires.editor_version"),
    Route("/drafts/{id:id}/version", action(editor.publish, curator), methods=POST),
    Route("/waves/new", page(questionnaires.new_wave, curator), name="questionnaires.new_wave"),
    Route("/waves/new", action(questionnaires.open_wave, curator), methods=POST),
    Route("/waves/{id:id}", page(questionnaires.wave, staff), name="questionnaires.wave"),
    Route(
        "/waves/{id:id}/links",
        action(questionnaires.add_links, curator),
        methods=POST,
        name="questionnaires.add_links",
    ),
    Route(
        "/waves/{id:id}/end",
        action(questionnaires.set_end, curator),
        methods=POST,
        name="questionnaires.set_end",
    ),
    Route("/waves/{id:id}/sheet", page(questionnaires.sheet, curator), name="questionnaires.sheet"),
    Route(
        "/waves/{id:id}/links.csv",
        page(questionnaires.mailing, curator),
        name="questionnaires.mailing",
    ),
    Route(
        "/links/{id:id}/reissue",
        action(questionnaires.reissue, curator),
        methods=POST,
        name="questionnaires.reissue",
    ),
    Route("/waves/{id:id}/results", page(results.show, staff), name="questionnaires.results"),
    Route("/waves/{id:id}/answers.{format}", page(results.export, staff), name="questionnaires.export"),
    Route(
        "/questionnaires/{id:id}/answers.{format}",
        page(results.export_all, staff),
        name="questionnaires.export_all",
    ),
    Route(
        "/waves/{id:id}/cards",
        action(questionnaires.cards, curator),
        methods=POST,
        name="questionnaires.cards",
    ),
    Route("/series", page(series.index, staff), name="questionnaires.series_index"),
    Route("/series/new", page(series.new, curator), name="questionnaires.new_series"),
    Route("/series/new", action(series.start, curator), methods=POST),
    Route("/series/{id:id}", page(series.show, staff), name="questionnaires.series"),
    Route("/series/{id:id}/pause", action(series.pause, curator), methods=POST, name="questionnaires.pause"),
    # people
    Route("/bank/{role}", page(people.bank, staff), name="people.bank"),
    Route("/people/new", page(people.new, curator), name="people.new"),
    Route("/people/new", action(people.add, curator), methods=POST),
    Route("/people/newcomers", page(people.newcomers, curator), name="people.newcomers"),
    Route("/people/{id:id}", page(people.show, staff), name="people.show"),
    Route("/people/{id:id}/edit", page(people.edit, curator), name="people.edit"),
    Route("/people/{id:id}/edit", action(people.change, curator), methods=POST),
    Route("/people/{id:id}/confirm", action(people.confirm, curator), methods=POST, name="people.confirm"),
    Route(
        "/people/{id:id}/consent",
        action(consents.on_paper, curator),
        methods=POST,
        name="consents.on_paper",
    ),
    Route(
        "/people/{id:id}/answers/{wave_id:id}",
        page(paper.show, curator),
        name="submissions.paper",
    ),
    Route("/people/{id:id}/answers/{wave_id:id}", action(paper.enter, curator), methods=POST),
    Route("/attachments/{key}", page(paper.attachment, curator), name="submissions.attachment"),
    Route("/memberships/{id:id}", action(people.set_terms, curator), methods=POST, name="people.set_terms"),
    Route(
        "/memberships/{id:id}/withdraw",
        action(people.withdraw, curator),
        methods=POST,
        name="people.withdraw",
    ),
    Route(
        "/memberships/{id:id}/restore",
        action(people.restore, curator),
        methods=POST,
        name="people.restore",
    ),
    Route("/teams", page(teams.index, staff), name="people.teams"),
    Route("/teams", action(teams.add, curator), methods=POST),
    Route("/teams/{id:id}/dissolve", action(teams.dissolve, curator), methods=POST, name="people.dissolve"),
    # runs
    Route("/runs", page(runs.index, staff), name="runs.index"),
    Route("/runs", action(runs.start, curator), methods=POST, name="runs.start"),
    Route("/runs/compare", page(runs.compare, staff), name="runs.compare"),
    Route("/runs/{id:id}", page(runs.show, staff), name="runs.show"),
    Route("/runs/{id:id}/events", stream(runs.events, staff), name="runs.events"),
    Route("/runs/{id:id}/cancel", action(runs.cancel, curator), methods=POST, name="runs.cancel"),
    Route("/runs/{id:id}/again", action(runs.again, curator), methods=POST, name="runs.again"),
    Route("/runs/{id:id}/mentees/{mentee_id:id}", page(runs.why, staff), name="runs.why"),
    Route("/runs/{id:id}/mentees/{mentee_id:id}", slow(runs.explain, curator), methods=POST),
    Route("/runs/{id:id}/approve", action(runs.approve, curator), methods=POST, name="runs.approve"),
    Route("/runs/{id:id}/problem.json", page(runs.problem, staff), name="runs.problem"),
    Route("/runs/{id:id}/outcome.json", page(runs.outcome, staff), name="runs.outcome"),
    Route("/decisions", action(runs.decide, curator), methods=POST, name="runs.decide"),
    Route("/decisions/{id:id}/withdraw", action(runs.withdraw, curator), methods=POST, name="runs.withdraw"),
    Route("/people/{id:id}/places", action(runs.places, curator), methods=POST, name="runs.places"),
    # assignments
    Route("/pairs", page(assignments.index, staff), name="assignments.index"),
    Route("/pairs/term", action(assignments.set_term, curator), methods=POST, name="assignments.set_term"),
    Route(
        "/pairs/accept", action(assignments.accept_all, curator), methods=POST, name="assignments.accept_all"
    ),
    Route("/pairs/{id:id}", page(assignments.show, staff), name="assignments.show"),
    Route("/pairs/{id:id}", action(assignments.change, curator), methods=POST),
    Route(
        "/pairs/{id:id}/accept", action(assignments.accept, curator), methods=POST, name="assignments.accept"
    ),
    Route("/pairs/{id:id}/end", action(assignments.end, curator), methods=POST, name="assignments.end"),
    # documents
    Route("/orders", page(documents.index, staff), name="documents.index"),
    Route("/orders", action(documents.create, curator), methods=POST, name="documents.create"),
    Route("/orders/{id:id}", page(documents.show, staff), name="documents.show"),
    Route("/orders/{id:id}/edit", page(documents.edit, curator), name="documents.edit"),
    Route("/orders/{id:id}/edit", action(documents.change, curator), methods=POST),
    Route(
        "/orders/{id:id}/names", action(documents.correct, curator), methods=POST, name="documents.correct"
    ),
    Route(
        "/orders/{id:id}/approve", slow(documents.approve, director), methods=POST, name="documents.approve"
    ),
    Route("/orders/{id:id}/order.docx", page(documents.docx, staff), name="documents.docx"),
    Route("/orders/{id:id}/pairs.xlsx", page(documents.xlsx, staff), name="documents.xlsx"),
    Route("/templates", page(documents.templates, staff), name="documents.templates"),
    Route("/templates", slow(documents.upload, curator), methods=POST),
    Route("/templates/standard.docx", page(documents.standard, staff), name="documents.standard"),
    Route(
        "/templates/{id:id}/withdraw",
        action(documents.withdraw, curator),
        methods=POST,
        name="documents.withdraw",
    ),
    # consents
    Route("/consents/text", page(consents.text, staff), name="consents.text"),
    Route("/consents/text", action(consents.publish, curator), methods=POST),
]
