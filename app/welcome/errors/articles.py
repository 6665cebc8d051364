"""What is refused: guides."""

from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.i18n import N_


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
