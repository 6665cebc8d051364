"""What audit tells the house."""

from datetime import timedelta

from app.kit.module import Module, Schedule
from app.platform.audit import cli, jobs

module = Module(
    key="audit",
    title="审计",
    schedules=(Schedule("seal_entries", jobs.seal_entries, every=timedelta(seconds=5)),),
    commands=(cli.audit,),
    on_app=jobs.configure,
)
