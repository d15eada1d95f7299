"""What the platform says when it says no: a closed table of status codes and their sentences.

Accounts, apps and form: [7.1]. SMS: [7.2]. The conference codes of this version are not known [7.3], so those of the
old family are borrowed, all that begin with 110 [7.4]; nobody should depend on them. 111144 and 111145 are guesses.
"""

from __future__ import annotations

from collections.abc import Mapping

SUCCESS = "000000"

SENTENCES: Mapping[str, str] = {
    "110026": "【会议】邀请加入会议失败，号码为空或过多",
    "110092": "【会议】最大会议人数非法",
    "110127": "【会议】参数错误",
    "110128": "【会议】会议号不存在",
    "111000": "【账号】未知错误",
    "111100": "【账号】请求URL账户格式不正确",
    "111101": "【账号】请求包头Authorization参数为空",
    "111102": "【账号】请求包头Authorization参数Base64解码失败",
    "111103": "【账号】请求包头Authorization参数解码后格式有误",
    "111104": "【账号】请求包头Authorization参数解码后账户ID为空",
    "111105": "【账号】请求包头Authorization参数解码后时间戳为空",
    "111106": "【账号】请求包头Authorization参数解码后时间戳过期",
    "111107": "【账号】请求包头Authorization参数中账户ID跟请求地址中的账户ID不一致",
    "111108": "【账号】请求地址Sig参数为空",
    "111109": "【账号】请求地址Sig校验失败",
    "111110": "【账号】请求地址SoftVersion参数有误",
    "111111": "【账号】超过规定的并发数",
    "111113": "【账号】请求包头Authorization参数中时间戳格式有误，应为yyyyMMddHHmmss",
    "111141": "【账号】主账户不存在",
    "111144": "【账号】子账户不存在",
    "111145": "【账号】子账户名称为空",
    "111150": "【账号】子账户名称重复",
    "111169": "【账号】应用ID为空",
    "111170": "【账号】应用ID含有非法字符",
    "111171": "【账号】应用ID长度有误",
    "111181": "【账号】应用不存在",
    "112306": "【短信】模板短信接收号码为空",
    "112307": "【短信】模板短信模板ID为空",
    "112308": "【短信】模板短信模板数据为空",
    "112613": "【账号】请求包体XML解析失败",
    "160031": "【账号】请求参数解析失败",
    "160042": "【短信】号码格式有误",
    "160045": "【短信】号码重复",
    "160048": "【短信】号码超过200个",
    "160057": "【短信】模板ID必须为数字",
}


class Refused(Exception):
    """The platform says no with one of its codes."""

    def __init__(self, code: str) -> None:
        super().__init__(SENTENCES[code])
        self.code = code

    @property
    def answer(self) -> dict[str, str]:
        return {"statusCode": self.code, "statusMsg": str(self)}
