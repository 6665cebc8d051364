"""Bills for tests, made from lines: right to the last byte unless a test damages them."""

from dataclasses import dataclass, field, replace
from datetime import date

from sandbox.wxpay.bills import FUND_SUMMARY, HEADERS, SUMMARY
from sandbox.wxpay.spoilt_bills import OLD_HEADER, OLD_SUMMARY

DAY = date(2026, 11, 15)
MCHID = "1699900001"


def yuan(fen: int, places: int = 2) -> str:
    sign, size = "-" if fen < 0 else "", abs(fen)
    return f"{sign}{size // 10**places}.{size % 10**places:0{places}d}"


@dataclass(frozen=True)
class Row:
    """One trade. A refund has `back`."""

    at: str
    trade: str
    order_no: str
    fen: int
    back: int = 0
    refund_id: str = "0"
    refund_no: str = "0"
    fee_e5: int = 0
    status: str = "SUCCESS"
    state: str = ""
    name: str = "电费"
    attach: str = ""
    mchid: str = MCHID
    refund_at: str = ""

    def cells(self) -> dict[str, str]:
        return {
            "交易时间": self.at,
            "公众账号ID": "wx1234567890abcdef",
            "商户号": self.mchid,
            "特约商户号": "0",
            "设备号": "",
            "微信订单号": self.trade,
            "商户订单号": self.order_no,
            "用户标识": "o-of-the-tests",
            "交易类型": "JSAPI",
            "交易状态": self.status,
            "付款银行": "OTHERS",
            "货币种类": "CNY",
            "应结订单金额": yuan(self.fen),
            "代金券金额": "0.00",
            "退款申请时间": self.refund_at or self.at,
            "退款成功时间": "",
            "微信退款单号": self.refund_id,
            "商户退款单号": self.refund_no,
            "退款金额": yuan(self.back),
            "充值券退款金额": "0.00",
            "退款类型": "ORIGINAL" if self.back else "",
            "退款状态": self.state,
            "商品名称": self.name,
            "商户数据包": self.attach,
            "手续费": yuan(self.fee_e5, 5),
            "费率": "0.60%",
            "订单金额": yuan(self.fen),
            "申请退款金额": yuan(self.back),
            "费率备注": "",
            "总金额": yuan(self.fen),
            "代金券或立减优惠金额": "0.00",
            "代金券或立减优惠退款金额": "0.00",
        }


def payment(number: int, fen: int = 5000, **given: object) -> Row:
    at = f"{DAY} {number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}"
    row = Row(at, f"42000{number:023d}", f"E261115{number:07d}", fen, fee_e5=fen * 6)
    return replace(row, **given)  # type: ignore[arg-type]


def refund(number: int, fen: int = 1200, **given: object) -> Row:
    at = f"{DAY} 23:{number // 60 % 60:02d}:{number % 60:02d}"
    row = Row(at, f"42000{number:023d}", f"E261115{number:07d}", 0, back=fen, refund_id=f"50300{number:024d}",
              refund_no=f"R261115{number:07d}", fee_e5=-fen * 6, status="REFUND", state="SUCCESS")  # fmt: skip
    return replace(row, **given)  # type: ignore[arg-type]


@dataclass
class TradeFile:
    """A trade bill to damage: header, lines and summary as lists of texts without their ends."""

    rows: list[Row]
    columns: list[str] = field(default_factory=lambda: HEADERS["ALL"].split(","))
    summary: list[str] = field(default_factory=lambda: SUMMARY.split(","))
    mark: bytes = b"\xef\xbb\xbf"
    end: str = "\r\n"

    def values(self) -> list[str]:
        paid, back = sum(row.fen for row in self.rows), sum(row.back for row in self.rows)
        by_name = {
            "总交易单数": str(len(self.rows)),
            "应结订单总金额": yuan(paid),
            "退款总金额": yuan(back),
            "充值券退款总金额": "0.00",
            "手续费总金额": yuan(sum(row.fee_e5 for row in self.rows), 5),
            "订单总金额": yuan(paid),
            "申请退款总金额": yuan(back),
            "总交易额": yuan(paid),
            "总退款金额": yuan(back),
            "总代金券或立减优惠退款金额": "0.00",
        }
        return [by_name[name] for name in self.summary]

    def texts(self) -> list[str]:
        lines = [",".join(f"`{row.cells()[name]}" for name in self.columns) for row in self.rows]
        tail = ",".join(f"`{value}" for value in self.values())
        return [",".join(self.columns), *lines, ",".join(self.summary), tail]

    def encode(self) -> bytes:
        return self.mark + "".join(text + self.end for text in self.texts()).encode()


def whole(kind: str = "ALL", rows: list[Row] | None = None) -> TradeFile:
    """Three payments and a refund."""
    found = rows if rows is not None else [payment(1), payment(2, 2500), payment(40000, 1), refund(1)]
    return TradeFile(found, HEADERS[kind].split(","))


def old() -> TradeFile:
    return TradeFile(whole().rows, OLD_HEADER.split(","), OLD_SUMMARY.split(","))


@dataclass(frozen=True)
class Move:
    """One movement of the account with WeChat."""

    at: str
    name: str
    fen: int
    number: str = "1"
    note: str = ""


def fund_file(moves: list[Move], opening: int = 10_000, day: date = DAY) -> bytes:
    """A fund flow, oldest first."""
    balance, lines = opening, [HEADERS["FUND"]]
    for move in moves:
        balance += move.fen
        cells = (f"{day} {move.at}", f"503{move.number}", f"420{move.number}", move.name, move.name,
                 "收入" if move.fen >= 0 else "支出", yuan(abs(move.fen)), yuan(balance), "system",
                 move.note, f"V{move.number}")  # fmt: skip
        lines.append(",".join(f"`{cell}" for cell in cells))
    came, went = [m.fen for m in moves if m.fen >= 0], [-m.fen for m in moves if m.fen < 0]
    sums = (str(len(moves)), str(len(came)), yuan(sum(came)), str(len(went)), yuan(sum(went)))
    lines += [FUND_SUMMARY, ",".join(f"`{value}" for value in sums)]
    return b"\xef\xbb\xbf" + "".join(f"{line}\r\n" for line in lines).encode()
