"""Which of many alike are told, so that neither a mistake nor a flood goes by and neither fills the log."""

from __future__ import annotations


def is_told(count: int) -> bool:
    """The first, the second, the fourth, the eighth, …"""
    return count & (count - 1) == 0
