"""What is refused: dorm, roommates, cards, companions and their moderation."""

from app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from app.kit.i18n import N_


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
