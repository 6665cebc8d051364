"""用友 总账工具: `填制凭证,V800`, then one line of text per line of a voucher, in GBK."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.payments.exporters.sheets import Line, Sheet, charset, fitting, yuan

HEAD = "填制凭证,V800"
SUMMARY, ACCOUNT, CODE = 60, 15, 20
_TAIL = ",,,,,,0,,0,,,,,,,,,0,0,0,0,0,,0,0,0,0"
"""After the project: own fields and switches, at their defaults."""


def write(settings: Mapping[str, Any], sheets: Sequence[Sheet]) -> bytes:
    """The lines of a voucher are consecutive; its key is date, word and number."""
    lines = [HEAD] + [_line(settings, sheet, line) for sheet in sheets for line in sheet.lines]
    return "".join(f"{line}\r\n" for line in lines).encode("gbk")


def _line(settings: Mapping[str, Any], sheet: Sheet, line: Line) -> str:
    """日期,字,号,附单据数,摘要,科目,借,贷,数量,外币,汇率,制单人,结算方式,票号,发生日期,部门,职员,客户,供应商,业务员,项目"""
    return (
        ",".join(
            (
                sheet.voucher_on.isoformat(),
                _word(str(settings.get("word", "记")), 4),
                str(sheet.no),
                "0",
                _word(line.summary, SUMMARY),
                _word(line.account, ACCOUNT),
                yuan(line.debit_fen),
                yuan(line.credit_fen),
                "",
                "",
                "",
                _word(str(settings.get("maker", "")), CODE),
                "",
                sheet.number,
                "",
                _word(line.department, CODE),
                "",
                "",
                _word(line.partner, CODE),
                "",
                _word(line.project, CODE),
            )
        )
        + _TAIL
    )


def _word(text: str, width: int) -> str:
    """Nothing that would end the column or the line."""
    plain = " ".join(text.replace(",", "，").split())
    return charset(fitting(plain, width), "gbk")
