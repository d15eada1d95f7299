"""Sub-accounts and the main account [2]. Every method is a part of one change of the ledger."""

from __future__ import annotations

from typing import Any

from hub.simulator.chance import Chance
from hub.simulator.clock import china_time
from hub.simulator.codes import Refused
from hub.simulator.ledger import Ledger
from hub.simulator.rows import Attributes, whole

MEMBERS = ("subAccountSid", "subToken", "dateCreated", "voipAccount", "voipPwd")
AT_ONCE = range(1, 101)
"""How many rows GetSubAccounts gives at most [2.3]."""


class Accounts:
    def __init__(self, ledger: Ledger, chance: Chance) -> None:
        self._ledger = ledger
        self._chance = chance

    async def create(self, attributes: Attributes) -> dict[str, Any]:
        name = _name(attributes)
        await self._refuse_duplicate(name)
        voip = f"{80000000000000 + self._chance.dice('voip', name).randrange(10**12)}"
        sid, token, pwd = (self._chance.hex(what, name, length) for what, length in _SECRETS)
        made = (name, sid, token, voip, pwd, china_time())
        await self._ledger.write("INSERT INTO sub_accounts VALUES (?, ?, ?, ?, ?, ?)", *made)
        return await self.query(attributes)

    async def query(self, attributes: Attributes) -> dict[str, Any]:
        row = await self._ledger.one(
            "SELECT sid, token, created, voip, pwd FROM sub_accounts WHERE name = ?", _name(attributes)
        )
        if row is None:
            raise Refused("111144")
        return {"SubAccount": dict(zip(MEMBERS, row, strict=True))}

    async def list(self, attributes: Attributes) -> dict[str, Any]:
        """`startNo` is the first row's number, `offset` how many at most [2.3]."""
        start, most = whole(attributes.get("startNo", "0")), whole(attributes.get("offset", "100"))
        if start is None or most not in AT_ONCE:
            raise Refused("160031")
        (count,) = await self._ledger.one("SELECT count(*) FROM sub_accounts")
        rows = await self._ledger.rows(
            "SELECT sid, token, created, voip, pwd, name FROM sub_accounts ORDER BY rowid LIMIT ? OFFSET ?",
            *(most, start),
        )
        listed = [dict(zip((*MEMBERS, "friendlyName"), row, strict=True)) for row in rows]
        return {"totalCount": str(count), "SubAccount": listed}

    async def close(self, attributes: Attributes) -> dict[str, Any]:
        await self._change("DELETE FROM sub_accounts WHERE sid = ?", attributes.get("subAccountSid", ""))
        return {}

    async def modify(self, attributes: Attributes) -> dict[str, Any]:
        """Its name is all that can be changed [2.5]."""
        name = _name(attributes)
        await self._refuse_duplicate(name)
        sql = "UPDATE sub_accounts SET name = ? WHERE sid = ?"
        await self._change(sql, name, attributes.get("subAccountSid", ""))
        return {}

    async def main(self, _: Attributes) -> dict[str, Any]:
        """AccountInfo. Nothing but its path is known [1.1]: these members are made up."""
        return {"Account": {"accountSid": self._ledger.account[0], "friendlyName": "simulator", "status": "1"}}

    async def _change(self, sql: str, *arguments: str) -> None:
        if not await self._ledger.write(sql, *arguments):
            raise Refused("111144")

    async def _refuse_duplicate(self, name: str) -> None:
        if await self._ledger.one("SELECT 1 FROM sub_accounts WHERE name = ?", name):
            raise Refused("111150")


_SECRETS = (("sub-account", 32), ("token", 32), ("password", 8))


def _name(attributes: Attributes) -> str:
    name = attributes.get("friendlyName", "")
    if not name:
        raise Refused("111145")
    return name
