"""What can be wrong with a request to the directory."""

from app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from app.kit.i18n import N_


class PersonNotFound(NotFound):
    code = "directory.person_not_found"
    msgid = N_("没有找到这个人。请核对学号或工号。")


class PlaceNotFound(NotFound):
    code = "directory.place_not_found"
    msgid = N_("没有找到这个地点。请重新选择楼栋和房间。")


class OrgUnitNotFound(NotFound):
    code = "directory.org_unit_not_found"
    msgid = N_("没有找到这个部门或班组。")


class CodeTaken(Conflict):
    code = "directory.code_taken"
    msgid = N_("代码 %(code)s 已经有了，请换一个。")


class NumberTaken(Conflict):
    code = "directory.number_taken"
    msgid = N_("学号或工号 %(number)s 已经属于另一个人。")


class BedTaken(Conflict):
    code = "directory.bed_taken"
    msgid = N_("这张床在这段时间里已经有人住。请先办理退宿。")


class AlreadyHoused(Conflict):
    code = "directory.already_housed"
    msgid = N_("这个人在这段时间里已经有床位。请先办理退宿。")


class AlreadyAffiliated(Conflict):
    code = "directory.already_affiliated"
    msgid = N_("这个人已经以同样的身份在这个部门里。")


class NotAVisitor(Conflict):
    code = "directory.not_a_visitor"
    msgid = N_("只有访客可以并入另一个人。")


class DatesReversed(Invalid):
    code = "directory.dates_reversed"
    msgid = N_("结束日期不能早于开始日期。")


class UnknownKind(Invalid):
    code = "directory.unknown_kind"
    msgid = N_("没有“%(kind)s”这个类别。")


class NameMissing(Invalid):
    code = "directory.name_missing"
    msgid = N_("请填写名称。")


class WrongParent(Invalid):
    code = "directory.wrong_parent"
    msgid = N_("班组必须放在一个中心（unit）下面，部门不能放在自己下面。")


class WorkbookInvalid(Invalid):
    """`details` maps a sheet's title to sentences that begin with the row number."""

    code = "directory.workbook_invalid"
    msgid = N_("表格里有 %(count)s 处需要修改，什么都还没有导入。")


class ImportNotFound(NotFound):
    code = "directory.import_not_found"
    msgid = N_("没有找到这次导入，请回到导入列表重新选择。")


class ImportMoved(Conflict):
    code = "directory.import_moved"
    msgid = N_("这次导入刚刚有人处理过了，请重新载入看结果。")


class ImportStale(Conflict):
    code = "directory.import_stale"
    msgid = N_("检查之后名单又有变化，什么都没有写入。请重新上传同一个文件，核对新的结果。")


class ImportNeedsSecond(Forbidden):
    code = "directory.import_needs_second"
    msgid = N_("这次会移出 %(count)s 人，需要另一位有权限的同事来确认。")


class ImportFileGone(NotFound):
    code = "directory.import_file_gone"
    msgid = N_("名单文件已按期限删除。需要时请重新上传检查。")


class FileMissing(Invalid):
    code = "directory.file_missing"
    msgid = N_("请选择要导入的 .xlsx 文件（20 MB 以内）。")


class ScopeUnknown(Invalid):
    """A scope is never guessed: who is missing from the whole school is another question than who is from a college."""

    code = "directory.scope_unknown"
    msgid = N_("“%(label)s”没有这个选项了，请重新打开导入页再选一次。")
