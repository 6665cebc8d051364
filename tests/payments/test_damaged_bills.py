"""A bill damaged in any of many ways, from seeds, is never believed; one that is merely arranged otherwise is."""

import dataclasses
import gzip
import io
import random
import zlib
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from app.clients.storage import DiskStorage
from app.kit import db
from app.payments.flows import bills as flow
from app.payments.models import Bill, BillLine
from app.payments.service.bills import Matter
from tests.payments.bill_files import DAY, MCHID, Move, Row, TradeFile, fund_file, payment, refund, whole

Damage = Callable[[random.Random], bytes]


def day(rng: random.Random) -> TradeFile:
    rows: list[Row] = [payment(number, rng.randint(1, 20_000)) for number in range(1, rng.randint(8, 25))]
    rows += [refund(number, rng.randint(1, 5_000)) for number in range(1, rng.randint(2, 6))]
    rng.shuffle(rows)
    return whole(rows=rows)


def flow_of(rng: random.Random) -> bytes:
    moves = []
    for number in range(12):
        name, sign = ("交易", 1) if number % 3 else ("退款", -1)
        moves.append(Move(f"08:{number:02d}:00", name, sign * rng.randint(1, 900), str(number)))
    return fund_file(moves, 50_000)


def truncated(rng: random.Random) -> bytes:
    content = day(rng).encode()
    return content[: rng.randrange(len(content))]


def a_digit_changed(rng: random.Random) -> bytes:
    """In an amount: what the summary covers."""
    file = day(rng)
    texts = file.texts()
    at = rng.randrange(1, len(texts) - 2)
    names = ["应结订单金额", "退款金额", "订单金额", "申请退款金额", "手续费"]
    cells = texts[at].split(",`")
    column = file.columns.index(rng.choice(names))
    text = cells[column]
    place = rng.choice([i for i, c in enumerate(text) if c.isdigit()])
    cells[column] = text[:place] + str((int(text[place]) + rng.randint(1, 9)) % 10) + text[place + 1 :]
    texts[at] = ",`".join(cells)
    return joined(texts)


def a_byte_that_is_no_text(rng: random.Random) -> bytes:
    content = bytearray(day(rng).encode())
    content[rng.randrange(3, len(content))] = rng.choice([0x00, 0xFF, 0xFE, 0xC0])
    return bytes(content)


def joined(texts: list[str], end: str = "\r\n") -> bytes:
    return b"\xef\xbb\xbf" + "".join(text + end for text in texts).encode()


def on_lines(change: Callable[[random.Random, list[str]], list[str]]) -> Damage:
    def damage(rng: random.Random) -> bytes:
        texts = day(rng).texts()
        return joined([texts[0], *change(rng, texts[1:-2]), *texts[-2:]])

    return damage


def line_gone(rng: random.Random, lines: list[str]) -> list[str]:
    del lines[rng.randrange(len(lines))]
    return lines


def line_twice(rng: random.Random, lines: list[str]) -> list[str]:
    return [*lines, rng.choice(lines)]


def line_instead_of_another(rng: random.Random, lines: list[str]) -> list[str]:
    """The count agrees; all else may as well, when the amounts do: then it is the number that comes twice."""
    first, second = rng.sample(range(len(lines)), 2)
    lines[first] = lines[second]
    return lines


def line_cut(rng: random.Random, lines: list[str]) -> list[str]:
    at = rng.randrange(len(lines))
    lines[at] = lines[at][: rng.randrange(1, len(lines[at]))]
    return lines


def lines_run_together(rng: random.Random, lines: list[str]) -> list[str]:
    at = rng.randrange(len(lines) - 1)
    return [*lines[:at], lines[at] + lines[at + 1], *lines[at + 2 :]]


def empty_line(rng: random.Random, lines: list[str]) -> list[str]:
    lines.insert(rng.randrange(len(lines)), "")
    return lines


def backtick_gone(rng: random.Random, lines: list[str]) -> list[str]:
    at = rng.randrange(len(lines))
    places = [i for i, c in enumerate(lines[at]) if c == "`"]
    place = rng.choice(places)
    lines[at] = lines[at][:place] + lines[at][place + 1 :]
    return lines


def another_day(rng: random.Random, lines: list[str]) -> list[str]:
    at = rng.randrange(len(lines))
    lines[at] = lines[at].replace(str(DAY), rng.choice(["2026-11-14", "2026-11-16", "2025-11-15"]), 1)
    return lines


def another_merchant(rng: random.Random, lines: list[str]) -> list[str]:
    at = rng.randrange(len(lines))
    lines[at] = lines[at].replace(f"`{MCHID}", f"`169990000{rng.randint(2, 9)}", 1)
    return lines


def column_more(rng: random.Random) -> bytes:
    head, *lines, names, sums = day(rng).texts()
    at = rng.randrange(27)
    columns = head.split(",")
    columns.insert(at, "新增列")
    more = [",`".join([*(c := line.split(",`"))[:at], "x", *c[at:]]) for line in lines]
    return joined([",".join(columns), *more, names, sums])


def column_gone(rng: random.Random) -> bytes:
    file = day(rng)
    del file.columns[rng.randrange(len(file.columns))]
    return file.encode()


def column_renamed(rng: random.Random) -> bytes:
    head, *rest = day(rng).texts()
    columns = head.split(",")
    columns[rng.randrange(len(columns))] += "X"
    return joined([",".join(columns), *rest])


def headings_exchanged(rng: random.Random) -> bytes:
    """Two amounts under each other's names."""
    head, *rest = day(rng).texts()
    pairs = [
        ("商户号", "微信订单号"),
        ("订单金额", "申请退款金额"),
        ("手续费", "订单金额"),
        ("交易时间", "交易状态"),
    ]
    columns = head.split(",")
    one, other = (columns.index(name) for name in rng.choice(pairs))
    columns[one], columns[other] = columns[other], columns[one]
    return joined([",".join(columns), *rest])


def total_changed(rng: random.Random) -> bytes:
    *rest, sums = day(rng).texts()
    places = [i for i, c in enumerate(sums) if c.isdigit()]
    place = rng.choice(places)
    return joined(
        [*rest, sums[:place] + str((int(sums[place]) + rng.randint(1, 9)) % 10) + sums[place + 1 :]]
    )


def total_gone(rng: random.Random) -> bytes:
    return joined(day(rng).texts()[: -rng.randint(1, 2)])


def total_twice(rng: random.Random) -> bytes:
    texts = day(rng).texts()
    return joined([*texts, *texts[-2:]])


def two_files_in_one(rng: random.Random) -> bytes:
    return day(rng).encode() + day(rng).encode()


def mark_twice(rng: random.Random) -> bytes:
    return b"\xef\xbb\xbf" + day(rng).encode()


def bare_line_ends(rng: random.Random) -> bytes:
    return joined(day(rng).texts(), "\n")


def one_bare_line_end(rng: random.Random) -> bytes:
    parts = day(rng).encode().split(b"\r\n")
    at = rng.randrange(1, len(parts) - 1)
    return b"\r\n".join(parts[:at]) + b"\n" + b"\r\n".join(parts[at:])


def in_gbk(rng: random.Random) -> bytes:
    return day(rng).encode()[3:].decode().encode("gbk")


def in_utf16(rng: random.Random) -> bytes:
    return day(rng).encode()[3:].decode().encode("utf-16")


def still_packed(rng: random.Random) -> bytes:
    return gzip.compress(day(rng).encode())


def unpacked_half_way(rng: random.Random) -> bytes:
    packed = gzip.compress(day(rng).encode())
    return zlib.decompressobj(wbits=31).decompress(packed[: rng.randrange(60, len(packed) - 12)])


def another_type(rng: random.Random) -> bytes:
    return (
        whole("SUCCESS", [payment(1)]).encode()
        if rng.random() < 0.5
        else whole("REFUND", [refund(1)]).encode()
    )


def a_flow_instead(rng: random.Random) -> bytes:
    return flow_of(rng)


DAMAGES: dict[Damage, int] = {
    truncated: 12,
    a_digit_changed: 12,
    a_byte_that_is_no_text: 8,
    on_lines(line_gone): 5,
    on_lines(line_twice): 5,
    on_lines(line_instead_of_another): 5,
    on_lines(line_cut): 6,
    on_lines(lines_run_together): 3,
    on_lines(empty_line): 3,
    on_lines(backtick_gone): 6,
    on_lines(another_day): 5,
    on_lines(another_merchant): 4,
    column_more: 4,
    column_gone: 4,
    column_renamed: 5,
    headings_exchanged: 6,
    total_changed: 8,
    total_gone: 3,
    total_twice: 2,
    two_files_in_one: 2,
    mark_twice: 1,
    bare_line_ends: 1,
    one_bare_line_end: 4,
    in_gbk: 1,
    in_utf16: 1,
    still_packed: 1,
    unpacked_half_way: 5,
    another_type: 3,
    a_flow_instead: 1,
}
SEEDS = [(damage, seed) for damage, times in DAMAGES.items() for seed in range(times)]


@pytest.fixture
def clients(app, campus, tmp_path):
    return dataclasses.replace(app.extensions["clients"], storage=DiskStorage(str(tmp_path)))


def load(clients, content: bytes, kind: str = "trade"):
    return flow.import_file(
        Matter("wechat", kind, MCHID, DAY), io.BytesIO(content), name="x", origin="uploaded", clients=clients
    )


def statuses() -> list[str]:
    with db.unit_of_work() as session:
        return list(session.execute(select(Bill.status).order_by(Bill.id)).scalars())


def test_there_are_enough_of_them():
    assert len(SEEDS) >= 100


def test_none_is_believed(clients):
    """All into one archive: each is kept, with its reason in a sentence, and leaves no line behind."""
    for number, (damage, seed) in enumerate(SEEDS):
        done = load(clients, damage(random.Random(f"{number} {seed}")))
        assert done.outcome == "refused", (damage, seed)
        assert done.refusal.endswith("。") and "%" not in done.refusal
    assert set(statuses()) == {"refused"}
    with db.unit_of_work() as session:
        assert session.execute(select(func.count()).select_from(BillLine)).scalar_one() == 0


def test_none_takes_the_place_of_a_good_one(clients):
    load(clients, whole().encode())
    for number, (damage, seed) in enumerate(SEEDS[::6]):
        load(clients, damage(random.Random(f"{number} {seed}")))
    assert statuses().count("current") == 1


@pytest.mark.parametrize("seed", range(6))
def test_another_order_of_columns_and_lines_is_the_same_day(clients, seed):
    rng = random.Random(seed)
    file = day(rng)
    first = load(clients, file.encode())
    rng.shuffle(file.columns)
    rng.shuffle(file.rows)
    rng.shuffle(file.summary)
    second = load(clients, file.encode())
    assert (first.outcome, second.outcome) == ("new", "version")
    assert facts(first.bill_id) == facts(second.bill_id)


def facts(bill_id: int) -> list[tuple[object, ...]]:
    table = BillLine.__table__.c
    columns = (table.sort, table.reference, table.number, table.fen, table.fee_e5, table.at)
    with db.unit_of_work() as session:
        rows = session.execute(select(*columns).where(table.bill_id == bill_id))
        return sorted(tuple(row) for row in rows)


@pytest.mark.parametrize("seed", range(20))
def test_a_damaged_flow_is_not_believed(clients, seed):
    """A line out of place, missing, changed or repeated breaks the balance or the sums."""
    rng = random.Random(seed)
    head, *lines, names, sums, _ = flow_of(rng)[3:].decode().split("\r\n")
    match seed % 4:
        case 0:
            del lines[rng.randrange(1, len(lines))]
        case 1:
            at = rng.randrange(len(lines))
            cells = lines[at].split(",`")
            cells[6] = f"{float(cells[6]) + rng.choice((-0.01, 0.01, 1.0)):.2f}"
            lines[at] = ",`".join(cells)
        case 2:
            lines.insert(3, lines[rng.randrange(len(lines))])
        case 3:
            one, other = rng.sample(range(1, len(lines) - 1), 2)
            lines[one], lines[other] = lines[other], lines[one]
    done = load(clients, joined([head, *lines, names, sums]), "fund")
    assert done.outcome == "refused", seed
