"""Privacy: masks keep enough to recognise and too little to use."""

import pytest

from app.platform.directory.queries import surname
from app.platform.privacy.queries import mask_name, mask_number, mask_phone


def test_it_works():
    assert mask_phone("10000001234") == "100****1234"
    assert mask_name("李一鸣") == "李**"
    assert mask_number("2023010101") == "******0101"


@pytest.mark.parametrize(
    ("name", "short", "masked"),
    [
        ("欧阳若曦", "欧阳", "欧阳**"),
        ("阿依古丽·买买提", "阿依古丽", "阿依古丽**"),
        ("James Okoro", "Okoro", "J. Okoro"),
        ("María Gutiérrez", "Gutiérrez", "M. Gutiérrez"),
        ("孙立", "孙", "孙*"),
        ("欧阳", "欧", "欧*"),
        ("李𠮷祥", "李", "李**"),
        ("Madonna", "Madonna", "M******"),
        ("", "", ""),
    ],
)
def test_names_of_many_kinds(name, short, masked):
    assert surname(name) == short
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"), [("028-1234567", "028****4567"), ("8613", "**13"), ("", ""), ("12", "12")]
)
def test_phones_of_many_lengths(phone, masked):
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(("number", "masked"), [("T0001", "***01"), ("W1", "**"), ("", "")])
def test_short_numbers(number, masked):
    assert mask_number(number) == masked
