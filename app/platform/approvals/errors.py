"""What can be wrong in approvals."""

from app.kit.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from app.kit.i18n import N_


class DefinitionMissing(NotFound):
    code = "approvals.definition_missing"
    msgid = N_("这个事项还没有发布审批流程，请联系管理员。")


class CaseMissing(NotFound):
    code = "approvals.case_missing"
    msgid = N_("没有找到这个审批。可能链接不完整，请从待办重新进入。")


class CaseEndedAlready(Conflict):
    code = "approvals.case_ended"
    msgid = N_("这个审批已经结束（%(status)s），不能再操作。")


class TaskDoneAlready(Conflict):
    code = "approvals.task_done"
    msgid = N_("这一步已经办过了或不再需要您办理，请刷新看看最新进展。")


class NotYourTask(Forbidden):
    code = "approvals.not_your_task"
    msgid = N_("这一步不是由您办理的。")


class OwnCase(Forbidden):
    code = "approvals.own_case"
    msgid = N_("不能替别人审批自己的申请，也不能替别人审批他本人的申请，请由本人或其他审批人办理。")


class AlreadyRunning(Conflict):
    code = "approvals.already_running"
    msgid = N_("这件事已经在审批中了，不用重复提交。")


class FormIncomplete(Invalid):
    code = "approvals.form_incomplete"
    msgid = N_("有几项没有填好，请检查后再提交。")


class FieldNotYours(Forbidden):
    code = "approvals.field_not_yours"
    msgid = N_("“%(field)s”不能在这一步修改。")


class CannotReturnThere(Invalid):
    code = "approvals.cannot_return_there"
    msgid = N_("不能退回到这个环节，请重新选择。")


class CannotTakeBack(Conflict):
    code = "approvals.cannot_take_back"
    msgid = N_("后面的人已经办理，不能再拿回。如需更改，请联系正在办理的人退回。")


class PersonUnfit(Invalid):
    code = "approvals.person_unfit"
    msgid = N_("不能交给这个人：可能已离校、就是本人或申请人，或已经在这一步里。请另选一位。")


class DeputyToSelf(Invalid):
    code = "approvals.deputy_to_self"
    msgid = N_("您在代人办理，不能把这一步转给自己或加上自己。请直接代为办理，或交给其他人。")


class LastSigner(Invalid):
    code = "approvals.last_signer"
    msgid = N_("这一步至少要留一个人审批。")


class NotAddedByYou(Forbidden):
    code = "approvals.not_added_by_you"
    msgid = N_("只能减去自己加的人。")


class CannotClaim(Conflict):
    code = "approvals.cannot_claim"
    msgid = N_("这一步不用认领，或已有人认领。请刷新看看。")


class UrgedAlready(TooMany):
    code = "approvals.urged_already"
    msgid = N_("刚刚催办过了，两小时后可以再催。")


class ReasonMissing(Invalid):
    code = "approvals.reason_missing"
    msgid = N_("请写明原因，让对方知道为什么。")


class CommentTooLong(Invalid):
    code = "approvals.comment_too_long"
    msgid = N_("意见最多 500 字，请写短一些。")


class TooManyFiles(Invalid):
    code = "approvals.too_many_files"
    msgid = N_("一条意见最多 %(photos)s 张照片、%(files)s 个文件，请去掉一些，或分几条发送。")


class CannotJumpThere(Invalid):
    code = "approvals.cannot_jump_there"
    msgid = N_("只能跳到并行之外的审批环节。")


class DeputyUnfit(Invalid):
    code = "approvals.deputy_unfit"
    msgid = N_("代理人要另选一位在校人员，时间要先后正确，最长一年。")


class DefinitionFaulty(Invalid):
    code = "approvals.definition_faulty"
    msgid = N_("流程有 %(count)s 处需要改，改好后再上传。")


class SamePerson(Forbidden):
    code = "approvals.same_person"
    msgid = N_("制作和发布要两个人，请另一位管理员发布。")


class PersonUnknown(Invalid):
    code = "approvals.person_unknown"
    msgid = N_("没有找到这个工号，请核对后再填。")


class LintMissing(Conflict):
    code = "approvals.lint_missing"
    msgid = N_("正在各学院试走这个流程，通常不到一分钟。请稍后刷新再发布。")


class FindingsLeft(Conflict):
    code = "approvals.findings_left"
    msgid = N_("试走发现 %(count)s 处找不到审批人或会自动不批。请先处理，或勾选“已知晓”再发布。")


class BodyUnreadable(Invalid):
    code = "approvals.body_unreadable"
    msgid = N_("文件不是有效的 JSON：%(why)s。请检查括号、引号和逗号后再上传。")


class CodeWrong(Invalid):
    code = "approvals.code_wrong"
    msgid = N_("流程代码用小写字母、数字、点和下划线，字母开头，最多 60 个字符，例如 leave.default。")
