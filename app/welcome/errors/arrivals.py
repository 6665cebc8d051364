"""What is refused: arrival and shuttles."""

from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.i18n import N_


class SlotFull(Conflict):
    code = "welcome.slot_full"
    msgid = N_("这个时段只剩 %(left)s 个位置，没有登记成功。请换一个时段，或者减少同行人数。")


class SlotNotFound(NotFound):
    code = "welcome.slot_not_found"
    msgid = N_("这个时段已经不能登记了，请重新选择。")


class StationNotFound(NotFound):
    code = "welcome.station_not_found"
    msgid = N_("没有找到这个站点，请刷新后重新选择。")


class ArrivalInvalid(Invalid):
    code = "welcome.arrival_invalid"
    msgid = N_("请填迎新日期内的到达时间，同行 0～6 人，行李 0～20 件。")


class ArrivalNotFound(NotFound):
    code = "welcome.arrival_not_found"
    msgid = N_("您还没有登记到站，请先选择站点和时段。")


class ArrivalChanged(Conflict):
    code = "welcome.arrival_changed"
    msgid = N_("登记内容刚刚有变化，请看一下最新的时间再操作。")


class ArrivalOver(Conflict):
    code = "welcome.arrival_over"
    msgid = N_("您已上车、已报到或不再报到，登记不能再改。如有出入请找现场工作人员。")


class SlotInvalid(Invalid):
    code = "welcome.slot_invalid"
    msgid = N_("请核对填写：日期在到站日期之内，结束晚于开始且不超过 12 小时，名额 1～5000，名称和类别必填。")


class SlotTwin(Conflict):
    code = "welcome.slot_twin"
    msgid = N_("已经有同名的站点，或这个站点同一时间已有时段。请改时间或直接调整原来的。")


class SlotSmallerThanTaken(Conflict):
    code = "welcome.slot_smaller_than_taken"
    msgid = N_("已登记 %(taken)s 人，名额不能比这更少。请先安排他们改时段。")


class SlotChanged(Conflict):
    code = "welcome.slot_changed"
    msgid = N_("这个时段刚刚被同事改过或停开了，请重新载入后再调整。")


class ShuttleNotFound(NotFound):
    code = "welcome.shuttle_not_found"
    msgid = N_("没有找到这班车，请从接站调度重新进入。")


class ShuttleInvalid(Invalid):
    code = "welcome.shuttle_invalid"
    msgid = N_("请填发车时间、座位数（1～80）和车牌。")


class ShuttleFull(Conflict):
    code = "welcome.shuttle_full"
    msgid = N_("这班车只剩 %(left)s 个座位，这一家 %(heads)s 人坐不下，请安排下一班。")


class ShuttleGone(Conflict):
    code = "welcome.shuttle_gone"
    msgid = N_("这班车已发车或已取消，请选择下一班。")


class AlreadyBoarded(Conflict):
    code = "welcome.already_boarded"
    msgid = N_("这名新生 %(time)s 已经上了 %(plate)s，不用再扫。")


class ReasonNeeded(Invalid):
    code = "welcome.reason_needed"
    msgid = N_("请写明原因（4～100 个字），会和操作人一起留存。")


class BoardingNotFound(NotFound):
    code = "welcome.boarding_not_found"
    msgid = N_("这名新生不在这班车上，可能刚刚已经撤销。请刷新页面。")
