"""What the portal refuses, and how it says so."""

from app.kit.errors import Conflict, Invalid, NotFound, Unavailable
from app.kit.i18n import N_


class NoSuchModule(NotFound):
    code = "portal.no_such_module"
    msgid = N_("没有这个服务，可能已经下架。请从首页重新进入。")


class ModuleSuspended(Unavailable):
    code = "portal.module_suspended"
    msgid = N_("“%(title)s”暂停服务。%(note)s")


class ModuleChanged(Conflict):
    code = "portal.module_changed"
    msgid = N_("刚刚有人先改了“%(title)s”的设置，请重新载入后再改。")


class BadState(Invalid):
    code = "portal.bad_state"
    msgid = N_("没有这种状态，请从列表中选择。")


class NoteMissing(Invalid):
    code = "portal.note_missing"
    msgid = N_("暂停服务要写一句原因，大家会在首页看到。")


class AudienceMissing(Invalid):
    code = "portal.audience_missing"
    msgid = N_("试用要选好给哪些人试用。")
