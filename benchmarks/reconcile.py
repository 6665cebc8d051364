"""A day of a million: bill lines against ledger rows, product and hand-written floor in turn, on one database.

Both read the same file, store the same rows under the same constraints, and find what has no partner on either side.
Each runs in a process of its own (`benchmarks.reconcile_run`), whose peak memory is taken too.
"""

import json
import os
import random
from pathlib import Path

from benchmarks.report import heading, line
from benchmarks.usage import tree_cpu
from tests.chaos.stage import Stage

LINES = int(os.environ.get("RECONCILE_LINES", "1000000"))
ODD = 1000
ROUNDS = 2
MOST, MOST_MEGABYTES = 1.5, 150
ACCOUNT, DAY = "1699900001", "2026-11-15"
HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
SUMMARY = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"

FILL = f"""
INSERT INTO payments_fee_items (id, code, title, service_key, filing_number, price_basis, price_text, valid_from,
  channels, order_minutes, takes_late, refund_alone_fen)
  VALUES (1, 'electricity', '-', 'electricity', '1', '-', '-', '2020-01-01', '{{wechat}}', 30, true, 5000);
INSERT INTO payments_merchants (fee_item_id, channel, merchant_no) VALUES (1, 'wechat', '{ACCOUNT}');
INSERT INTO payments_ledger_accounts (id, code, kind)
  VALUES (1, 'channel:wechat:{ACCOUNT}', 'asset'), (2, 'due:electricity', 'liability');
INSERT INTO payments_orders (id, public_id, number, fee_item_id, service_key, subject, owner_id, fen, title, facts,
  masked_facts, return_path, status, is_late, created_at, expires_at, paid_at)
  SELECT n, 'ord_' || n, 'E' || n, 1, 'electricity', n, (SELECT min(id) FROM directory_people), 100 + n % 9000, '-',
    '[]', '[]', '/m/', 'paid', false, at, at, at FROM days;
INSERT INTO payments_attempts (id, order_id, number, channel, trade_type, merchant_no, payer_id, payer_account, fen,
  status, checks, created_at)
  SELECT n, n, 'A' || n, 'wechat', 'JSAPI', '{ACCOUNT}', (SELECT min(id) FROM directory_people), 'o',
    100 + n % 9000, 'paid', 0, at FROM days;
INSERT INTO payments_payments (id, order_id, attempt_id, channel, merchant_no, transaction_id, fen, role, learned_by,
  paid_at, received_at, refunding_fen, refunded_fen)
  SELECT n, n, n, 'wechat', '{ACCOUNT}', '42' || lpad(n::text, 26, '0'), 100 + n % 9000, 'settles', 'notify', at, at,
    0, 0 FROM days;
INSERT INTO payments_ledger_entries (kind, reference, debit_id, credit_id, fen, order_id, business_on, happened_at,
  posted_at)
  SELECT 'payment', n, 1, 2, 100 + n % 9000, n, '{DAY}', at, at FROM days"""
DAYS = f"""CREATE TEMPORARY TABLE days AS
  SELECT n, timestamptz '{DAY} 02:00:00+08' + n * interval '1 second' * 72000 / %s AS at FROM generate_series(1, %s) n"""


def main() -> bool:
    heading(f"Reconciliation: {LINES:,} bill lines against {LINES:,} ledger rows")
    with Stage(durable=True) as stage:
        stage.seed("1", "1")
        fill(stage)
        path = write_bill(stage.folder / "bill.csv")
        best: dict[str, dict[str, float]] = {}
        for _ in range(ROUNDS):
            for who in ("floor", "product"):
                took = run(stage, who, path)
                spent = f"import {took['import']:6.1f} s   matching {took['matching']:6.1f} s"
                print(
                    f"  {who:<8} {spent}   CPU {took['cpu']:6.1f} s   {took['megabytes']:.0f} MB", flush=True
                )
                if who not in best or took["all"] < best[who]["all"]:
                    best[who] = took
        mine, floor = best["product"], best["floor"]
        line("import alone, times the floor's", mine["import"] / floor["import"], "")
        line("matching alone, times the floor's", mine["matching"] / floor["matching"], "")
        line("CPU of all that, PostgreSQL's too, times the floor's", mine["cpu"] / floor["cpu"], "")
        held = line("file to differences, times the floor's", mine["all"] / floor["all"], "", most=MOST)
        return line("peak memory of the process", mine["megabytes"], "MB", most=MOST_MEGABYTES) and held


def run(stage: Stage, who: str, path: Path) -> dict[str, float]:
    """From an empty day; both find the same. `cpu` is the process's and PostgreSQL's."""
    with stage.connection() as connection:
        for table in ("matches", "differences", "runs", "days", "bill_lines", "bills"):
            connection.execute(f"DELETE FROM payments_{table}")  # noqa: S608
        connection.autocommit = True
        connection.execute("VACUUM payments_matches, payments_bill_lines, payments_bills")
    before = tree_cpu(stage.database.pid)
    took: dict[str, float] = json.loads(stage.run("benchmarks.reconcile_run", who, str(path)))
    took["cpu"] += tree_cpu(stage.database.pid) - before
    assert (took["left_lines"], took["left_entries"]) == (ODD, ODD), took
    return took


def fill(stage: Stage) -> None:
    with stage.connection() as connection:
        connection.execute(DAYS.replace("%s", str(LINES)))
        for sql in FILL.split(";\n"):
            connection.execute(sql)
        connection.execute("ANALYZE")


def write_bill(path: Path) -> Path:
    """As WeChat writes it: order mark, backticks, CRLF, sums at the end. The odd ones are strangers."""
    order = list(range(1, LINES + 1))
    random.Random(7).shuffle(order)
    total = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        file.write(f"{HEAD}\r\n")
        for n in order:
            fen = 100 + n % 9000
            total += fen
            file.write(bill_line(n, fen))
        yuan = f"{total // 100}.{total % 100:02d}"
        file.write(f"{SUMMARY}\r\n`{LINES},`{yuan},`0.00,`0.00,`0.00000,`{yuan},`0.00\r\n")
    return path


def bill_line(n: int, fen: int) -> str:
    second = 7200 + n * 72_000 // LINES
    yuan = f"{fen // 100}.{fen % 100:02d}"
    values = (
        f"{DAY} {second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}",
        "wx1234567890abcdef",
        ACCOUNT,
        "0",
        "",
        f"{43 if n <= ODD else 42}{n:026d}",
        f"{'N' if n <= ODD else 'A'}{n}",
        f"o{n % 20_000:027d}",
        "JSAPI",
        "SUCCESS",
        "OTHERS",
        "CNY",
        yuan,
        "0.00",
        "0",
        "0",
        "0.00",
        "0.00",
        "",
        "",
        "电费",
        "",
        "0.00000",
        "0.00%",
        yuan,
        "0.00",
        "",
    )
    return ",".join(f"`{value}" for value in values) + "\r\n"
