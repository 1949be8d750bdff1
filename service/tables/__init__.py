"""The whole schema, a page for each area. Columns and constraints only: behaviour lives in the slices.

Every ``Owned`` row belongs to an organisation; database.py filters and stamps ``organisation_id`` in one place.
Moments say what happened (``closed_at``, ``withdrawn_at``); they are aware, in UTC. Ids never leave the staff side.
"""

from service.tables.asking import (
    AUDIENCES,
    MODES,
    RHYTHMS,
    Attachment,
    Draft,
    DraftStep,
    Link,
    Questionnaire,
    QuestionnaireDraft,
    QuestionnaireVersion,
    Series,
    Submission,
    TicketTaken,
    Wave,
)
from service.tables.base import Document, Owned, now, one_of
from service.tables.pairing import Assignment, Decision, ProposedPair, Run
from service.tables.papers import AssignmentOrder, DocumentTemplate
from service.tables.people import ROLES, Consent, ConsentText, Membership, Person, Role, Team, TeamMember
from service.tables.staff import Account, Attempt, Organisation, SignIn
from service.tables.work import Heartbeat, Job

__all__ = [
    "AUDIENCES",
    "MODES",
    "RHYTHMS",
    "ROLES",
    "Account",
    "Assignment",
    "AssignmentOrder",
    "Attachment",
    "Attempt",
    "Consent",
    "ConsentText",
    "Decision",
    "Document",
    "DocumentTemplate",
    "Draft",
    "DraftStep",
    "Heartbeat",
    "Job",
    "Link",
    "Membership",
    "Organisation",
    "Owned",
    "Person",
    "ProposedPair",
    "Questionnaire",
    "QuestionnaireDraft",
    "QuestionnaireVersion",
    "Role",
    "Run",
    "Series",
    "SignIn",
    "Submission",
    "Team",
    "TeamMember",
    "TicketTaken",
    "Wave",
    "now",
    "one_of",
]
