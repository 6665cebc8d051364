"""What is refused: admissions and seasons."""

from app.kit.errors import NotFound
from app.kit.i18n import N_


class NoAdmission(NotFound):
    code = "welcome.no_admission"
    msgid = N_("这里是新生的页面。您还没有认领录取信息，请先在“迎新”首页认领。")


class AdmissionNotFound(NotFound):
    code = "welcome.admission_not_found"
    msgid = N_("没有找到这名新生，可能已不在您负责的范围。请核对后重新查找。")


class NoSeason(NotFound):
    code = "welcome.no_season"
    msgid = N_("现在没有开放的迎新批次，请留意学校通知的开放日期。")
