"""Who is calling, and what they may do where. Bare: rules take a Caller without knowing the web."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Grant:
    """A permission at a place: scope_kind is all, campus, building, unit or team."""

    permission: str
    scope_kind: str = "all"
    scope_id: int | None = None


@dataclass(frozen=True)
class Scope:
    """Where a permission holds. `everything` makes the sets irrelevant."""

    everything: bool = False
    unit_ids: frozenset[int] = frozenset()
    team_ids: frozenset[int] = frozenset()
    building_ids: frozenset[int] = frozenset()
    campus_ids: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return self.everything or bool(self.unit_ids or self.team_ids or self.building_ids or self.campus_ids)


NOWHERE = Scope()


@dataclass(frozen=True)
class Caller:
    """Who is calling. `surface` is phone, desk, api or job."""

    person_id: int
    grants: tuple[Grant, ...] = ()
    surface: str = "job"
    session_id: int | None = None
    affiliation_kinds: frozenset[str] = field(default_factory=frozenset)

    def scope(self, permission: str) -> Scope:
        mine = [grant for grant in self.grants if grant.permission == permission]
        if not mine:
            return NOWHERE
        ids = {
            kind: frozenset(g.scope_id for g in mine if g.scope_kind == kind and g.scope_id is not None)
            for kind in ("unit", "team", "building", "campus")
        }
        return Scope(
            any(grant.scope_kind == "all" for grant in mine),
            ids["unit"],
            ids["team"],
            ids["building"],
            ids["campus"],
        )

    def may(
        self,
        permission: str,
        *,
        unit_id: int | None = None,
        team_id: int | None = None,
        building_id: int | None = None,
        campus_id: int | None = None,
    ) -> bool:
        """Whether the permission holds at one of the named places; anywhere at all when none is named."""
        scope = self.scope(permission)
        if scope.everything:
            return True
        if unit_id is team_id is building_id is campus_id is None:
            return bool(scope)
        return (
            unit_id in scope.unit_ids
            or team_id in scope.team_ids
            or building_id in scope.building_ids
            or campus_id in scope.campus_ids
        )
