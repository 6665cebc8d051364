"""收费项目 and merchant numbers, as an administrator keeps them."""

import pytest

from tests.payments.conftest import MCHID
from tests.payments.test_desk import at_the_desk, audited, get, post

FORM = {
    "code": "water",
    "title": "学生宿舍水费",
    "filing_number": "校财备〔2026〕2号",
    "price_basis": "政府定价",
    "price_text": "3.20 元/吨",
    "valid_from": "2026-09-01",
    "service_key": "testing",
    "channels": ["wechat", "card"],
    "order_minutes": "30",
    "takes_late": "1",
    "refund_alone": "50.00",
}


@pytest.fixture
def administrator(school):
    return at_the_desk(school, school.ids.zheng, "payments.administrator")


def test_it_works(administrator):
    answer = post(administrator, "fees/new", **FORM)
    assert answer.status_code == 204
    page = get(administrator, "fees").text
    assert "学生宿舍水费" in page
    assert "缺商户号" in page
    post(administrator, "fees/water/merchants", channel="wechat", campus_id="", merchant_no="1900000109")
    assert "缺商户号" not in get(administrator, "fees").text
    assert audited("payments.add_fee_item") == 1
    assert audited("payments.save_merchant") == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"code": "Wasser!"}, "编码用小写字母"),
        ({"code": "electricity"}, "已经有这个编码"),
        ({"title": " "}, "请填写这一项"),
        ({"valid_from": ""}, "请填写这一项"),
        ({"valid_until": "2026-08-31"}, "停收日期不能早于"),
        ({"service_key": ""}, "两者选一"),
        ({"link_url": "https://pay.example.edu.cn/"}, "两者选一"),
        ({"service_key": "", "link_url": "http://pay.example.edu.cn/"}, "https://"),
        ({"title": "2026 学年学费"}, "学费和住宿费不在这里收"),
        ({"channels": []}, "至少选一种"),
        ({"order_minutes": "4"}, "5–1440"),
        ({"refund_alone": "五十"}, "请填金额"),
    ],
)
def test_a_mistake_is_told_and_the_rest_is_kept(administrator, change, words):
    answer = post(administrator, "fees/new", **(FORM | change))
    assert answer.status_code in (409, 422)
    assert words in answer.text
    assert "3.20 元/吨" in answer.text


def test_tuition_is_a_link(administrator):
    link = {"service_key": "", "link_url": "https://pay.example.edu.cn/", "channels": []}
    post(administrator, "fees/new", **(FORM | link | {"code": "tuition", "title": "学费"}))
    assert "仅链接" in get(administrator, "fees").text
    panel = get(administrator, "fees/tuition").text
    assert "https://pay.example.edu.cn/" in panel
    assert "merchant_no" not in panel
    refused = post(administrator, "fees/tuition/merchants", channel="wechat", merchant_no="1900")
    assert refused.status_code == 404


def test_a_change_names_its_fields_in_the_audit(administrator, school):
    form = get(administrator, "fees/electricity/edit").text
    assert 'value="50.00"' in form
    changed = FORM | {"title": "学生宿舍电费", "price_text": "0.60 元/度"}
    assert post(administrator, "fees/electricity/edit", **changed).status_code == 204
    assert "0.60 元/度" in get(administrator, "fees/electricity").text
    post(administrator, "fees/electricity/edit", **changed)
    assert audited("payments.save_fee_item") == 1


def test_a_campus_has_its_own_number_until_it_is_taken_away(administrator, school):
    post(
        administrator,
        "fees/electricity/merchants",
        channel="wechat",
        campus_id=school.ids.campus,
        merchant_no="1900000777",
    )
    panel = get(administrator, "fees/electricity").text
    assert MCHID in panel
    assert "1900000777 · 东校区" in panel
    post(administrator, "fees/electricity/merchants", channel="wechat", campus_id=school.ids.campus)
    assert "1900000777" not in get(administrator, "fees/electricity").text
    assert MCHID in get(administrator, "fees/electricity").text


def test_a_number_that_can_not_be_one_is_refused(administrator, school):
    answer = post(administrator, "fees/electricity/merchants", channel="wechat", merchant_no="19 00；")
    assert answer.status_code == 422
    assert "商户号只含" in answer.text


def test_a_clerk_sees_the_items_and_changes_none(school):
    clerk = at_the_desk(school, school.ids.zhao, "payments.cashier")
    panel = get(clerk, "fees/electricity")
    assert panel.status_code == 200
    assert "保存商户号" not in panel.text
    assert "新增项目" not in get(clerk, "fees").text
    assert get(clerk, "fees/electricity/edit").status_code == 403
    assert post(clerk, "fees/new", **FORM).status_code == 403
