"""What identity refuses, and how it says so."""

from app.kit.errors import Conflict, Forbidden, Invalid, NotFound, TooMany, Unavailable
from app.kit.i18n import N_


class UnknownRole(Invalid):
    code = "identity.unknown_role"
    msgid = N_("没有“%(role)s”这个角色。请从列表中选择。")


class ScopeNotAllowed(Invalid):
    code = "identity.scope_not_allowed"
    msgid = N_("“%(role)s”不能按这种范围授予。请换一种范围。")


class BadPeriod(Invalid):
    code = "identity.bad_period"
    msgid = N_("结束时间要晚于开始时间。")
    NO_DATE = N_("日期看不懂，请从日历里选。")


class RoleNotHeld(NotFound):
    code = "identity.role_not_held"
    msgid = N_("这项授权已经收回了。")


class LastAdministrator(Conflict):
    code = "identity.last_administrator"
    msgid = N_("这是最后一位管理员，收回后就没有人能管理权限了。请先授予另一位。")


class WeakPassword(Invalid):
    code = "identity.weak_password"
    msgid = N_("新密码不合要求：至少 10 个字符，不含账号名，不是常见密码。")
    TOO_SHORT = N_("密码要有 10 到 128 个字符。")
    HAS_LOGIN = N_("密码里不要包含账号名。")
    TOO_COMMON = N_("这个密码太容易猜到，请换一个。")
    NOT_THE_SAME = N_("两次输入的新密码不一样。")


class WrongLogin(Invalid):
    code = "identity.wrong_login"
    msgid = N_("账号或密码不对。连续输错 10 次会锁定 15 分钟。")


class WrongPassword(Invalid):
    code = "identity.wrong_password"
    msgid = N_("当前密码不对。")


class LoginTaken(Conflict):
    code = "identity.login_taken"
    msgid = N_("这个账号名已经有人用了，请换一个。")


class NoPassword(NotFound):
    code = "identity.no_password"
    msgid = N_("您没有单独的登录密码，请用统一身份认证登录。")


class LoginLocked(TooMany):
    code = "identity.login_locked"
    msgid = N_("输错次数太多，请 %(minutes)s 分钟后再试，也可以改用统一身份认证登录。")


class NetworkLocked(TooMany):
    code = "identity.network_locked"
    msgid = N_("这个网络上输错的次数太多，请 %(minutes)s 分钟后再试，也可以改用统一身份认证登录。")


class NotStaff(Forbidden):
    code = "identity.not_staff"
    msgid = N_("您的账号还没有管理端的角色。如需开通，请联系管理员。")


class NotInDirectory(Forbidden):
    code = "identity.not_in_directory"
    msgid = N_("身份认证通过了，但校园名册里还没有您。名册每天更新，明天再试；仍不行请联系管理员。")


class NoLongerHere(Forbidden):
    code = "identity.no_longer_here"
    msgid = N_("您的学籍或任职已经结束，不能再绑定校园身份。仍可以访客身份继续使用。")


class AlreadyBound(Conflict):
    code = "identity.already_bound"
    msgid = N_("这个微信已经绑定了校园身份。要换一个身份，请先解除绑定。")


class OtherWeChatBound(Conflict):
    code = "identity.other_wechat_bound"
    msgid = N_("您的校园身份已经绑定了另一个微信。确认换绑后，原来的微信会收到通知。")


class NotBound(Conflict):
    code = "identity.not_bound"
    msgid = N_("这个微信没有绑定校园身份，不用解除。")


class NotInWeChat(Forbidden):
    code = "identity.not_in_wechat"
    msgid = N_("这一步需要在微信里打开。")


class ProveAgain(Forbidden):
    code = "identity.prove_again"
    msgid = N_("为了安全，请先重新验证身份。")


class RoundTripLost(Conflict):
    code = "identity.round_trip_lost"
    msgid = N_("这次验证已经失效，可能等得太久或者打开了两次。请重新开始。")


class SnapshotVisitor(Forbidden):
    code = "identity.snapshot_visitor"
    msgid = N_("现在打开的是微信的预览页，还不能办事。请点页面上的“使用完整服务”，再试一次。")


class SignInDeclined(Forbidden):
    code = "identity.sign_in_declined"
    msgid = N_("没有得到您的同意，还不能登录。需要时请重新进入。")


class WeChatSilent(Unavailable):
    code = "identity.wechat_silent"
    msgid = N_("暂时连不上微信，请过一会儿重新进入。")


class SsoSilent(Unavailable):
    code = "identity.sso_silent"
    msgid = N_("暂时连不上统一身份认证，请过几分钟再试。")


class SsoRefused(Forbidden):
    code = "identity.sso_refused"
    msgid = N_("统一身份认证没有通过，请重新登录一次。")


class InvitationGone(NotFound):
    code = "identity.invitation_gone"
    msgid = N_("这个邀请已经用过或者过期了。请让班长再发一个。")


class CannotInvite(Forbidden):
    code = "identity.cannot_invite"
    msgid = N_("只能邀请本班组在册的外聘人员。")


class DeviceUnknown(NotFound):
    code = "identity.device_unknown"
    msgid = N_("这台设备没有登记或已被停用，离线名单已清除。请联网后重新登记设备。")


class DeviceNotYours(Forbidden):
    code = "identity.device_not_yours"
    msgid = N_("只能停用自己登记的设备。要停用同事的，请联系管理这项业务的老师。")
