"""What welcome tells people of their arrival. Fields are of the shared templates (samples/wechat-templates.json)."""

from collections.abc import Mapping

from app.kit.i18n import N_
from app.kit.module import MessageKind

_ARRIVAL = "/m/welcome/arrival"


def _fields(phrase: str, tip: str) -> Mapping[str, str]:
    return {
        "thing1": "到站登记",
        "phrase2": phrase,
        "time3": "%(time)s",
        "thing4": "%(place)s",
        "thing5": tip,
    }


KINDS = (
    MessageKind(
        "welcome.slot_moved",
        N_("接站时间有变"),
        "arrival_progress",
        _fields("时间有变", "请点开确认或改时段"),
        N_("%(place)s 的接站时间改为 %(time)s，请确认或另选时段。"),
        _ARRIVAL,
        is_urgent=True,
        can_be_muted=False,
    ),
    MessageKind(
        "welcome.slot_closed",
        N_("接站车次已停开"),
        "arrival_progress",
        _fields("已停开", "请点开另选时段"),
        N_("%(place)s %(time)s 的接站车不开了，请另选时段。"),
        _ARRIVAL,
        is_urgent=True,
        can_be_muted=False,
    ),
    MessageKind(
        "welcome.registered",
        N_("报到完成"),
        "arrival_progress",
        {
            "thing1": "现场报到",
            "phrase2": "已报到",
            "time3": "%(time)s",
            "thing4": "%(place)s",
            "thing5": "欢迎您，后续安排见迎新页面",
        },
        N_("您已在%(place)s报到点完成报到，欢迎您。如非本人办理，请联系辅导员。"),
        "/m/welcome/",
        answers_own_act=True,
        can_be_muted=False,
    ),
)
