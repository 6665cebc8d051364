"""The directory's open door for changes. Every one of them is noted in audit."""

from app.platform.directory.service.org import add_org_unit, add_term, appoint, close_org_unit, end_post
from app.platform.directory.service.people import (
    add_affiliation,
    add_person,
    change_affiliation,
    create_visitor,
    end_affiliation,
    erase_person,
    leave,
    merge_people,
    update_person,
)
from app.platform.directory.service.places import (
    add_bed,
    add_building,
    add_campus,
    add_floor,
    add_room,
    assign_bed,
    close_building,
    close_room,
    release_bed,
)

__all__ = [
    "add_affiliation",
    "add_bed",
    "add_building",
    "add_campus",
    "add_floor",
    "add_org_unit",
    "add_person",
    "add_room",
    "add_term",
    "appoint",
    "assign_bed",
    "change_affiliation",
    "close_building",
    "close_org_unit",
    "close_room",
    "create_visitor",
    "end_affiliation",
    "end_post",
    "erase_person",
    "leave",
    "merge_people",
    "release_bed",
    "update_person",
]
