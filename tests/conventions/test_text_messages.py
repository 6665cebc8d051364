"""Text messages cost money and patience: only these kinds may name them."""

# identity and urgency; whoever adds one says why in its pull request
MAY_TEXT = {"welcome.claimed", "welcome.claims_attacked"}
CODES = {"welcome.claim_code"}
# no user of ours and no other way to reach them: a school's policy of leave says that they are told
PARENTS = {"leave.parents_approved", "leave.parents_overdue"}


def test_only_identity_and_urgency_name_the_step(app):
    modules = app.extensions["registry"].modules
    named = {kind.key for module in modules for kind in module.message_kinds if "sms" in kind.ladder}
    assert named <= MAY_TEXT
    assert {key for module in modules for key in module.texts} <= CODES | PARENTS
