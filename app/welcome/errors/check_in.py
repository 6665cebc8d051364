"""What is refused: check-in at the desk."""

from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.i18n import N_


class StepNotFound(NotFound):
    code = "welcome.step_not_found"
    msgid = N_("没有这个报到环节，可能刚被停用。请刷新页面。")


class StepInvalid(Invalid):
    code = "welcome.step_invalid"
    msgid = N_("请核对：代号用小写字母，名称 1～30 个字，报到环节只有一个而且只办一次。")


class AlreadyMarked(Conflict):
    code = "welcome.already_marked"
    msgid = N_("“%(step)s”已由 %(who)s 在 %(time)s 办过，没有重复登记。")


class AlreadyUndone(Conflict):
    code = "welcome.already_undone"
    msgid = N_("这一步已由 %(who)s 在 %(time)s 撤销过。")


class StepsMissing(Conflict):
    code = "welcome.steps_missing"
    msgid = N_("还有必办环节没有完成：%(steps)s。办完后再登记报到。")


class CannotRegister(Conflict):
    code = "welcome.cannot_register"
    msgid = N_("这名新生现在是“%(status)s”，不能登记报到。请先在“未报到名单”里恢复。")


class UndoFinalFirst(Conflict):
    code = "welcome.undo_final_first"
    msgid = N_("已经登记报到。要撤销必办环节，请先撤销报到。")


class SequenceReused(Conflict):
    code = "welcome.sequence_reused"
    msgid = N_("这台设备的离线序号对不上，这一条没有登记。请记下姓名，刷新页面后重新办理。")


class StatusChanged(Conflict):
    code = "welcome.status_changed"
    msgid = N_("这名新生现在是“%(status)s”，刚刚有人先改了。请重新载入后再操作。")


class AnotherAuthor(Conflict):
    code = "welcome.another_author"
    msgid = N_("这条登记是另一位同事记的，没有用您的名义提交。它还在这台设备里，该同事登录后会自动同步。")
