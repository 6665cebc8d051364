"""The table of all actions: from where, to where, by whom (repairs reference §2.2).

Everything a ticket can go through is a row here. Pages show buttons by it, `service.moves` obeys it, and a
test walks action × state × role.
"""

from dataclasses import dataclass
from enum import StrEnum

from app.kit.i18n import N_, NP_
from app.repairs.models import OPEN, Status


class Role(StrEnum):
    """As what somebody acts on one ticket."""

    REPORTER = "reporter"
    DISPATCHER = "dispatcher"
    HEAD = "head"
    WORKER = "worker"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"


ROLE_NAMES = {
    Role.REPORTER: N_("报修人"),
    Role.DISPATCHER: N_("调度"),
    Role.HEAD: N_("班长"),
    Role.WORKER: N_("接单的师傅"),
    Role.ADMINISTRATOR: N_("管理员"),
    Role.SYSTEM: N_("系统"),
}


@dataclass(frozen=True)
class Action:
    """`to` None keeps the state. `reason_kind` names the reasons to offer, `key_hint` the console's key."""

    key: str
    name: str
    done: str
    froms: tuple[Status, ...]
    to: Status | None
    who: tuple[Role, ...]
    reason_kind: str | None = None
    key_hint: str = ""
    is_available: bool = True
    has_button: bool = True


_DESK = (Role.DISPATCHER, Role.ADMINISTRATOR)
_LEAD = (Role.DISPATCHER, Role.HEAD, Role.ADMINISTRATOR)

_ROWS = (
    Action(
        "accept", N_("受理"), NP_("done", "受理"), (Status.SUBMITTED,), Status.TRIAGED, _DESK, key_hint="a"
    ),
    Action(
        "reject",
        N_("驳回"),
        NP_("done", "驳回"),
        (Status.SUBMITTED, Status.TRIAGED),
        Status.REJECTED,
        _DESK,
        reason_kind="reject",
        key_hint="x",
    ),
    Action(
        "dispatch",
        N_("派单"),
        NP_("done", "派单"),
        (Status.SUBMITTED, Status.TRIAGED),
        Status.DISPATCHED,
        _LEAD,
        key_hint="d",
    ),
    Action(
        "reassign",
        N_("改派"),
        NP_("done", "改派"),
        (Status.DISPATCHED, Status.TAKEN, Status.WORKING, Status.ON_HOLD),
        Status.DISPATCHED,
        _LEAD,
        reason_kind="reassign",
        key_hint="r",
    ),
    Action("take", N_("接单"), NP_("done", "接单"), (Status.DISPATCHED,), Status.TAKEN, (Role.WORKER,)),
    Action(
        "decline",
        N_("退单"),
        NP_("done", "退单"),
        (Status.DISPATCHED, Status.TAKEN),
        Status.TRIAGED,
        (Role.WORKER,),
        reason_kind="decline",
    ),
    Action(
        "auto_return",
        N_("超时退回"),
        NP_("done", "超时退回"),
        (Status.DISPATCHED,),
        Status.TRIAGED,
        (Role.SYSTEM,),
        has_button=False,
    ),
    Action("arrive", N_("到场"), NP_("done", "到场"), (Status.TAKEN,), Status.WORKING, (Role.WORKER,)),
    Action(
        "hold",
        N_("挂起"),
        NP_("done", "挂起"),
        (Status.TAKEN, Status.WORKING),
        Status.ON_HOLD,
        (Role.WORKER, Role.HEAD, Role.DISPATCHER),
        reason_kind="hold",
        key_hint="h",
    ),
    Action(
        "resume",
        N_("恢复"),
        NP_("done", "恢复"),
        (Status.ON_HOLD,),
        Status.WORKING,
        (Role.WORKER, Role.HEAD, Role.DISPATCHER, Role.SYSTEM),
    ),
    Action(
        "finish",
        N_("完工"),
        NP_("done", "完工"),
        (Status.WORKING,),
        Status.FINISHED,
        (Role.WORKER, Role.HEAD),
    ),
    Action(
        "return_work",
        N_("验收退回"),
        NP_("done", "退回重做"),
        (Status.FINISHED,),
        Status.WORKING,
        (Role.HEAD,),
        is_available=False,
    ),
    Action(
        "confirm",
        N_("确认修好了"),
        NP_("done", "确认修好"),
        (Status.FINISHED,),
        Status.CLOSED,
        (Role.REPORTER,),
    ),
    Action(
        "auto_close",
        N_("超时办结"),
        NP_("done", "到期自动办结"),
        (Status.FINISHED,),
        Status.CLOSED,
        (Role.SYSTEM,),
        has_button=False,
    ),
    Action(
        "proxy_confirm",
        N_("代确认"),
        NP_("done", "代为确认"),
        (Status.FINISHED,),
        Status.CLOSED,
        (Role.ADMINISTRATOR,),
        is_available=False,
    ),
    Action(
        "rework",
        N_("还没修好"),
        NP_("done", "要求返修"),
        (Status.FINISHED, Status.CLOSED),
        Status.DISPATCHED,
        (Role.REPORTER, Role.DISPATCHER),
    ),
    Action(
        "cancel",
        N_("撤销"),
        NP_("done", "撤销"),
        (Status.SUBMITTED, Status.TRIAGED, Status.DISPATCHED),
        Status.CANCELLED,
        (Role.REPORTER,),
    ),
    Action("urge", N_("催一下"), NP_("done", "催办"), OPEN, None, (Role.REPORTER,)),
    Action("rate", N_("评价"), NP_("done", "评价"), (Status.CLOSED,), None, (Role.REPORTER,)),
    Action(
        "merge",
        N_("合并"),
        NP_("done", "合并"),
        (Status.SUBMITTED, Status.TRIAGED, Status.DISPATCHED),
        Status.MERGED,
        _DESK,
        is_available=False,
    ),
    Action(
        "collaborate",
        N_("协办"),
        NP_("done", "加派协办"),
        (Status.TAKEN, Status.WORKING, Status.ON_HOLD),
        None,
        (Role.WORKER, Role.HEAD),
        is_available=False,
    ),
    Action(
        "no_access",
        N_("无人在场"),
        NP_("done", "记为无人在场"),
        (Status.TAKEN,),
        Status.ON_HOLD,
        (Role.WORKER,),
        is_available=False,
    ),
    Action("transfer", N_("转出"), NP_("done", "转出"), OPEN, Status.TRANSFERRED, _DESK, is_available=False),
    Action(
        "admin_fix",
        N_("更正"),
        NP_("done", "更正"),
        tuple(Status),
        None,
        (Role.ADMINISTRATOR,),
        is_available=False,
    ),
)

# Notes and reasons of these are between staff: the reporter's page, API and messages leave them out.
INTERNAL = frozenset({"accept", "dispatch", "reassign", "decline", "auto_return"})
ACTIONS: dict[str, Action] = {action.key: action for action in _ROWS}
SUBMIT_DONE = NP_("done", "提交报修")
CHANGED = NP_("done", "更新")
ROW_COUNT = len(_ROWS)


def allowed(status: str, roles: frozenset[Role]) -> list[Action]:
    """What these roles may do with a ticket in this state, in the table's order."""
    return [
        action
        for action in _ROWS
        if action.is_available and status in action.froms and roles.intersection(action.who)
    ]
