"""What files tells the house."""

from flask import Flask

from app.kit.module import AsFlow, Module
from app.platform.files import api, jobs, queries, service, signing
from app.platform.files.events import PhotoReceived


def _start(app: Flask) -> None:
    signing.configure(app.config["SECRET_KEY"])


module = Module(
    key="files",
    title="照片与附件",
    blueprints=(api.photos, api.attachments),
    subscriptions=(AsFlow(PhotoReceived, jobs.on_photo_received),),
    schedules=(jobs.SCHEDULE,),
    export_person=queries.export_person,
    erase_person=service.erase_person,
    merge_person=service.merge_person,
    on_app=_start,
)
