"""What happened with electricity. Ids only."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BindingRequested:
    """Somebody asks to be let into a room; roommates or the dorm manager decide."""

    binding_id: int


@dataclass(frozen=True)
class BindingDecided:
    """A request was answered."""

    binding_id: int
    is_accepted: bool


@dataclass(frozen=True)
class CaseAnswered:
    """The desk answered a case."""

    case_id: int


@dataclass(frozen=True)
class CaseOpened:
    """Somebody says that a top-up went wrong."""

    case_id: int
