"""Doors for the worker and the clock."""

from datetime import timedelta

from app.clients import Clients
from app.kit.module import Schedule
from app.platform.files import flows
from app.platform.files.events import PhotoReceived


def on_photo_received(event: PhotoReceived, *, clients: Clients) -> None:
    flows.decode_photo(photo_id=event.photo_id, storage=clients.storage)


def sweep_photos(*, clients: Clients) -> None:
    flows.sweep(storage=clients.storage)


SCHEDULE = Schedule("sweep_photos", sweep_photos, every=timedelta(minutes=10))
