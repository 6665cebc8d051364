"""What happened to somebody's identity."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PersonLinked:
    """A WeChat account now stands for `person_id`; the visitor it stood for before was merged."""

    person_id: int
    visitor_id: int
    link_id: int


@dataclass(frozen=True)
class PersonUnlinked:
    """A WeChat account no longer stands for `person_id` but for the new visitor `visitor_id`.

    `reason` is asked (the person did it), replaced (another WeChat account took its place), merged, closed (the
    WeChat account is no more), or disputed (staff found that it was somebody else's). A notice to the old WeChat
    account goes to the visitor.
    """

    person_id: int
    visitor_id: int
    link_id: int
    reason: str


@dataclass(frozen=True)
class RoleGranted:
    """`person_id` holds a role from now on. `scope_id` is None everywhere."""

    person_id: int
    role: str
    scope_kind: str
    scope_id: int | None


@dataclass(frozen=True)
class RoleRevoked:
    """`person_id` holds the role no longer."""

    person_id: int
    role: str
    scope_kind: str
    scope_id: int | None
