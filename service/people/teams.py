"""Groups of mentees that exist already: made, listed, dissolved. The matching gives a group one mentor together."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlmodel import Session, col, delete, select

from service import queries
from service.errors import Invalid
from service.i18n import N_
from service.tables import Account, Person, Team, TeamMember

FEWEST = 2
LONGEST_NAME = 200


def teams(session: Session) -> list[tuple[Team, list[Person]]]:
    """By name, each with its members by name."""
    rows = session.exec(
        select(TeamMember.team_id, Person)
        .join(Person, col(Person.id) == col(TeamMember.person_id))
        .order_by(col(Person.sort_name), col(Person.id))
    ).all()
    listed = session.exec(select(Team).order_by(col(Team.name), col(Team.id))).all()
    return [(team, [person for team_id, person in rows if team_id == team.id]) for team in listed]


def free_mentees(session: Session) -> Mapping[int, str]:
    """person id → name of the mentees in the bank whom the curator knows and who are in no group."""
    taken = set(session.exec(select(TeamMember.person_id)).all())
    return {
        row.person.id: row.person.name
        for row in queries.members(session, "mentee")
        if row.person.confirmed_at and not row.membership.withdrawn_at and row.person.id not in taken
    }


def add(session: Session, account: Account, name: str, members: Collection[int]) -> Team:
    """The database itself keeps a mentee from being in two groups."""
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(N_("Give the group a name of %(most)s characters at most.", most=LONGEST_NAME))
    if len(members) < FEWEST:
        raise Invalid(N_("Choose two mentees or more: a group is several people."))
    if not set(members) <= free_mentees(session).keys():
        raise Invalid(N_("Choose people from the bank of mentees who are in no other group."))
    team = Team(name=name, account_id=account.id)
    session.add(team)
    session.flush()
    session.add_all(TeamMember(team_id=team.id, person_id=person) for person in sorted(members))
    return team


def choose_representative(session: Session, team: Team, person_id: int | None) -> None:
    """Who speaks for the group: one of it, or nobody."""
    members = session.exec(select(TeamMember.person_id).where(TeamMember.team_id == team.id)).all()
    if person_id is not None and person_id not in members:
        raise Invalid(N_("The representative is one of the group."))
    team.representative_id = person_id


def dissolve(session: Session, team: Team) -> None:
    """The people stay in the bank, each alone."""
    session.exec(delete(TeamMember).where(col(TeamMember.team_id) == team.id))
    session.delete(team)
