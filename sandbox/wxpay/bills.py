"""The bills of a day, as files: order mark, CRLF, a backtick before every value, a summary at the end."""

import gzip
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sandbox.store import Row
from sandbox.wxpay.acquirer import CHINA, Acquirer, Refusal, yuan
from sandbox.wxpay.tables import insert

TOKEN_LASTS = 300
OLDEST = 92
HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额"
)
REFUND_PART = "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态"
HEADERS = {
    "ALL": f"{HEAD},{REFUND_PART},商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注",
    "SUCCESS": f"{HEAD},商品名称,商户数据包,手续费,费率,订单金额,费率备注",
    "REFUND": f"{HEAD},退款申请时间,退款成功时间,{REFUND_PART},"
    "商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注",
    "FUND": "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),"
    "账户结余(元),资金变更提交申请人,备注,业务凭证号",
}
SUMMARY = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
FUND_SUMMARY = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"
REFUND_STATUS = {"SUCCESS": "SUCCESS", "PROCESSING": "PROCESSING", "ABNORMAL": "CHANGE", "CLOSED": "FAIL"}


@dataclass
class Bill:
    """Before it becomes a file; faults change it."""

    columns: list[str]
    lines: list[dict[str, str]]
    summary_columns: list[str]
    summary: list[str]

    def encode(self, *, mark: bytes = b"\xef\xbb\xbf", end: str = "\r\n") -> bytes:
        rows = [",".join(self.columns)]
        rows += [",".join(f"`{line[name]}" for name in self.columns) for line in self.lines]
        rows += [",".join(self.summary_columns), ",".join(f"`{value}" for value in self.summary)]
        return mark + (end.join(rows) + end).encode()


def check_day(a: Acquirer, text: str, op: str) -> date:
    """A day for which there may be a bill by now. Raises Refusal."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Refusal(400, "PARAM_ERROR", "参数错误: bill_date") from None
    now = datetime.fromtimestamp(a.now(), CHINA)
    if not now.date() - timedelta(days=OLDEST) <= day < now.date():
        raise Refusal(400, "INVALID_REQUEST", "只能查询昨天及之前三个月内的账单")
    is_early = day == now.date() - timedelta(days=1) and now.hour < 10
    if is_early or a.faults.take("bill.creating", text, op=op):
        raise Refusal(400, "STATEMENT_CREATING", "账单生成中，请于 10 点后再试")
    if a.faults.take("bill.none", text, op=op):
        raise Refusal(400, "NO_STATEMENT_EXIST", "账单文件不存在")
    return day


def span(day: date) -> tuple[float, float]:
    start = datetime(day.year, day.month, day.day, tzinfo=CHINA).timestamp()
    return start, start + 86400


def trade(a: Acquirer, mchid: str, day: date, kind: str) -> Bill:
    """ALL in the order of time, SUCCESS, or REFUND."""
    start, end = span(day)
    paid = _payments(a, mchid, start, end) if kind != "REFUND" else []
    back = _refunds(a, mchid, start, end) if kind != "SUCCESS" else []
    merchant = a.merchant(mchid)
    timed = [(row["billed"], payment_line(a, merchant, row)) for row in paid]
    timed += [(row["accepted"], refund_line(a, merchant, row, end, kind)) for row in back]
    timed.sort(key=lambda pair: pair[0])
    lines = [line for _, line in timed]
    sums = [
        yuan(sum(row["total"] for row in paid)),
        yuan(sum(row["fen"] for row in back)),
        "0.00",
        yuan(sum(row["fee"] for row in paid) - sum(row["fee"] for row in back), 5),
        yuan(sum(row["total"] for row in paid)),
        yuan(sum(row["fen"] for row in back)),
    ]
    return Bill(HEADERS[kind].split(","), lines, SUMMARY.split(","), [str(len(lines)), *sums])


def _payments(a: Acquirer, mchid: str, start: float, end: float) -> list[Row]:
    return a.store.all(
        "SELECT p.*, o.trade_type, o.description, o.attach FROM wxpay_payments p JOIN wxpay_orders o "
        "USING (mchid, order_no) WHERE p.mchid = ? AND billed >= ? AND billed < ? ORDER BY billed, transaction_id",
        (mchid, start, end),
    )


def _refunds(a: Acquirer, mchid: str, start: float, end: float) -> list[Row]:
    return a.store.all(
        "SELECT r.*, o.trade_type, o.description, o.attach, p.at, p.openid, p.bank_type FROM wxpay_refunds r "
        "JOIN wxpay_orders o USING (mchid, order_no) JOIN wxpay_payments p USING (transaction_id) "
        "WHERE r.mchid = ? AND r.accepted >= ? AND r.accepted < ? ORDER BY r.accepted, r.refund_id",
        (mchid, start, end),
    )


def payment_line(a: Acquirer, merchant: Row, row: Row) -> dict[str, str]:
    total = yuan(row["total"])
    return {
        **_common(a, merchant, row),
        "交易时间": clock(row["billed"]),
        "交易状态": "SUCCESS",
        "应结订单金额": total,
        "微信退款单号": "0",
        "商户退款单号": "0",
        "退款金额": "0.00",
        "退款类型": "",
        "退款状态": "",
        "手续费": yuan(row["fee"], 5),
        "订单金额": total,
        "申请退款金额": "0.00",
    }


def refund_line(a: Acquirer, merchant: Row, row: Row, end: float, kind: str) -> dict[str, str]:
    """The state is the one of that day, for good: what succeeds later stays PROCESSING here."""
    is_late = row["succeeded"] is not None and row["succeeded"] >= end
    status = "PROCESSING" if is_late else REFUND_STATUS[row["status"]]
    return {
        **_common(a, merchant, row),
        "交易时间": clock(row["at"] if kind == "REFUND" else row["accepted"]),
        "交易状态": "REFUND",
        "应结订单金额": "0.00",
        "退款申请时间": clock(row["accepted"]),
        "退款成功时间": clock(row["succeeded"]) if status == "SUCCESS" else "",
        "微信退款单号": row["refund_id"],
        "商户退款单号": row["refund_no"],
        "退款金额": yuan(row["fen"]),
        "退款类型": "ORIGINAL",
        "退款状态": status,
        "手续费": yuan(-row["fee"], 5),
        "订单金额": "0.00",
        "申请退款金额": yuan(row["fen"]),
    }


def _common(a: Acquirer, merchant: Row, row: Row) -> dict[str, str]:
    return {
        "公众账号ID": a.config.appid,
        "商户号": row["mchid"],
        "特约商户号": "0",
        "设备号": "",
        "微信订单号": row["transaction_id"],
        "商户订单号": row["order_no"],
        "用户标识": row["openid"],
        "交易类型": row["trade_type"],
        "付款银行": row["bank_type"],
        "货币种类": "CNY",
        "代金券金额": "0.00",
        "充值券退款金额": "0.00",
        "商品名称": escaped(row["description"]),
        "商户数据包": escaped(row["attach"]),
        "费率": f"{merchant['fee_rate'] / 100:.2f}%",
        "费率备注": "",
    }


def fund(a: Acquirer, mchid: str, day: date) -> Bill:
    rows = a.store.all(
        "SELECT * FROM wxpay_flows WHERE mchid = ? AND at >= ? AND at < ? ORDER BY id", (mchid, *span(day))
    )
    lines = [
        {
            "记账时间": clock(row["at"]),
            "微信支付业务单号": row["business_no"],
            "资金流水单号": row["flow_no"],
            "业务名称": row["name"],
            "业务类型": row["name"],
            "收支类型": "收入" if row["fen"] >= 0 else "支出",
            "收支金额(元)": yuan(abs(row["fen"])),
            "账户结余(元)": yuan(row["balance"]),
            "资金变更提交申请人": f"{mchid}API" if row["name"].startswith("退款") else "system",
            "备注": row["note"],
            "业务凭证号": row["voucher"],
        }
        for row in rows
    ]
    return Bill(HEADERS["FUND"].split(","), lines, FUND_SUMMARY.split(","), fund_summary(rows))


def fund_summary(rows: Iterable[Row]) -> list[str]:
    rows = list(rows)
    came, went = [r["fen"] for r in rows if r["fen"] >= 0], [-r["fen"] for r in rows if r["fen"] < 0]
    return [str(len(rows)), str(len(came)), yuan(sum(came)), str(len(went)), yuan(sum(went))]


def offer(a: Acquirer, mchid: str, content: bytes, digest: str, base: str, *, lasts: float) -> dict[str, Any]:
    """Where the file may be fetched for five minutes."""
    token = secrets.token_urlsafe(24)
    a.store.run("DELETE FROM wxpay_files WHERE expires < ?", (a.now() - 86400,))
    row = {"token": token, "mchid": mchid, "content": content, "expires": a.now() + lasts}
    insert(a.store, "wxpay_files", row)
    url = f"{base}/v3/billdownload/file?token={token}&tartype=gzip"
    return {"hash_type": "SHA1", "hash_value": digest, "download_url": url}


def packed(content: bytes) -> tuple[bytes, str]:
    """gzip, and the digest of what is inside."""
    return gzip.compress(content, 6, mtime=0), hashlib.sha1(content, usedforsecurity=False).hexdigest()


def file_of(a: Acquirer, mchid: str, token: str) -> bytes:
    row = a.store.one("SELECT * FROM wxpay_files WHERE token = ? AND mchid = ?", (token, mchid))
    if row is None or a.now() > row["expires"]:
        raise Refusal(400, "INVALID_REQUEST", "token 已失效，请重新申请账单")
    return bytes(row["content"])


def clock(at: float) -> str:
    return datetime.fromtimestamp(at, CHINA).strftime("%Y-%m-%d %H:%M:%S")


def escaped(text: str) -> str:
    """A merchant's own words must not break the lines."""
    return text.replace(",", "\\ ").replace("\r", "").replace("\n", "\\n")
