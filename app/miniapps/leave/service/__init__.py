"""Use-cases of leave."""

from app.miniapps.leave.service.answering import Given, answer
from app.miniapps.leave.service.batches import Wanted, check_batch, make_batch, revoke_batch
from app.miniapps.leave.service.campaigns import (
    Plan,
    close_campaign,
    may_close,
    open_campaign,
    remind,
)
from app.miniapps.leave.service.deciding_stays import decide_stay, may_revoke, revoke_stay
from app.miniapps.leave.service.following import close_roll, mark_present, note_contact, open_roll
from app.miniapps.leave.service.gate_lists import (
    forget_lists,
    is_left_alone,
    next_change,
    note_pass_changed,
    note_refused,
    refresh_list,
    silent_since,
    tell_silent,
)
from app.miniapps.leave.service.gate_log_lines import take_file
from app.miniapps.leave.service.gate_passings import (
    again_place,
    begin_log,
    log_place,
    read_again,
    restart_log,
    take_again,
    take_page,
)
from app.miniapps.leave.service.gates import add_gate, change_gate, switch_gate
from app.miniapps.leave.service.guardians import (
    agreements,
    give_guardian,
    reveal_guardian,
    withdraw_guardian,
)
from app.miniapps.leave.service.ladder import climb, due_steps, expire, starting, unused
from app.miniapps.leave.service.moving import (
    begin,
    decide,
    mark_out,
    mark_returned,
    note_returned,
    revoke,
    say_safe,
    withdraw,
)
from app.miniapps.leave.service.personal import erase_person, export_person, merge_person, retain
from app.miniapps.leave.service.policies import Rules, add_policy, change_policy, end_policy
from app.miniapps.leave.service.scanning import check
from app.miniapps.leave.service.screens import close_screen, set_pin, try_pin
from app.miniapps.leave.service.stays import lapse_stay, note_stay_ended, stays_too_late
from app.miniapps.leave.service.submitting import Asked, extend, submit
from app.miniapps.leave.service.telling_teachers import tell_teachers, tell_teachers_of_batch
from app.miniapps.leave.service.verdicts import Shown

__all__ = [
    "Asked",
    "Given",
    "Plan",
    "Rules",
    "Shown",
    "Wanted",
    "add_gate",
    "add_policy",
    "agreements",
    "answer",
    "begin",
    "again_place",
    "begin_log",
    "change_gate",
    "change_policy",
    "check",
    "check_batch",
    "climb",
    "close_campaign",
    "close_roll",
    "close_screen",
    "decide",
    "decide_stay",
    "due_steps",
    "end_policy",
    "erase_person",
    "expire",
    "forget_lists",
    "give_guardian",
    "is_left_alone",
    "log_place",
    "next_change",
    "note_pass_changed",
    "refresh_list",
    "read_again",
    "restart_log",
    "take_again",
    "take_file",
    "take_page",
    "tell_silent",
    "tell_teachers",
    "tell_teachers_of_batch",
    "export_person",
    "extend",
    "lapse_stay",
    "make_batch",
    "mark_out",
    "mark_present",
    "mark_returned",
    "may_close",
    "may_revoke",
    "merge_person",
    "note_contact",
    "note_refused",
    "note_returned",
    "note_stay_ended",
    "open_campaign",
    "open_roll",
    "remind",
    "retain",
    "reveal_guardian",
    "revoke",
    "revoke_batch",
    "revoke_stay",
    "say_safe",
    "set_pin",
    "silent_since",
    "starting",
    "stays_too_late",
    "switch_gate",
    "submit",
    "try_pin",
    "unused",
    "withdraw",
    "withdraw_guardian",
]
