"""What is refused: lists that were uploaded."""

from app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from app.kit.i18n import N_


class ListTooLong(Invalid):
    code = "welcome.list_too_long"
    msgid = N_("名单超过 %(most)s 行。请按学院分成几个文件再导入。")


class ListEmpty(Invalid):
    code = "welcome.list_empty"
    msgid = N_("名单里一行也没有读到。请核对表头是不是在前五行、数据在不在第一张表。")


class ImportNotFound(NotFound):
    code = "welcome.import_not_found"
    msgid = N_("没有找到这次导入，请回到导入列表重新选择。")


class ImportMoved(Conflict):
    code = "welcome.import_moved"
    msgid = N_("这次导入刚刚有人处理过了，请重新载入看结果。")


class ImportStale(Conflict):
    code = "welcome.import_stale"
    msgid = N_("检查之后名单又有变化，什么都没有写入。请重新上传同一个文件，核对新的结果。")


class ImportNeedsSecond(Forbidden):
    code = "welcome.import_needs_second"
    msgid = N_("这次会让 %(count)s 人转为放弃入学，需要另一位有权限的同事来确认。")


class ImportFileGone(NotFound):
    code = "welcome.import_file_gone"
    msgid = N_("名单文件已按期限删除。需要时请重新上传检查。")


class FileMissing(Invalid):
    code = "welcome.file_missing"
    msgid = N_("请选择要导入的 .xlsx 文件（20 MB 以内）。")
