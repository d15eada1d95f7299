"""Template SMS: checked, kept, and never sent [6]."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from hub.simulator.chance import Chance
from hub.simulator.clock import china_time
from hub.simulator.codes import Refused
from hub.simulator.ledger import Ledger
from hub.simulator.rows import Attributes

MOST_NUMBERS = 200
NUMBER = re.compile(r"\+?[0-9]{3,20}")


class Messages:
    def __init__(self, ledger: Ledger, chance: Chance) -> None:
        self._ledger = ledger
        self._chance = chance

    async def send(self, attributes: Attributes, datas: Sequence[str] | None) -> dict[str, Any]:
        """Inside a change. `datas` is None where the request has no such key. One answer for all receivers [6]."""
        numbers = [number.strip() for number in attributes.get("to", "").split(",") if number.strip()]
        for code in _wrong(numbers, attributes.get("templateId", ""), datas):
            raise Refused(code)
        sid, sent = self._chance.hex("message", ",".join(numbers), 32), china_time()
        for number in numbers:
            await self._ledger.write(
                "INSERT INTO messages (sid, number, template_id, datas, sent) VALUES (?, ?, ?, ?, ?)",
                *(sid, number, attributes["templateId"], json.dumps(datas, ensure_ascii=False), sent),
            )
        return {"templateSMS": {"dateCreated": sent, "smsMessageSid": sid}}


def _wrong(numbers: Sequence[str], template: str, datas: Sequence[str] | None) -> Iterator[str]:
    """The codes of what is wrong, in the order of the checks [7.2]."""
    checks = {
        "112306": not numbers,
        "112307": not template,
        "160057": not (template.isascii() and template.isdecimal()),
        "112308": datas is None,
        "160048": len(numbers) > MOST_NUMBERS,
        "160042": not all(map(NUMBER.fullmatch, numbers)),
        "160045": len(set(numbers)) < len(numbers),
    }
    return (code for code, is_wrong in checks.items() if is_wrong)
