"""What a package tells the house about itself, and the registry that collects it.

A lower floor learns of a higher one only through here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any

from app.kit.lists import ListDesk


@dataclass(frozen=True)
class InTransaction:
    """Run `handler(session, event)` inside the transaction that marks the delivery done.

    Of events that it does not want (`wants(event)`) no delivery is written.
    """

    event: type
    handler: Callable[..., None]
    wants: Callable[[Any], bool] = lambda _event: True


@dataclass(frozen=True)
class AsFlow:
    """Run `handler(event, clients=…)`, which opens its own transactions and may call the network."""

    event: type
    handler: Callable[..., None]
    wants: Callable[[Any], bool] = lambda _event: True


Subscription = InTransaction | AsFlow


@dataclass(frozen=True)
class Permission:
    """Something a role may allow, with the sentence an administrator reads."""

    key: str
    title: str


@dataclass(frozen=True)
class Role:
    """A named set of permissions. `scopes` are the kinds of places it may be limited to."""

    key: str
    title: str
    permissions: tuple[str, ...]
    scopes: tuple[str, ...] = ("all",)


@dataclass(frozen=True)
class MessageKind:
    """One kind of message to a person.

    `template` is the key of the shared template, `fields` maps its fields to %-formats over the params,
    `text` is the sentence of the message centre, `link` the page it speaks of (a %-format). `answers_own_act`: the
    reader has just done something and waits for this, so that quiet hours don't hold it back. Text messages
    (a step `sms`) are for what is urgent and for what `is_about_identity`, such as a claim or a rebinding.
    """

    key: str
    title: str
    template: str
    fields: Mapping[str, str]
    text: str
    link: str
    is_urgent: bool = False
    answers_own_act: bool = False
    ladder: tuple[str, ...] = ("template", "subscription", "call_list")
    can_be_muted: bool = True
    is_about_identity: bool = False

    def __post_init__(self) -> None:
        if "sms" in self.ladder and not (self.is_urgent or self.is_about_identity):
            raise ValueError(f"{self.key}: text messages are for identity and urgency only")


@dataclass(frozen=True)
class ChatWord:
    """A word people type to the account. `answer(session, openid, text)` reads only."""

    pattern: str
    answer: Callable[..., Any]
    help: str = ""


@dataclass(frozen=True)
class Schedule:
    """Work by the clock: every so often, or once a day at a Shanghai time. `handler(clients=…)`."""

    key: str
    handler: Callable[..., None]
    every: timedelta | None = None
    daily_at: time | None = None


@dataclass(frozen=True)
class MenuItem:
    """An entry of the console's rail. `count(session, caller)` is the live figure beside it, if any.

    `also` are addresses of the section that do not begin with its own.
    """

    title: str
    url: str
    permission: str
    icon: str = ""
    order: int = 100
    count: Callable[..., int] | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Card:
    """How a micro-app stands on the shelf of the phone."""

    title: str
    url: str
    icon: str
    summary: str
    order: int = 100


@dataclass(frozen=True)
class Thing:
    """Something that waits for a person: one line of what, one of where and when, a state in a word.

    The state is a text of the catalogue; the lines are data and may have English twins.
    """

    title: str
    line: str
    url: str
    state: str = ""
    kind: str = "wait"  # the word's colour: wait go ask done off bad
    title_en: str = ""
    line_en: str = ""


@dataclass(frozen=True)
class Seen:
    """An act in the record by which somebody saw a person's data: what for and which, in texts of the catalogue.

    `objects(session, person_id=…)` are the ids under which the record names what is theirs. Where one act serves
    several purposes, `reason` is the key that stands second among its fields, before the colon.
    """

    action: str
    object_type: str
    purpose: str
    fields: tuple[str, ...]
    objects: Callable[..., list[str]]
    reason: str = ""


@dataclass(frozen=True)
class Agreement:
    """Something that a person allows, or allowed until `withdrawn_at`, in the words they read. `key` is the module's.

    `about` is whom it lets in, masked, where there may be several.
    """

    key: str
    title: str
    text: str
    given_at: datetime
    withdrawn_at: datetime | None = None
    about: str = ""


@dataclass(frozen=True)
class Fulfiller:
    """How a micro-app delivers what was paid for. Payments decides when each may be called, and how often.

    `prepare(session, order_id)` reads what to deliver; `rules(task, clients)` says what is known of the vendor
    (payments.service.Rules); `send(task, number, clients)` and `ask(task, number, clients)` talk to the vendor,
    outside any transaction, and return a payments.service.Outcome or raise one of clients.vendor's errors.
    `purchases(system, day, clients)` asks a vendor that makes no statement what it has sold on that day where we
    delivered something: (room key, meter, Purchase) one by one, under the same errors.
    """

    prepare: Callable[..., Any]
    rules: Callable[..., Any]
    send: Callable[..., Any]
    ask: Callable[..., Any]
    purchases: Callable[..., Iterable[Any]] | None = None


@dataclass(frozen=True)
class Asking:
    """Whom does this concern? What an approver resolver may know: ids and the form, nothing of the engine.

    `picks` are the people whom the starter chose, by the key of the node they are to approve.
    """

    starter_id: int
    form: Mapping[str, Any]
    args: Mapping[str, Any]
    picks: Mapping[str, list[int]]


@dataclass(frozen=True)
class ApproverResolver:
    """`find(session, asking)` names people, the first first. It reads only; an empty list is an answer."""

    title: str
    find: Callable[[Any, Asking], Iterable[int]]


@dataclass(frozen=True)
class Module:
    """All that a package brings. Absent things stay at their empty default.

    `section` is where its menu stands in the console's rail: under its own title, unless another is named.
    `deliveries(order_ids)`, given a SELECT of orders, is a SELECT of (order_id, account, key, meter): by which
    vendor's account, into which room and meter each was delivered, in the words of that vendor's statements.
    `definitions` are approval definitions that ship with the package, by code.
    `texts` are the keys of text messages that stand for no message of the centre: codes that prove a phone, words to
    parents.
    `agreements(session, person_id=…)` are what a person allows or allowed, newest first; `withdraw(session, by=…,
    key=…)` ends one with all that rested on it, and knows nothing of a key that is not the caller's.
    """

    key: str
    title: str
    owner: str = "platform"
    audiences: tuple[str, ...] = ()
    blueprints: tuple[Any, ...] = ()
    api_blueprints: tuple[Any, ...] = ()
    card: Card | None = None
    menu: tuple[MenuItem, ...] = ()
    section: str = ""
    permissions: tuple[Permission, ...] = ()
    roles: tuple[Role, ...] = ()
    message_kinds: tuple[MessageKind, ...] = ()
    texts: tuple[str, ...] = ()
    chat_words: tuple[ChatWord, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    commands: tuple[Any, ...] = ()
    retain: Callable[..., int] | None = None
    export_person: Callable[..., dict[str, Any]] | None = None
    erase_person: Callable[..., None] | None = None
    merge_person: Callable[..., None] | None = None
    seen: tuple[Seen, ...] = ()
    agreements: Callable[..., list[Agreement]] | None = None
    withdraw: Callable[..., None] | None = None
    open_things: Callable[..., list[Thing]] | None = None
    search_url: str = ""
    duties: Callable[..., list[str]] | None = None
    list_desks: tuple[ListDesk, ...] = ()
    approver_resolvers: Mapping[str, ApproverResolver] = field(default_factory=dict)
    definitions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    fulfiller: Fulfiller | None = None
    deliveries: Callable[..., Any] | None = None
    health: Callable[[], None] | None = None
    on_app: Callable[..., None] | None = None


@dataclass(frozen=True)
class Registry:
    """Every module that started, in order, those that did not, and the keys of those that were not to."""

    modules: tuple[Module, ...]
    suspended: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Deliveries name their subscriber by module and handler: two of one name would be mixed up."""
        for module in self.modules:
            names = [sub.handler.__name__ for sub in module.subscriptions]
            if len(set(names)) != len(names):
                raise ValueError(f"{module.key} has two handlers of one name")

    @cached_property
    def _subscribers(self) -> Mapping[type, list[tuple[str, Subscription]]]:
        found: dict[type, list[tuple[str, Subscription]]] = {}
        for module in self.modules:
            for sub in module.subscriptions:
                found.setdefault(sub.event, []).append((f"{module.key}.{sub.handler.__name__}", sub))
        return found

    def subscribers(self, event: type) -> list[tuple[str, Subscription]]:
        """(stable key, subscription) for an event type."""
        return self._subscribers.get(event, [])

    def subscription(self, key: str) -> Subscription | None:
        """The subscription with this key; None when its module is suspended or gone."""
        module_key, _, name = key.rpartition(".")
        for module in self.modules:
            if module.key == module_key:
                for sub in module.subscriptions:
                    if sub.handler.__name__ == name:
                        return sub
        return None

    def message_kind(self, key: str) -> MessageKind:
        for module in self.modules:
            for kind in module.message_kinds:
                if kind.key == key:
                    return kind
        raise KeyError(f"no message kind {key!r}")

    def permissions_of(self, role_key: str) -> tuple[str, ...]:
        """Permissions of a role; a role of a suspended module allows nothing."""
        for module in self.modules:
            for role in module.roles:
                if role.key == role_key:
                    return role.permissions
        return ()

    def roles(self) -> list[Role]:
        return [role for module in self.modules for role in module.roles]

    def schedules(self) -> list[tuple[str, Schedule]]:
        return [(f"{m.key}.{s.key}", s) for m in self.modules for s in m.schedules]
