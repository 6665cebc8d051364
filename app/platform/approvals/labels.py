"""Words for where a case stands."""

from app.kit.i18n import N_

STATUS_LABELS = {
    "running": N_("审批中"),
    "approved": N_("已批准"),
    "rejected": N_("未批准"),
    "withdrawn": N_("已撤回"),
    "terminated": N_("已终止"),
}
