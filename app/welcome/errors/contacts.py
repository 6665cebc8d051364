"""What is refused: 官方核验."""

from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.i18n import N_


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
