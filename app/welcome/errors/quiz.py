"""What is refused: the safety quiz and its bank."""

from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.i18n import N_


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
