"""Whatever a person typed fits the field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sandbox.app  # noqa: F401  first, it resolves the sandbox's circle of imports
from app.clients.wechat.fields import RULES, fit
from sandbox.wechat.fields import complaint

KINDS = sorted(RULES)


def test_it_works():
    assert fit("thing2", "六号楼302的灯坏了") == "六号楼302的灯坏了"


@pytest.mark.parametrize(
    ("kind", "given", "fitted"),
    [
        ("thing", "水管\n爆了，厕所里全是水，快来人修一修吧谢谢", "水管 爆了，厕所里全是水，快来人修一修…"),
        ("thing", "灯不亮😀", "灯不亮"),
        ("thing", "😀", "请点击查看"),
        ("character_string", "R2611-0042 号", "R2611-0042"),
        ("character_string", "Ｒ２６１１", "R2611"),
        ("number", "共 12.50 度", "12.50"),
        ("number", "很多", "0"),
        ("letter", "A栋", "A"),
        ("symbol", "--->!!!", "--->!"),
        ("time", "15:01", "15:01"),
        ("time", "2026-11-22 08:05:59", "2026年11月22日 08:05"),
        ("time", "2026年1月2日 8:05", "2026年1月2日 08:05"),
        ("time", "2026-11-22 08:00~2026-11-22 10:00", "2026年11月22日 08:00~10:00"),
        ("time", "2026年11月22日 08:00~2026年12月22日 10:00", "2026年11月22日 08:00"),
        ("time", "尽快", "00:00"),
        ("date", "2026-11-22", "2026年11月22日"),
        ("date", "2026-11-22~2026-11-24", "2026年11月22日~2026年11月24日"),
        ("date", "15:01", "2000年1月1日"),
        ("amount", "¥1,234.56", "¥1234.56"),
        ("amount", "12元", "12元"),
        ("amount", "￥5", "¥5"),
        ("amount", "免费", "0元"),
        ("phone_number", "+86 (020) 8888-0000", "+860208888-0000"),
        ("name", "阿依古丽·买买提", "阿依古丽·买买提"),
        ("name", "James O'Brien-Okoro the Third", "James O'Brien-Okoro"),
        ("name", "王师傅(W0001)", "王师傅"),
        ("phrase", "已完成!", "已完成"),
        ("phrase", "等待配件到货中", "等待配件到"),
        ("phrase", "OK", "已更新"),
        ("const", "", "其他"),
        ("nonsense", "一二三", "一二三"),
    ],
)
def test_each_type(kind, given, fitted):
    assert fit(kind, given) == fitted


@given(st.sampled_from(KINDS), st.text(st.characters(), max_size=80))
def test_any_text_is_accepted(kind, text):
    fitted = fit(kind, text)
    assert complaint(f"{kind}1", fitted) == ""
    assert fit(kind, fitted) == fitted


@given(st.sampled_from(KINDS), st.text("0123456789.,:-/~至年月日 ¥元￥TZ+号楼 A", max_size=60))
def test_any_text_that_looks_right_is_accepted(kind, text):
    assert complaint(f"{kind}1", fit(kind, text)) == ""
