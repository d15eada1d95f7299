"""XML as 云通讯 may write it, in callbacks and answers alike: any byte order mark, any encoding that is about in China.

Expat bounds what entities may expand to. It knows none of the Chinese encodings, so these are decoded before it sees
them.
"""

from __future__ import annotations

import codecs
import re
from xml.etree import ElementTree

_CHINESE = re.compile(rb"""<\?xml[^>]*encoding=["']gb[^"']*["'][^>]*\?>""", re.IGNORECASE)


def is_xml(body: bytes) -> bool:
    return body.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)) or _without_bom(body).startswith(b"<")


def root(body: bytes) -> ElementTree.Element:
    """Raises ValueError for what cannot be read."""
    document: bytes | str = _without_bom(body)
    if chinese := _CHINESE.match(_without_bom(body)):
        document = _without_bom(body)[chinese.end() :].decode("gb18030", "replace")
    try:
        return ElementTree.fromstring(document)
    except (ElementTree.ParseError, LookupError) as error:
        raise ValueError(str(error)) from error


def _without_bom(body: bytes) -> bytes:
    return body.removeprefix(codecs.BOM_UTF8).lstrip()
