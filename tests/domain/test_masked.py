from __future__ import annotations

import re

import pytest

from hub.domain.model import digits, masked, masked_number

WRITTEN = [
    "13800000001",
    "+86 138-0000-0001",
    "+86 (138) 0000-0001",
    "138  0000  0001",
    "138 - 0000 - 0001",
    "138\u20130000\u20130001",
    "138/0000/0001",
    "138_0000_0001",
    "138\u00b70000\u00b70001",
    "138,0000,0001",
    "138\u30010000\u30010001",
    "138\u200b0000\u00ad0001",
    "\uff11\uff13\uff18\uff10\uff10\uff10\uff10\uff10\uff10\uff10\uff11",
    "\u2460\u2462\u2467\u2460\u2460\u2460\u2460\u2460\u2460\u2460\u2460",
    "\u00b9\u00b3\u2078\u2070\u2070\u2070\u2070\u2070\u2070\u2070\u00b9",
]


@pytest.mark.parametrize("number", WRITTEN)
def test_a_number_is_masked_however_it_is_written(number: str) -> None:
    for shown in (masked(number), masked(f"call {number}, please"), masked_number(number)):
        assert max(map(len, re.findall(r"\d+", shown))) <= 4, shown
        assert len(digits(shown)) <= 7


def test_two_numbers_do_not_shield_each_other() -> None:
    assert masked_number("138/0000/0002 ; 1234567") == "138****4567"
    assert masked("138 0000 0002 and 1234567") == "138****0002 and ****67"


@pytest.mark.parametrize(("number", "shown"), [("12345", "****45"), ("1", "****1"), ("", ""), ("abc", "")])
def test_whatever_stands_as_a_number_is_one(number: str, shown: str) -> None:
    assert masked_number(number) == shown


@pytest.mark.parametrize("text", ["Ada", "Room 5", "\u5f20\u4e09", "12:30", "provider_refused: 110026", ""])
def test_what_is_no_number_stays_as_it_is(text: str) -> None:
    assert masked(text) == text
