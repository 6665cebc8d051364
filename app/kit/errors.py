"""The one family of errors that rules raise and doors answer with."""

from typing import Any, ClassVar

from app.kit.i18n import N_


class DomainError(Exception):
    """Something a person can understand and act on.

    `code` is what programs switch on (`package.snake`), `msgid` the Chinese sentence with
    %(name)s gaps, `params` what fills them, `details` the errors of single fields.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "kit.error"
    msgid: ClassVar[str] = N_("没有办成。请稍后再试。")

    def __init__(self, *, details: dict[str, list[str]] | None = None, **params: Any) -> None:
        super().__init__(self.code)
        self.params = params
        self.details = details


class Invalid(DomainError):
    """The input breaks a rule. 422."""

    status = 422
    code = "kit.invalid"
    msgid = N_("有几处需要改一下，已填的内容都在。")


class Unauthorized(DomainError):
    """Nobody is signed in. 401."""

    status = 401
    code = "kit.signed_out"
    msgid = N_("请先登录。")


class Forbidden(DomainError):
    """Signed in, but not allowed. 403."""

    status = 403
    code = "kit.forbidden"
    msgid = N_("您没有办这件事的权限。如需开通，请联系管理员。")


class NotFound(DomainError):
    """Absent, or somebody else's: the answer is the same. 404."""

    status = 404
    code = "kit.not_found"
    msgid = N_("没有找到。可能已删除，或者链接不完整。")


class Conflict(DomainError):
    """The state moved on. 409; the sentence names what happened instead."""

    status = 409
    code = "kit.conflict"
    msgid = N_("刚刚有人先改了，请重新载入后再试。")


class TooMany(DomainError):
    """A limit was reached. 429."""

    status = 429
    code = "kit.too_many"
    msgid = N_("操作太频繁了，请过一会儿再试。")


class Unavailable(DomainError):
    """An outside system or a part of ours is away for now. 503."""

    status = 503
    code = "kit.unavailable"
    msgid = N_("暂时连不上相关系统，内容没有丢，请过几分钟再试。")
