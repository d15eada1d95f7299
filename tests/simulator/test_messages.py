"""Template SMS. Sections of the provider notes in brackets."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from tests.simulator.doubles import Client

GOOD: dict[str, Any] = {"to": "13800000001,13800000002", "templateId": "1", "datas": ["1", "用户"]}


async def test_a_message_is_kept_per_receiver(client: Client) -> None:
    """[6]"""
    answer = await client.json("SMS/TemplateSMS", **GOOD)
    sms = answer["templateSMS"]
    assert (answer["statusCode"], len(sms["smsMessageSid"]), len(sms["dateCreated"])) == ("000000", 32, 14)
    common = {"template": "1", "datas": ["1", "用户"], "sent": sms["dateCreated"], "sid": sms["smsMessageSid"]}
    assert await client.look("messages") == [{"number": number, **common} for number in GOOD["to"].split(",")]


async def test_in_xml_its_name_begins_with_a_capital(client: Client) -> None:
    """[6]; one client sends it under the root SubAccount [1.4]."""
    for root in ("TemplateSMS", "SubAccount"):
        body = (
            f"<{root}><to>138</to><appId>{client.app_id}</appId><templateId>1</templateId>"
            f"<datas><data>1</data><data>2</data></datas></{root}>"
        )
        answer = await client.post("SMS/TemplateSMS", body, Accept="application/xml")
        assert ElementTree.fromstring(answer.content).findtext("TemplateSMS/smsMessageSid")
    assert [message["datas"] for message in await client.look("messages")] == [["1", "2"]] * 2


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"to": ""}, "112306"),
        ({"to": " , "}, "112306"),
        ({"templateId": ""}, "112307"),
        ({"templateId": "one"}, "160057"),
        ({"datas": None}, "112308"),
        ({"to": ",".join(str(13800000000 + each) for each in range(201))}, "160048"),
        ({"to": "138,hello"}, "160042"),
        ({"to": "138,139,138"}, "160045"),
    ],
)
async def test_what_is_wrong_with_a_message_has_a_code(client: Client, changed: dict[str, Any], code: str) -> None:
    """[7.2]"""
    assert (await client.json("SMS/TemplateSMS", **{**GOOD, **changed}))["statusCode"] == code
    assert await client.look("messages") == []


async def test_numbers_among_the_datas_break_the_platform(client: Client) -> None:
    """[1.4]"""
    body = f'{{"appId":"{client.app_id}","to":"138","templateId":"1","datas":[1]}}'
    assert (await client.post("SMS/TemplateSMS", body, Content_Type="application/json")).status_code == 500
