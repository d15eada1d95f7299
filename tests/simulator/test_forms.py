"""How leniently requests are read and in which form they are answered. Sections of the provider notes in brackets."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from hub.simulator.answers import form_for
from hub.simulator.forms import Asked, Breaks, read
from tests.simulator.doubles import Client

IVR = Asked("QuitConf", "app", {"confid": "1", "callid": "2"})


@pytest.mark.parametrize(
    "body",
    [
        '<Request><Appid>app</Appid><QuitConf confid="1" callid="2"/></Request>',
        '<Request><QuitConf callid="2" confid="1"/><appId> app </appId></Request>',
        '<anything><APPID>app</APPID><QuitConf confid="1" callid="2" empty=""></QuitConf></anything>',
        "<Request><Appid>app</Appid><QuitConf><confid>1</confid><callid>2</callid></QuitConf></Request>",
        '<?xml version="1.0" encoding="utf-8"?><Request>\n<Appid>app</Appid>\n<QuitConf callid="2"><confid>1</confid>'
        "</QuitConf></Request>",
    ],
)
def test_a_command_is_read_however_it_is_written(body: str) -> None:
    """[1.4]"""
    assert read(body.encode(), "application/xml;charset=utf-8;", is_ivr=True) == IVR


def test_a_command_may_be_json() -> None:
    """[1.4]: one client sends it so; whether the platform takes it is not known."""
    body = b'{"Appid":"app","QuitConf":{"confid":"1","callid":"2"}}'
    assert read(body, "application/json", is_ivr=True) == IVR


SMS = Asked("", "app", {"to": "1", "templateId": "1"}, ["a'b", 'c"d'])


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", '{"appId":"app","to":"1","templateId":"1","datas":["a\'b","c\\"d"]}'),
        ("application/json;charset=utf-8;", """{'to':'1','templateId':'1','datas':['a\\'b','c"d',],'APPID':'app',}"""),
        ("Application/JSON", '{"to": 1, "datas": ["a\'b", "c\\"d" , ] , "templateId": "1", "appid": "app", "x": ""}'),
        (
            "application/xml",
            "<Any><datas><data>a'b</data><data>c\"d</data></datas><to>1</to><templateId>1</templateId>"
            "<appId>app</appId></Any>",
        ),
    ],
)
def test_a_message_is_read_however_it_is_written(content_type: str, body: str) -> None:
    """[1.4]: commas too many, single quotes, any root."""
    assert read(body.encode(), content_type, is_ivr=False) == SMS


def test_a_comma_in_a_text_stays_where_it_is() -> None:
    assert read(b'{"appId":"a","to":"1,]"}', "application/json", is_ivr=False).attributes == {"to": "1,]"}


def test_numbers_among_the_datas_are_not_read() -> None:
    with pytest.raises(Breaks):
        read(b'{"datas":["1",2]}', "application/json", is_ivr=False)


@pytest.mark.parametrize(
    ("accept", "content_type", "form"),
    [
        ("application/json", "application/xml", "json"),
        ("application/xml;", "application/json", "xml"),
        ("text/xml, application/json", "", "xml"),
        ("*/*", "application/json;charset=utf-8;", "json"),
        ("", "application/xml", "xml"),
        ("", "", "xml"),
    ],
)
def test_the_answer_has_the_form_that_is_wanted(accept: str, content_type: str, form: str) -> None:
    """[1.4]"""
    assert form_for(accept, content_type) == form


async def test_the_answer_is_xml_where_that_is_accepted(client: Client) -> None:
    """[1.4, 1.5]"""
    body = f"<Request><Appid>{client.app_id}</Appid><CreateConf/></Request>"
    answer = await client.post("ivr/createconf", body, Accept="application/xml;")
    root = ElementTree.fromstring(answer.content)
    assert (root.tag, root.findtext("statusCode")) == ("Response", "000000")
    assert root.findtext("confid", "").isdecimal()


async def test_the_copies_in_the_query_count_where_the_attribute_is_missing(client: Client) -> None:
    """[3.1]"""
    body = f"<Request><Appid>{client.app_id}</Appid><QueryConfState confid=''/></Request>"
    answer = await client.ask("POST", "ivr/conf", body, {"confid": await client.create()})
    assert answer.json()["statusCode"] == "000000"


async def test_a_refusal_is_a_status_and_a_sentence(client: Client) -> None:
    """[1.5]"""
    refused = await client.post("ivr/conf", "<Request/>", Accept="application/xml")
    root = ElementTree.fromstring(refused.content)
    assert (refused.status_code, [child.tag for child in root]) == (200, ["statusCode", "statusMsg"])
