"""What the portal tells the house."""

from app.kit.module import MenuItem, Module, Permission, Role
from app.platform.portal.pages import frame
from app.platform.portal.pages.desk import desk
from app.platform.portal.pages.phone import landing, phone
from app.platform.portal.pages.style import style

module = Module(
    key="portal",
    title="首页",
    blueprints=(landing, phone, desk, style),
    section="系统",
    menu=(MenuItem("微应用", "/desk/modules", "portal.manage", icon="grid", order=900),),
    permissions=(Permission("portal.manage", "开放、暂停微应用，排列首页"),),
    roles=(Role("portal.administrator", "首页管理员", ("portal.manage",)),),
    on_app=frame.install,
)
