"""What welcome refuses."""

from app.kit.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from app.kit.i18n import N_


class NoAdmission(NotFound):
    code = "welcome.no_admission"
    msgid = N_("这里是新生的页面。您还没有认领录取信息，请先在“迎新”首页认领。")


class AdmissionNotFound(NotFound):
    code = "welcome.admission_not_found"
    msgid = N_("没有找到这名新生，可能已不在您负责的范围。请核对后重新查找。")


class NoSeason(NotFound):
    code = "welcome.no_season"
    msgid = N_("现在没有开放的迎新批次，请留意学校通知的开放日期。")


# claims, disputes, guardians


class ClaimFailed(Invalid):
    """The one answer to every claim that does not succeed, whatever the reason."""

    code = "welcome.claim_failed"
    msgid = N_(
        "没有认领成功：填写的内容和录取信息对不上。请核对姓名、号码、证件后六位，以及通知书编号或短信验证码。"
        "反复核对仍不行，可以在下面提交申诉。"
    )


class ClaimLimit(TooMany):
    code = "welcome.claim_limit"
    msgid = N_("一小时内最多试 5 次，请过一小时再试。着急办理可以提交申诉，由学院核实。")


class ClaimTooFast(Invalid):
    code = "welcome.claim_too_fast"
    msgid = N_("现在认领的人很多，请核对一遍填写的内容，十秒后再点一次。")


class ClaimIncomplete(Invalid):
    code = "welcome.claim_incomplete"
    msgid = N_("还有几项没有填，已填的内容都在。")
    MISSING = N_("请填写这一项。")
    SIX = N_("请填证件号码的最后六位。")


class ClaimClosed(NotFound):
    code = "welcome.claim_closed"
    msgid = N_("现在还不能认领，请在学校通知的开放日期之后再来。")


class AlreadySomebody(Conflict):
    code = "welcome.already_somebody"
    msgid = N_("这个微信已经绑定了校园身份，不能再认领。请用本人的微信打开。")


class NeedsWeChat(Forbidden):
    code = "welcome.needs_wechat"
    msgid = N_("认领需要在微信里打开这个页面。")


class AlarmClosed(Conflict):
    code = "welcome.alarm_closed"
    msgid = N_("这条告警已经有人处理过了。")


class DisputeNotFound(NotFound):
    code = "welcome.dispute_not_found"
    msgid = N_("没有找到这份申诉，可能已不在您负责的范围。")


class DisputeSettled(Conflict):
    code = "welcome.dispute_settled"
    msgid = N_("这份申诉刚刚有人处理过了，请重新载入看结果。")


class DisputeLimit(TooMany):
    code = "welcome.dispute_limit"
    msgid = N_("您的申诉正在等待核实，请留意消息，不用重复提交。")


class DisputeIncomplete(Invalid):
    code = "welcome.dispute_incomplete"
    msgid = N_("还有几项没有填，已填的内容都在。")
    MISSING = N_("请填写这一项。")
    PHONE = N_("请填写能接通的电话号码。")


# --- dorm, roommates, cards


class ClaimFirst(Forbidden):
    code = "welcome.claim_first"
    msgid = N_("认领录取信息之后才能使用这一步。请先在“迎新”首页认领。")


class DormNotShownYet(Conflict):
    code = "welcome.dorm_not_shown_yet"
    msgid = N_("宿舍从 %(day)s 起可以查看，请到时再来。")


class RoommateNotFound(NotFound):
    code = "welcome.roommate_not_found"
    msgid = N_("没有找到这位室友，可能床位有调整。请回到“我的宿舍”重新查看。")


class ExchangeNotFound(NotFound):
    code = "welcome.exchange_not_found"
    msgid = N_("没有找到这次交换，可能已经结束。请回到“我的宿舍”重新查看。")


class ExchangeMoved(Conflict):
    code = "welcome.exchange_moved"
    msgid = N_("这次交换刚刚已经处理过，请重新载入后查看。")


class ContactMissing(Conflict):
    code = "welcome.contact_missing"
    msgid = N_("交换是双向的。请先填写自己的%(channel)s，再来交换。")


class ContactInvalid(Invalid):
    code = "welcome.contact_invalid"
    msgid = N_("这个%(channel)s看起来不完整，请核对后再保存。")


class ConsentMissing(Invalid):
    code = "welcome.consent_missing"
    msgid = N_("请先读完用途说明并勾选同意。不同意也不影响报到。")


class NicknameRefused(Invalid):
    code = "welcome.nickname_refused"
    msgid = N_("昵称请用 12 个字以内的文字，不带号码、网址和联系方式。")


class BlockNotFound(NotFound):
    code = "welcome.block_not_found"
    msgid = N_("没有找到这条屏蔽记录，可能已经解除。")


class ReportIncomplete(Invalid):
    code = "welcome.report_incomplete"
    msgid = N_("请选一个举报原因；说明请在 200 字以内。")


class CardNotFound(NotFound):
    code = "welcome.card_not_found"
    msgid = N_("没有找到这张报到卡，可能已经换发。请让新生打开“报到卡”出示最新的一张。")


class RouteInvalid(Invalid):
    code = "welcome.route_invalid"
    msgid = N_("地图链接要以 https:// 开头，路线说明请在 120 字以内。")


class CounsellorNotFound(NotFound):
    code = "welcome.counsellor_not_found"
    msgid = N_("没有找到这位辅导员，请先在通讯录里给班级任命辅导员。")


# --- companions and their moderation


class BoardOff(Conflict):
    code = "welcome.board_off"
    msgid = N_("同城结伴暂时停用，已发的内容都保留着。恢复后会在这里说明。")


class TextOff(Conflict):
    code = "welcome.text_off"
    msgid = N_("现在暂停填写文字和发消息，其他都可以照常使用。")


class TextRefused(Invalid):
    code = "welcome.text_refused"
    msgid = N_("没有提交：文字里有%(found)s。为了安全，这里不能留号码、账号和网址，请改一下再提交。")


class TextMissing(Invalid):
    code = "welcome.text_missing"
    msgid = N_("请写一点内容，%(limit)s 字以内。")


class PostIncomplete(Invalid):
    code = "welcome.post_incomplete"
    msgid = N_("有几处需要改一下，已填的内容都在。")


class PostAlreadyOpen(Conflict):
    code = "welcome.post_already_open"
    msgid = N_("您已经有一条结伴信息。要改行程，请先关闭那一条再发新的。")


class PostNotFound(NotFound):
    code = "welcome.post_not_found"
    msgid = N_("没有找到这条结伴信息，可能已结束或已关闭。请回到列表查看。")


class PostMoved(Conflict):
    code = "welcome.post_moved"
    msgid = N_("这条结伴信息刚刚有变化，请重新载入后查看。")


class ThreadNotFound(NotFound):
    code = "welcome.thread_not_found"
    msgid = N_("没有找到这段对话，可能已经结束。请回到“同城结伴”查看。")


class ThreadMoved(Conflict):
    code = "welcome.thread_moved"
    msgid = N_("这段对话现在不能这样操作，请重新载入后查看。")


class CompanionMuted(Forbidden):
    code = "welcome.companion_muted"
    msgid = N_("因为违反结伴约定，您在 %(until)s 前不能发布和发消息。如有异议，请联系辅导员。")


class MatterNotFound(NotFound):
    code = "welcome.matter_not_found"
    msgid = N_("没有找到这一条，可能已超过保存期限。请回到队列查看。")


class MatterDecided(Conflict):
    code = "welcome.matter_decided"
    msgid = N_("这一条刚刚已经有人处理了，请重新载入队列。")


class DecisionReasonMissing(Invalid):
    code = "welcome.decision_reason_missing"
    msgid = N_("请写明理由或核实的经过（2 到 100 字），当事人会看到。")


class NothingToRelease(Conflict):
    code = "welcome.nothing_to_release"
    msgid = N_("名单里没有和这份申诉相符的考生号，不能通过。请先核对号码，或写明原因后退回。")


class GuardianNotFound(NotFound):
    code = "welcome.guardian_not_found"
    msgid = N_("没有找到这位家长的申请，可能已经结束。")


class NumbersInvalid(Invalid):
    """`details` has one sentence for each line."""

    code = "welcome.numbers_invalid"
    msgid = N_("文件里有 %(count)s 行需要修改，什么都还没有写入。")


class MuteDaysInvalid(Invalid):
    code = "welcome.mute_days_invalid"
    msgid = N_("禁言天数请填 1 到 30。")


class WordInvalid(Invalid):
    code = "welcome.word_invalid"
    msgid = N_("词请在 2 到 20 个字之间。")


# --- Arrival and shuttles


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
    msgid = N_("请核对填写：结束晚于开始且不超过 12 小时，名额 1～5000，名称和类别必填。")


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


# --- Check-in at the desk


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


class DeviceUnknown(NotFound):
    code = "welcome.device_unknown"
    msgid = N_("这台设备没有登记或已被停用，离线名单已清除。请联网后重新登记设备。")


class StatusChanged(Conflict):
    code = "welcome.status_changed"
    msgid = N_("这名新生现在是“%(status)s”，刚刚有人先改了。请重新载入后再操作。")


# to-dos, quiz, guides, verification, fees and the green channel


class ItemNotFound(NotFound):
    code = "welcome.item_not_found"
    msgid = N_("没有找到这个待办事项，可能已经调整。请返回列表查看。")


class ItemInvalid(Invalid):
    code = "welcome.item_invalid"
    msgid = N_("有几处需要改一下，已填的内容都在。")


class ItemNotTicked(Conflict):
    code = "welcome.item_not_ticked"
    msgid = N_("这一项办好后会自动完成，不用自己勾选。")


class ItemNotYet(Conflict):
    code = "welcome.item_not_yet"
    msgid = N_("还没到办这一项的时候，请先完成前面的事项，或等到开始日期。")


class QuizNotFound(NotFound):
    code = "welcome.quiz_not_found"
    msgid = N_("学校还没有开放安全知识测试，请留意通知。")


class QuizInvalid(Invalid):
    code = "welcome.quiz_invalid"
    msgid = N_("有几处需要改一下，已填的内容都在。")


class QuizClosed(Conflict):
    code = "welcome.quiz_closed"
    msgid = N_("现在不在测试的开放时间，请在学校通知的日期内参加。")


class QuizEmpty(Conflict):
    code = "welcome.quiz_empty"
    msgid = N_("题库还没有准备好，请稍后再来。")


class QuizAlreadyPassed(Conflict):
    code = "welcome.quiz_already_passed"
    msgid = N_("您已经通过测试，不用再考。证书在测试首页下载。")


class QuizCoolingDown(Conflict):
    code = "welcome.quiz_cooling_down"
    msgid = N_("上次没有通过，请先看看解析，%(at)s 以后可以再考。")


class AttemptNotFound(NotFound):
    code = "welcome.attempt_not_found"
    msgid = N_("没有找到这份试卷，请回到测试首页。")


class AttemptHandedIn(Conflict):
    code = "welcome.attempt_handed_in"
    msgid = N_("这份试卷已经交过了，成绩不会改变。请返回查看结果。")


class CertificateNotFound(NotFound):
    code = "welcome.certificate_not_found"
    msgid = N_("没有找到这个编号的证书，请核对编号。")


class BankUnreadable(Invalid):
    code = "welcome.bank_unreadable"
    msgid = N_("这个文件打不开或太大。请用模板另存为 .xlsx，最多 5000 题、5 MB。")


class BankInvalid(Invalid):
    """`details` has one sentence for each cell."""

    code = "welcome.bank_invalid"
    msgid = N_("表里有 %(count)s 个格子需要修改，什么都还没有写入。")


class ArticleNotFound(NotFound):
    code = "welcome.article_not_found"
    msgid = N_("没有找到这篇指南，可能已经下架。请返回列表查看。")


class ArticleInvalid(Invalid):
    code = "welcome.article_invalid"
    msgid = N_("有几处需要改一下，已填的内容都在。")


class ArticleTaken(Conflict):
    code = "welcome.article_taken"
    msgid = N_("已经有这个编码的指南，请换一个编码。")


class ArticleMoved(Conflict):
    code = "welcome.article_moved"
    msgid = N_("刚刚有人保存了新的一版，您写的还在。请对照新版后再保存。")


class NothingToCheck(Invalid):
    code = "welcome.nothing_to_check"
    msgid = N_("请填要查的号码、网址、户名或账号，最多 200 字。")


class OfficialInvalid(Invalid):
    code = "welcome.official_invalid"
    msgid = N_("有几处需要改一下，已填的内容都在。")


class OfficialTaken(Conflict):
    code = "welcome.official_taken"
    msgid = N_("这一项已经在名单里了。")


class OfficialNotFound(NotFound):
    code = "welcome.official_not_found"
    msgid = N_("没有找到这一项，可能已经移出名单。")


class FeeNotFound(NotFound):
    code = "welcome.fee_not_found"
    msgid = N_("没有找到这项费用，可能已经调整。请返回列表查看。")


class FeeInvalid(Invalid):
    code = "welcome.fee_invalid"
    msgid = N_("有几处需要改一下，已填的内容都在。")


class FeeNotPayable(Conflict):
    code = "welcome.fee_not_payable"
    msgid = N_("这项费用已经交过，或不在这里交。请返回列表查看。")


class DeferralNotFound(NotFound):
    code = "welcome.deferral_not_found"
    msgid = N_("没有找到这份申请，可能已不在您负责的范围。")


class DeferralIncomplete(Invalid):
    code = "welcome.deferral_incomplete"
    msgid = N_("还有几项没有填，已填的内容都在。")
    EITHER = N_("请写明情况，或填贷款受理证明的回执码，两者填一项即可。")
    WHY = N_("请写明原因，申请人会看到。")


class AlreadyAsked(Conflict):
    code = "welcome.deferral_already_asked"
    msgid = N_("您已经提交过申请，请等待审核，不用重复提交。")


class DeferralDecided(Conflict):
    code = "welcome.deferral_decided"
    msgid = N_("这份申请已经处理过，或已撤回，请重新载入看结果。")
