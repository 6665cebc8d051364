"""What is refused: the to-do list."""

from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.i18n import N_


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
