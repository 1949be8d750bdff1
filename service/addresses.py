"""Every address of the service, who may use it, and what answers there."""

from __future__ import annotations

from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.routing import BaseRoute, Route

from service.access import (
    anyone,
    curator,
    director,
    entering,
    invited,
    keeper,
    link_holder,
    member,
    named_link_holder,
    officer,
    own_matters,
    people_reader,
    reader,
    recovering,
    supporter,
    ticket_holder,
)
from service.accounts import link_views as links
from service.accounts import security_views as security
from service.accounts import sign_in_views as entrance
from service.accounts import staff_views as colleagues
from service.accounts import views as accounts
from service.assignments import views as assignments
from service.consents import person_views as papers
from service.consents import request_views as requests
from service.consents import text_views as texts
from service.consents import views as consents
from service.documents import views as documents
from service.home import views as home
from service.people import export_views as registers
from service.people import newcomer_views as identities
from service.people import team_views as teams
from service.people import unpaired_views as unpaired
from service.people import views as people
from service.people.importing import views as imports
from service.questionnaires import exchange_views as exchange
from service.questionnaires import letter_views as letters
from service.questionnaires import series_views as series
from service.questionnaires import version_views as versions
from service.questionnaires import views as questionnaires
from service.questionnaires.editor import part_views as parts
from service.questionnaires.editor import translation_views as translations
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
    Route("/q/{token}/consent/{kind}", page(consents.document, named_link_holder), name="consents.document"),
    Route("/q/{token}/consents", page(consents.mine, named_link_holder), name="consents.mine"),
    Route("/q/{token}/consents", action(consents.withdraw, named_link_holder), methods=POST),
    Route("/q/{token}/refused", page(consents.refused, named_link_holder), name="consents.refused"),
    Route("/q/{token}/answers", page(submissions.form, named_link_holder), name="submissions.form"),
    Route("/q/{token}/answers", slow(submissions.submit, named_link_holder, uploads=True), methods=POST),
    Route("/q/{token}/receipt", page(submissions.receipt, named_link_holder), name="submissions.receipt"),
    # an anonymous wave
    Route("/q/{token}/ballot", slow(ballots.exchange, link_holder), methods=POST, name="ballots.exchange"),
    Route("/a/{ticket}", page(ballots.form, ticket_holder), name="ballots.form"),
    Route(
        "/a/{ticket}", slow(ballots.submit, ticket_holder, uploads=True), methods=POST, name="ballots.submit"
    ),
]

STAFF: list[BaseRoute] = [
    Route("/", page(home.show, member), name="home.show"),
    Route("/language", action(home.language, anyone), methods=POST, name="home.language"),
    # accounts
    Route("/sign-in", page(entrance.sign_in, anyone), name="accounts.sign_in"),
    Route("/sign-in", slow(entrance.enter, anyone), methods=POST),
    Route("/sign-in/code", page(entrance.code, entering), name="accounts.code"),
    Route("/sign-in/code", slow(entrance.enter_code, entering), methods=POST),
    Route("/sign-in/passkey", slow(entrance.passkey, anyone), methods=POST, name="accounts.enter_by_passkey"),
    Route("/sign-out", action(entrance.sign_out, own_matters), methods=POST, name="accounts.sign_out"),
    Route("/join/{invitation}", page(links.invitation, invited), name="accounts.invitation"),
    Route("/join/{invitation}", action(links.open_invitation, invited), methods=POST),
    Route("/join", page(links.joining, invited), name="accounts.joining"),
    Route("/join", slow(links.join, invited), methods=POST),
    Route("/recover/{recovery}", page(links.recovery, recovering), name="accounts.recovery"),
    Route("/recover/{recovery}", action(links.open_recovery, recovering), methods=POST),
    Route("/recover", page(links.coming_back, recovering), name="accounts.coming_back"),
    Route("/recover", slow(links.come_back, recovering), methods=POST),
    Route("/security", page(security.security, own_matters), name="accounts.security"),
    Route("/password", page(security.password, own_matters), name="accounts.password"),
    Route("/password", slow(security.change_password, own_matters), methods=POST),
    Route("/security/authenticator", page(security.totp, own_matters), name="accounts.totp"),
    Route("/security/authenticator", action(security.keep_totp, own_matters), methods=POST),
    Route("/security/passkey", page(security.passkey, own_matters), name="accounts.passkey"),
    Route("/security/passkey", action(security.keep_passkey, own_matters), methods=POST),
    Route(
        "/security/remove",
        slow(security.remove_factor, own_matters),
        methods=POST,
        name="accounts.remove_factor",
    ),
    Route("/security/codes", slow(security.renew_codes, own_matters), methods=POST, name="accounts.codes"),
    Route("/security/end", action(security.end_sessions, own_matters), methods=POST, name="accounts.end"),
    Route("/staff", page(colleagues.index, director), name="accounts.staff"),
    Route("/staff/invite", page(colleagues.inviting, director), name="accounts.invite"),
    Route("/staff/invite", action(colleagues.invite, director), methods=POST),
    Route("/staff/record", page(colleagues.record, officer), name="accounts.record"),
    Route(
        "/staff/second-factor",
        action(colleagues.second_factor, director),
        methods=POST,
        name="accounts.second_factor",
    ),
    Route("/staff/{id:id}", page(colleagues.show, director), name="accounts.account"),
    Route(
        "/staff/{id:id}/role", action(colleagues.give_role, director), methods=POST, name="accounts.give_role"
    ),
    Route(
        "/staff/{id:id}/disable", action(colleagues.disable, director), methods=POST, name="accounts.disable"
    ),
    Route("/staff/{id:id}/enable", action(colleagues.enable, director), methods=POST, name="accounts.enable"),
    Route("/staff/{id:id}/unlock", slow(colleagues.unlock, director), methods=POST, name="accounts.unlock"),
    Route(
        "/staff/{id:id}/recover", action(colleagues.recover, director), methods=POST, name="accounts.recover"
    ),
    Route(
        "/invitations/{id:id}/renew", action(colleagues.renew, director), methods=POST, name="accounts.renew"
    ),
    Route(
        "/invitations/{id:id}/revoke",
        action(colleagues.revoke, director),
        methods=POST,
        name="accounts.revoke",
    ),
    Route("/organisation", page(accounts.organisation, member), name="accounts.organisation"),
    Route("/organisation", action(accounts.save_organisation, curator), methods=POST),
    # questionnaires
    Route("/questionnaires", page(questionnaires.index, reader), name="questionnaires.index"),
    Route("/questionnaires/import", page(exchange.importing, curator), name="questionnaires.importing"),
    Route("/questionnaires/import", slow(exchange.look, curator, uploads=True), methods=POST),
    Route("/questionnaires/keep", action(exchange.keep, curator), methods=POST, name="questionnaires.keep"),
    Route("/questionnaires/schema.json", page(exchange.schema, reader), name="questionnaires.schema"),
    Route("/questionnaires/{id:id}", page(questionnaires.show, reader), name="questionnaires.show"),
    Route("/questionnaires/{id:id}/form.xlsx", page(exchange.xlsx, reader), name="questionnaires.xlsx"),
    Route("/questionnaires/{id:id}/form.json", page(exchange.as_json, reader), name="questionnaires.as_json"),
    Route(
        "/questionnaires/{id:id}/versions",
        page(versions.versions, reader),
        name="questionnaires.versions",
    ),
    Route("/questionnaires/{id:id}/preview", page(versions.preview, reader), name="questionnaires.preview"),
    Route("/questionnaires/{id:id}/paper", page(versions.paper, reader), name="questionnaires.paper"),
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
    Route(
        "/drafts/{id:id}/languages",
        page(translations.languages, curator),
        name="questionnaires.editor_languages",
    ),
    Route(
        "/drafts/{id:id}/languages/{language}",
        page(translations.language, curator),
        name="questionnaires.editor_language",
    ),
    Route("/drafts/{id:id}/languages/{language}", action(translations.save, curator), methods=POST),
    Route("/drafts/{id:id}/preview", page(editor.preview, curator), name="questionnaires.editor_preview"),
    Route("/drafts/{id:id}/paper", page(editor.paper, curator), name="questionnaires.editor_paper"),
    Route("/drafts/{id:id}/version", page(editor.version, curator), name="questionnaires.editor_version"),
    Route("/drafts/{id:id}/version", action(editor.publish, curator), methods=POST),
    Route("/waves/new", page(questionnaires.new_wave, curator), name="questionnaires.new_wave"),
    Route("/waves/new", action(questionnaires.open_wave, curator), methods=POST),
    Route("/waves/{id:id}", page(questionnaires.wave, reader), name="questionnaires.wave"),
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
    Route(
        "/waves/{id:id}/sheet", page(questionnaires.sheet, curator, audited=True), name="questionnaires.sheet"
    ),
    Route(
        "/waves/{id:id}/links.csv",
        page(questionnaires.mailing, curator, audited=True),
        name="questionnaires.mailing",
    ),
    Route(
        "/links/{id:id}/reissue",
        action(questionnaires.reissue, curator),
        methods=POST,
        name="questionnaires.reissue",
    ),
    Route("/waves/{id:id}/results", page(results.show, reader), name="questionnaires.results"),
    Route(
        "/waves/{id:id}/files/{key}", page(results.file, curator, audited=True), name="questionnaires.file"
    ),
    Route(
        "/waves/{id:id}/answers.{format}",
        page(results.export, people_reader, audited=True),
        name="questionnaires.export",
    ),
    Route(
        "/questionnaires/{id:id}/answers.{format}",
        page(results.export_all, people_reader, audited=True),
        name="questionnaires.export_all",
    ),
    Route(
        "/waves/{id:id}/cards",
        action(questionnaires.cards, curator),
        methods=POST,
        name="questionnaires.cards",
    ),
    Route("/waves/{id:id}/letters", page(letters.show, curator), name="questionnaires.letters"),
    Route("/waves/{id:id}/letters", action(letters.send, curator), methods=POST),
    Route("/series", page(series.index, reader), name="questionnaires.series_index"),
    Route("/series/new", page(series.new, curator), name="questionnaires.new_series"),
    Route("/series/new", action(series.start, curator), methods=POST),
    Route("/series/{id:id}", page(series.show, reader), name="questionnaires.series"),
    Route("/series/{id:id}/pause", action(series.pause, curator), methods=POST, name="questionnaires.pause"),
    # people
    Route("/bank/{role}", page(people.bank, people_reader, audited=True), name="people.bank"),
    Route("/bank/{role}/then", page(people.bank_then, people_reader, audited=True), name="people.bank_then"),
    Route("/registers/{role}", page(registers.printed, people_reader, audited=True), name="people.register"),
    Route(
        "/registers/{role}/table.{format}",
        page(registers.export, people_reader, audited=True),
        name="people.export",
    ),
    Route("/imports", page(imports.index, curator), name="people.imports"),
    Route("/imports", action(imports.upload, curator, uploads=True), methods=POST),
    Route("/imports/{id:id}", page(imports.show, curator, audited=True), name="people.import"),
    Route("/imports/{id:id}/events", stream(imports.events, curator), name="people.import_events"),
    Route("/imports/{id:id}/choose", action(imports.choose, curator), methods=POST, name="people.choose"),
    Route("/imports/{id:id}/apply", action(imports.apply, curator), methods=POST, name="people.apply"),
    Route("/imports/{id:id}/undo", action(imports.undo, curator), methods=POST, name="people.undo"),
    Route("/imports/{id:id}/discard", action(imports.discard, curator), methods=POST, name="people.discard"),
    Route("/people", page(people.everybody, people_reader, audited=True), name="people.everybody"),
    Route("/unpaired", page(unpaired.unpaired, supporter, audited=True), name="people.unpaired"),
    Route("/people/new", page(people.new, curator), name="people.new"),
    Route("/people/new", action(people.add, curator), methods=POST),
    Route("/people/newcomers", page(identities.newcomers, curator), name="people.newcomers"),
    Route("/people/{id:id}", page(people.show, people_reader, audited=True), name="people.show"),
    Route("/people/{id:id}/edit", page(people.edit, curator), name="people.edit"),
    Route("/people/{id:id}/edit", action(people.change, curator), methods=POST),
    Route(
        "/people/{id:id}/confirm",
        action(identities.confirm, curator),
        methods=POST,
        name="people.confirm",
    ),
    Route("/people/{id:id}/merge", page(identities.merging_page, curator), name="people.merge"),
    Route("/people/{id:id}/merge", action(identities.merge, curator), methods=POST),
    Route(
        "/people/{id:id}/consent",
        action(papers.on_paper, curator, uploads=True),
        methods=POST,
        name="consents.on_paper",
    ),
    Route(
        "/people/{id:id}/answers/{wave_id:id}",
        page(paper.show, curator, audited=True),
        name="submissions.paper",
    ),
    Route("/people/{id:id}/answers/{wave_id:id}", action(paper.enter, curator, uploads=True), methods=POST),
    Route("/attachments/{key}", page(paper.attachment, curator, audited=True), name="submissions.attachment"),
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
    Route("/teams", page(teams.index, people_reader), name="people.teams"),
    Route("/teams", action(teams.add, curator), methods=POST),
    Route(
        "/teams/{id:id}/represent", action(teams.represent, curator), methods=POST, name="people.represent"
    ),
    Route("/teams/{id:id}/dissolve", action(teams.dissolve, curator), methods=POST, name="people.dissolve"),
    # runs
    Route("/runs", page(runs.index, reader), name="runs.index"),
    Route("/runs", action(runs.start, curator), methods=POST, name="runs.start"),
    Route("/runs/compare", page(runs.compare, reader), name="runs.compare"),
    Route("/runs/{id:id}", page(runs.show, reader), name="runs.show"),
    Route("/runs/{id:id}/events", stream(runs.events, reader), name="runs.events"),
    Route("/runs/{id:id}/cancel", action(runs.cancel, curator), methods=POST, name="runs.cancel"),
    Route("/runs/{id:id}/again", action(runs.again, curator), methods=POST, name="runs.again"),
    Route("/runs/{id:id}/mentees/{mentee_id:id}", page(runs.why, people_reader), name="runs.why"),
    Route("/runs/{id:id}/mentees/{mentee_id:id}", slow(runs.explain, curator), methods=POST),
    Route("/runs/{id:id}/approve", action(runs.approve, curator), methods=POST, name="runs.approve"),
    Route("/runs/{id:id}/problem.json", page(runs.problem, people_reader, audited=True), name="runs.problem"),
    Route("/runs/{id:id}/outcome.json", page(runs.outcome, people_reader, audited=True), name="runs.outcome"),
    Route("/decisions", action(runs.decide, curator), methods=POST, name="runs.decide"),
    Route("/decisions/{id:id}/withdraw", action(runs.withdraw, curator), methods=POST, name="runs.withdraw"),
    Route("/people/{id:id}/places", action(runs.places, curator), methods=POST, name="runs.places"),
    # assignments
    Route("/pairs", page(assignments.index, reader), name="assignments.index"),
    Route("/pairs/term", action(assignments.set_term, curator), methods=POST, name="assignments.set_term"),
    Route(
        "/pairs/accept", action(assignments.accept_all, curator), methods=POST, name="assignments.accept_all"
    ),
    Route("/pairs/{id:id}", page(assignments.show, reader), name="assignments.show"),
    Route("/pairs/{id:id}", action(assignments.change, curator), methods=POST),
    Route(
        "/pairs/{id:id}/accept", action(assignments.accept, curator), methods=POST, name="assignments.accept"
    ),
    Route("/pairs/{id:id}/end", action(assignments.end, curator), methods=POST, name="assignments.end"),
    # documents
    Route("/orders", page(documents.index, people_reader), name="documents.index"),
    Route("/orders", action(documents.create, curator), methods=POST, name="documents.create"),
    Route("/orders/{id:id}", page(documents.show, people_reader), name="documents.show"),
    Route("/orders/{id:id}/edit", page(documents.edit, curator), name="documents.edit"),
    Route("/orders/{id:id}/edit", action(documents.change, curator), methods=POST),
    Route(
        "/orders/{id:id}/names", action(documents.correct, curator), methods=POST, name="documents.correct"
    ),
    Route(
        "/orders/{id:id}/approve", slow(documents.approve, director), methods=POST, name="documents.approve"
    ),
    Route(
        "/orders/{id:id}/order.docx", page(documents.docx, people_reader, audited=True), name="documents.docx"
    ),
    Route(
        "/orders/{id:id}/pairs.xlsx", page(documents.xlsx, people_reader, audited=True), name="documents.xlsx"
    ),
    Route("/templates", page(documents.templates, people_reader), name="documents.templates"),
    Route("/templates", slow(documents.upload, curator, uploads=True), methods=POST),
    Route("/templates/standard.docx", page(documents.standard, people_reader), name="documents.standard"),
    Route(
        "/templates/{id:id}/withdraw",
        action(documents.withdraw, curator),
        methods=POST,
        name="documents.withdraw",
    ),
    # consents
    Route("/consents", page(texts.texts, member), name="consents.texts"),
    Route("/consents/{kind}", page(texts.text, member), name="consents.text"),
    Route("/consents/{kind}", action(texts.publish, curator), methods=POST),
    Route("/consents/{kind}/asked", action(texts.ask, curator), methods=POST, name="consents.ask"),
    Route("/grounds", page(texts.grounds, people_reader), name="consents.grounds"),
    Route("/grounds", action(texts.add_ground, curator), methods=POST),
    Route(
        "/grounds/{id:id}/end", action(texts.end_ground, curator), methods=POST, name="consents.end_ground"
    ),
    Route("/people/{id:id}/consents", page(papers.show, people_reader, audited=True), name="consents.person"),
    Route(
        "/people/{id:id}/consents/{kind}/paper",
        page(papers.paper, curator, audited=True),
        name="consents.paper",
    ),
    Route("/proofs/{id:id}", page(papers.proof, people_reader, audited=True), name="consents.proof"),
    Route("/scans/{id:id}", page(papers.scan, people_reader, audited=True), name="consents.scan"),
    # what people demand, and what goes
    Route("/requests", page(requests.index, keeper), name="consents.requests"),
    Route("/people/{id:id}/data", page(requests.data, people_reader, audited=True), name="consents.data"),
    Route("/people/{id:id}/data", action(requests.receive, curator), methods=POST),
    Route(
        "/people/{id:id}/data.json",
        page(requests.data_json, people_reader, audited=True),
        name="consents.data_json",
    ),
    Route(
        "/people/{id:id}/answered", action(requests.answered, curator), methods=POST, name="consents.answered"
    ),
    Route("/people/{id:id}/destroy", page(requests.wizard, keeper, audited=True), name="consents.destroy"),
    Route("/people/{id:id}/destroy", slow(requests.destroy, keeper), methods=POST),
    Route("/destructions/{id:id}", page(requests.act, keeper, audited=True), name="consents.act"),
    Route("/destructions.csv", page(requests.log, keeper, audited=True), name="consents.log"),
    Route("/retention", page(requests.terms, keeper), name="consents.retention"),
    Route("/retention", action(requests.set_terms, keeper), methods=POST),
]
