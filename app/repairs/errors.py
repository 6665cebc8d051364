"""What can be wrong with a repair, in words that say what to do."""

from app.kit.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from app.kit.i18n import N_


class TicketNotFound(NotFound):
    code = "repairs.ticket_not_found"
    msgid = N_("没有找到这张报修单。请核对单号，或从“我的报修”进入。")


class PlaceUnknown(Invalid):
    code = "repairs.place_unknown"
    msgid = N_("没有找到这个地点。请重新选择楼栋和房间。")


class CategoryUnknown(Invalid):
    code = "repairs.category_unknown"
    msgid = N_("这个故障类别已停用。请重新选一个，其余内容都在。")


class DoorCodeUnknown(NotFound):
    code = "repairs.door_code_unknown"
    msgid = N_("这个门牌码已失效或不存在。您可以直接选择楼栋和房间报修。")


class ReasonUnknown(Invalid):
    code = "repairs.reason_unknown"
    msgid = N_("请选择一个原因。")


class ReasonTextTooShort(Invalid):
    code = "repairs.reason_text_too_short"
    msgid = N_("请写明原因（至少 5 个字），对方会看到。")


class VisitWindowInvalid(Invalid):
    code = "repairs.visit_window_invalid"
    msgid = N_("上门时间段不对：结束要晚于开始，并且不能是过去的时间。")


class ContactMissing(Invalid):
    code = "repairs.contact_missing"
    msgid = N_("请留一个手机号，师傅上门前好联系您。")


class ActionUnavailable(Forbidden):
    code = "repairs.action_unavailable"
    msgid = N_("“%(action)s”还没有开通。")


class ActionNotYours(Forbidden):
    code = "repairs.action_not_yours"
    msgid = N_("“%(action)s”要由%(who)s来办。")


class TicketMovedOn(Conflict):
    """The state changed first; the sentence names who did what and when."""

    code = "repairs.ticket_moved_on"
    msgid = N_("%(who)s %(ago)s已%(done)s，请重新载入后再试。")


class ActionNotNow(Conflict):
    code = "repairs.action_not_now"
    msgid = N_("报修单现在是“%(status)s”，不能%(action)s。")


class WorkerNotSuitable(Invalid):
    code = "repairs.worker_not_suitable"
    msgid = N_("这位师傅不在可派的班组里。请换一位。")


class AfterPhotoMissing(Invalid):
    code = "repairs.after_photo_missing"
    msgid = N_("这类维修完工时要拍一张修好后的照片。")


class HazardNeedsCare(Conflict):
    code = "repairs.hazard_needs_care"
    msgid = N_("这张单涉及安全，不能驳回。请立即派人查看。")


class HoldTooLong(Invalid):
    code = "repairs.hold_too_long"
    msgid = N_("按这个原因最多挂起 %(days)s 天，请改一个更近的日期。")


class UrgedRecently(TooMany):
    code = "repairs.urged_recently"
    msgid = N_("刚刚催过了，师傅和调度都已收到。%(minutes)s 分钟后可以再催。")


class UrgedEnough(TooMany):
    code = "repairs.urged_enough"
    msgid = N_("今天已经催了 3 次，调度都看得到。着急请拨打 24 小时电话。")


class ReworkTooLate(Conflict):
    code = "repairs.rework_too_late"
    msgid = N_("办结已超过 7 天，不能直接返修。请重新报修，会关联这张单。")


class RatedAlready(Conflict):
    code = "repairs.rated_already"
    msgid = N_("这次维修您已经评价过了，谢谢。")


class TooManyReports(TooMany):
    code = "repairs.too_many_reports"
    msgid = N_(
        "您 10 分钟内已报修 %(count)s 次。如果是同一件事，请在原报修单里补充；紧急请拨打 24 小时电话。"
    )


class TooManyPhotos(Invalid):
    code = "repairs.too_many_photos"
    msgid = N_("照片最多 6 张，请去掉几张。")


class PhoneUnknown(NotFound):
    code = "repairs.phone_unknown"
    msgid = N_("这张单没有留电话，本人档案里也没有。请通过公众号消息联系。")


class NoDoorLabels(NotFound):
    code = "repairs.no_door_labels"
    msgid = N_("这栋楼（或这一层）还没有门牌码，请先点“生成缺少的码”，再打印。")
