"""What happened in a case. Ids only: subscribers read the rest."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CaseMoved:
    """The lines `first` to `last` were written."""

    case_id: int
    first: int
    last: int


@dataclass(frozen=True)
class CaseEnded:
    """`status` is approved, rejected, withdrawn or terminated."""

    case_id: int
    module: str
    business_id: str
    status: str


@dataclass(frozen=True)
class CaseReturned:
    """Its starter is to change the form."""

    case_id: int
    module: str
    business_id: str


@dataclass(frozen=True)
class CaseResumed:
    """The starter has changed the form and sent it on."""

    case_id: int
    module: str
    business_id: str


@dataclass(frozen=True)
class ServiceAsked:
    """A service node waits: do it, then say `service.complete_service(session, case_id=…, node=…, round=…)`."""

    case_id: int
    module: str
    business_id: str
    service: str
    node: str
    round: int


@dataclass(frozen=True)
class DefinitionProposed:
    """A version waits for a second person: it is tried in every college meanwhile."""

    definition_id: int
