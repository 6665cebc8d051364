"""What the directory tells the house."""

from app.kit.module import Module, Permission
from app.platform.directory import cli, queries, service
from app.platform.directory.queries.approvers import RESOLVERS

module = Module(
    key="directory",
    title="校园目录",
    permissions=(
        Permission("directory.read", "查看人员、部门和楼栋房间"),
        Permission("directory.edit", "维护人员、部门和楼栋房间"),
    ),
    commands=(cli.directory,),
    export_person=queries.export_person,
    erase_person=service.erase_person,
    approver_resolvers=RESOLVERS,
)
