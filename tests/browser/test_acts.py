"""What a moderator does to people, one, many and all, on the page of a running hub."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Desk
from tests.browser.moderator import everybody, invite, keep_toasts, row, sure, toast

pytestmark = pytest.mark.asyncio(loop_scope="module")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


async def choose(page: Page, *names: str) -> None:
    for name in names:
        await page.get_by_role("checkbox", name=f"Select {name}", exact=True).check()


async def assert_muted(page: Page, **muted: bool) -> None:
    for name, is_muted in muted.items():
        await expect(row(page, name)).to_have_attribute("data-muted", str(is_muted).lower())


# One -----------------------------------------------------------------------------------------------------------------


async def test_one_is_muted_and_the_toast_takes_it_back(desk: Desk) -> None:
    page, _ = await desk.conference()
    await button(page, "Mute Ada").click()
    await expect(toast(page)).to_contain_text("Ada is muted.")
    await assert_muted(page, Ada=True, Bob=False)
    await toast(page).get_by_role("button", name="Undo").click()
    await assert_muted(page, Ada=False)
    await expect(toast(page)).to_contain_text("Ada can be heard.")


async def test_what_is_said_of_somebody_makes_room_for_what_is_newer(desk: Desk) -> None:
    page, _ = await desk.conference()
    toasts = page.locator("conf-toasts .toast > span")
    await choose(page, "Ada", "Bob")
    await page.keyboard.press("m")
    await expect(toasts).to_have_text(["2 people are muted."])
    await button(page, "Unmute Ada").click()
    await expect(toasts).to_have_text(["Bob is muted.", "Ada can be heard."])
    await button(page, "Mute Ada").click()
    await expect(toasts).to_have_text(["Bob is muted.", "Ada is muted."])
    await page.locator("conf-toasts .toast").first.get_by_role("button", name="Undo").click()
    await assert_muted(page, Ada=True, Bob=False, Cyd=False)
    await expect(toasts).to_have_text(["Ada is muted.", "Bob can be heard."])


async def test_what_somebody_else_has_changed_since_is_not_taken_back(desk: Desk) -> None:
    page, id = await desk.conference()
    await choose(page, "Ada", "Bob")
    await page.keyboard.press("m")
    await expect(toast(page)).to_contain_text("2 people are muted.")
    users = [{"callid": (await desk.rows(id))["Ada"]["callid"]}]
    for operation in ("unmuteConf", "muteConf"):
        await desk.hub.post(operation, id=id, uid="ben", appid="demo", users=users)
    await expect(toast(page)).to_contain_text("Bob is muted.")
    await page.keyboard.press("z")
    await assert_muted(page, Ada=True, Bob=False)


async def test_what_comes_by_itself_moves_no_row(desk: Desk) -> None:
    """Somebody may be about to press what stands there."""
    page, id = await desk.conference()
    at = await row(page, "Bob").bounding_box()
    await choose(page, "Ada")
    await expect(page.get_by_role("group", name="Selection")).to_be_visible()
    assert await row(page, "Bob").bounding_box() == at
    await desk.hub.post("modeConf", id=id, uid="ben", appid="demo", muted="all_but_moderators")
    await expect(page.locator(".banners .banner.calm")).to_be_visible()
    assert await row(page, "Bob").bounding_box() == at


async def test_whoever_is_removed_last_ends_the_conference_which_is_asked_about(desk: Desk) -> None:
    page, id = await desk.conference()
    await choose(page, "Ada", "Bob", "Cyd")
    await page.keyboard.press("k")
    await expect(page.get_by_role("dialog")).to_contain_text("The conference ends with the last one who leaves")
    await page.keyboard.press("Escape")
    await button(page, "Remove Ada").click()
    await expect(row(page, "Ada").locator(".progress")).to_contain_text("removed")
    await everybody(page, "Remove everybody")
    await expect(page.get_by_role("dialog")).to_contain_text("The conference ends with the last one who leaves")
    assert [row["progress"] for row in (await desk.rows(id)).values()] == ["kicked", "joined", "joined"]


async def test_what_is_newer_keeps_no_older_toast(desk: Desk) -> None:
    page, _ = await desk.conference()
    await page.clock.install()
    toasts = page.locator("conf-toasts .toast > span")
    await button(page, "Mute Ada").click()
    await expect(toasts).to_have_text(["Ada is muted."])
    await page.clock.fast_forward(6_000)
    await button(page, "Mute Bob").click()
    await expect(toasts).to_have_text(["Ada is muted.", "Bob is muted."])
    await page.clock.fast_forward(6_000)
    await expect(toasts).to_have_text(["Bob is muted."])


async def test_a_second_press_at_once_does_not_do_what_has_come_under_the_pointer(desk: Desk) -> None:
    page, _ = await desk.conference()
    await button(page, "Remove Ada").click()
    await expect(button(page, "Take off the roster Ada")).to_be_visible()
    await page.mouse.down(click_count=2)
    await page.mouse.up(click_count=2)
    await button(page, "Take off the roster Ada").hover()
    await expect(row(page, "Ada")).to_have_attribute("data-progress", "kicked")
    await page.mouse.down()
    await page.mouse.up()
    await sure(page, "Take off the roster")
    await expect(row(page, "Ada")).to_have_count(0)


async def test_what_made_room_is_undone_only_for_those_of_whom_it_is_still_so(desk: Desk) -> None:
    page, _ = await desk.conference(*(f"1380000000{n} {name}" for n, name in enumerate(("Ada", "Bob", "Cyd", "Dan"))))
    await keep_toasts(page)
    for names in (("Ada", "Bob"), ("Cyd",), ("Dan",)):
        for name in names:
            await choose(page, name)
        await page.keyboard.press("m")
        await expect(toast(page)).to_contain_text("muted")
        await page.keyboard.press("Escape")
    await assert_muted(page, Ada=True, Bob=True, Cyd=True, Dan=True)
    await button(page, "Unmute Ada").click()
    await expect(toast(page)).to_contain_text("Ada can be heard.")
    await button(page, "Mute Ada").click()
    await expect(toast(page)).to_contain_text("Ada is muted.")
    for _ in range(4):
        await page.keyboard.press("z")
    await assert_muted(page, Ada=False, Bob=False, Cyd=False, Dan=False)
    await expect(toast(page)).to_contain_text("Bob can be heard.")


async def test_one_is_removed_and_the_toast_calls_them_again(desk: Desk) -> None:
    page, _ = await desk.conference()
    await button(page, "Remove Bob").click()
    await expect(row(page, "Bob").locator(".progress")).to_have_text("removed by moderator")
    await toast(page).get_by_role("button", name="Undo").click()
    await expect(row(page, "Bob").locator(".progress")).to_have_text("joined · call 2")


async def test_whoever_was_busy_is_called_again_and_taken_off(desk: Desk) -> None:
    page, id = await desk.conference("13800000001 Ada")
    await desk.invite(id, "13800009001 Busy")
    await expect(row(page, "Busy").locator(".progress")).to_have_text("busy")
    await button(page, "Call again Busy").click()
    await expect(row(page, "Busy").locator(".progress")).to_have_text("busy · call 2")
    await button(page, "Take off the roster Busy").click()
    await sure(page, "Take off the roster")
    await expect(row(page, "Busy")).to_have_count(0)
    assert list(await desk.rows(id)) == ["Ada"]


async def test_a_call_under_way_is_counted_in_seconds_and_stopped(desk: Desk) -> None:
    page, id = await desk.conference("13800000001 Ada")
    await desk.hub.simulator("play", scene={"numbers": {"13800000055": {"then": "ring"}}})
    await desk.invite(id, "13800000055 Ringing")
    await expect(row(page, "Ringing").locator(".progress")).to_have_text(re.compile(r"^dialing \d+ s$"))
    await button(page, "Stop calling Ringing").click()
    await expect(row(page, "Ringing").locator(".progress")).to_have_text("taking back…")
    await desk.hub.simulator("answer", number="13800000055")
    await expect(row(page, "Ringing")).to_have_attribute("data-progress", "kicked")


async def test_whoever_is_only_on_the_roster_is_called(desk: Desk) -> None:
    page, id = await desk.conference("13800000001 Ada")
    people = [{"number": "13800000004", "name": "Dan"}, {"number": "13800000005", "name": "Eve"}]
    await desk.hub.post("joinConf", id=id, uid="mia", appid="demo", users=people)
    await button(page, "Call Dan").click()
    await expect(row(page, "Dan")).to_have_attribute("data-progress", "joined")
    await expect(row(page, "Eve")).to_have_attribute("data-progress", "added")
    await button(page, "Call all").click()
    await expect(page.get_by_role("dialog")).to_contain_text("Call 1 person now?")
    await sure(page, "Call all")
    await expect(row(page, "Eve")).to_have_attribute("data-progress", "joined")


# Many ----------------------------------------------------------------------------------------------------------------


async def test_a_selection_is_muted_in_one_motion_and_taken_back_in_one(desk: Desk) -> None:
    page, _ = await desk.conference()
    await choose(page, "Ada")
    await page.get_by_role("checkbox", name="Select Bob", exact=True).click(modifiers=["Shift"])
    selection = page.get_by_role("group", name="Selection")
    await expect(selection.get_by_role("status")).to_have_text("2 selected")
    await selection.get_by_role("button", name="Mute 2").click()
    await assert_muted(page, Ada=True, Bob=True, Cyd=False)
    await expect(toast(page)).to_contain_text("2 people are muted.")
    await choose(page, "Cyd")
    await expect(selection.get_by_role("button", name="Unmute 2")).to_be_visible()
    await expect(selection.get_by_role("button", name="Mute 1", exact=True)).to_be_visible()
    await toast(page).get_by_role("button", name="Undo").click()
    await assert_muted(page, Ada=False, Bob=False)
    await selection.get_by_role("button", name="Clear").click()
    await expect(selection).to_be_hidden()


async def test_all_that_match_are_removed_and_called_again(desk: Desk) -> None:
    page, _ = await desk.conference("13800000001 Ada North", "13800000002 Bob North", "13800000003 Cyd South")
    await page.get_by_label("Search name or number").fill("north")
    await expect(page.locator("tr[data-key]")).to_have_count(2)
    await page.get_by_role("checkbox", name="Select all that are shown").check()
    await page.get_by_role("button", name="Remove 2").click()
    for name in ("Ada", "Bob"):
        await expect(row(page, name)).to_have_attribute("data-progress", "kicked")
    await page.get_by_role("button", name="Call again 2").click()
    for name in ("Ada", "Bob"):
        await expect(row(page, name)).to_have_attribute("data-progress", "joined")
    await page.get_by_label("Search name or number").fill("")
    await expect(row(page, "Cyd")).to_have_attribute("data-progress", "joined")


async def test_taking_many_off_the_roster_is_asked_about(desk: Desk) -> None:
    page, id = await desk.conference("13800000001 Ada")
    await desk.invite(id, "13800009001 Busy", "13800009003 Rejects")
    await expect(row(page, "Rejects")).to_have_attribute("data-progress", "rejected")
    await expect(row(page, "Busy")).to_have_attribute("data-progress", "busy")
    await choose(page, "Busy", "Rejects")
    await page.get_by_role("button", name="Take off the roster 2").click()
    await expect(page.get_by_role("dialog")).to_contain_text("Take 2 people off the roster?")
    await button(page, "Go back").click()
    await expect(row(page, "Busy")).to_be_visible()
    await page.get_by_role("button", name="Take off the roster 2").click()
    await sure(page, "Take off the roster")
    await expect(page.locator("tr[data-key]")).to_have_count(1)


# All -----------------------------------------------------------------------------------------------------------------


async def test_everybody_is_muted_once_it_is_said_how_many_that_are(desk: Desk) -> None:
    page, _ = await desk.conference()
    await everybody(page, "Mute everybody")
    await expect(page.get_by_role("dialog")).to_contain_text("Mute 3 people?")
    await button(page, "Go back").click()
    await assert_muted(page, Ada=False, Bob=False, Cyd=False)
    await everybody(page, "Mute everybody")
    await sure(page, "Mute everybody")
    await assert_muted(page, Ada=True, Bob=True, Cyd=True)
    await expect(page.get_by_role("button", name="Muted 3")).to_be_visible()
    await everybody(page, "Unmute everybody")
    await sure(page, "Unmute everybody")
    await assert_muted(page, Ada=False, Bob=False, Cyd=False)


async def test_enter_answers_a_question_unless_that_cannot_be_taken_back(desk: Desk) -> None:
    page, _ = await desk.conference()
    await page.keyboard.press("Shift+M")
    await expect(button(page, "Mute everybody").last).to_be_focused()
    await page.keyboard.press("Enter")
    await assert_muted(page, Ada=True, Bob=True, Cyd=True)
    for act in ("Remove everybody", "Send a reminder by SMS"):
        await everybody(page, act)
        await expect(button(page, "Go back")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("dialog")).to_have_count(0)
    await button(page, "End conference").click()
    await expect(button(page, "Go back")).to_be_focused()
    await expect(page.locator("tr[data-progress=joined]")).to_have_count(3)


async def test_the_press_that_opens_a_question_does_not_answer_it(desk: Desk) -> None:
    page, _ = await desk.conference()
    await button(page, "Everyone").click()
    await button(page, "Mute everybody").focus()
    for _ in range(3):
        await page.keyboard.down("Enter")
    await expect(page.get_by_role("dialog", name="Mute 3 people?")).to_be_visible()
    await page.keyboard.up("Enter")
    await page.keyboard.press("Enter")
    await assert_muted(page, Ada=True, Bob=True, Cyd=True)


async def test_all_but_moderators_are_muted_and_removed(desk: Desk) -> None:
    page, id = await desk.conference()
    users = [{"id": "moderator", "number": "13800000009", "name": "Chair", "role": "moderator"}]
    await desk.hub.post("inviteConf", id=id, uid="mia", appid="demo", users=users)
    await expect(row(page, "Chair")).to_have_attribute("data-progress", "joined")
    await expect(page.get_by_text("Moderators inside")).to_be_visible()
    await everybody(page, "Mute all but moderators")
    await expect(page.get_by_role("dialog")).to_contain_text("Mute 3 people who are no moderators?")
    await sure(page, "Mute all but moderators")
    await assert_muted(page, Ada=True, Bob=True, Cyd=True, Chair=False)
    await everybody(page, "Mute all but me")
    await expect(page.get_by_text("There was nobody to whom that could be done.")).to_be_visible()
    await everybody(page, "Remove all but moderators")
    await sure(page, "Remove all but moderators")
    await expect(page.locator("tr[data-progress=kicked]")).to_have_count(3)
    await expect(row(page, "Chair")).to_have_attribute("data-progress", "joined")


async def test_a_muted_conference_says_so_and_mutes_who_comes_in(desk: Desk) -> None:
    page, id = await desk.conference("13800000001 Ada")
    await everybody(page, "Keep muted: also who comes in")
    await sure(page, "Keep muted: also who comes in")
    await expect(page.get_by_text("Muted conference: everybody is muted")).to_be_visible()
    await desk.invite(id, "13800000002 Bob")
    await assert_muted(page, Ada=True, Bob=True)
    await everybody(page, "Let who comes in speak")
    await expect(page.get_by_text("Muted conference:")).to_be_hidden()
    await assert_muted(page, Ada=True, Bob=True)


async def test_those_who_were_not_reached_are_called_again(desk: Desk) -> None:
    page, id = await desk.conference("13800000001 Ada")
    await desk.invite(id, "13800009001 Busy", "13800009003 Rejects")
    await expect(page.get_by_role("button", name="Not reached 2")).to_be_visible()
    await everybody(page, "Call again who was not reached")
    await expect(page.get_by_role("dialog")).to_contain_text("Call 2 people again?")
    await sure(page, "Call again who was not reached")
    await expect(row(page, "Busy").locator(".progress")).to_have_text("busy · call 2")
    await expect(row(page, "Rejects").locator(".progress")).to_have_text("rejected · call 2")


async def test_a_reminder_goes_to_all_numbers_once_that_is_sure(desk: Desk) -> None:
    page, _ = await desk.conference()
    await everybody(page, "Send a reminder by SMS")
    await expect(page.get_by_role("dialog")).to_contain_text("Send the reminder SMS to 3 numbers?")
    await sure(page, "Send a reminder by SMS")
    await expect(toast(page)).to_contain_text("3 reminders are sent.")
    messages = (await desk.hub.simulator("messages"))["messages"]
    assert len(messages) == 3


async def test_a_reminder_that_not_everybody_gets_is_said(desk: Desk) -> None:
    page, id = await desk.conference()
    await desk.hub.post("joinConf", id=id, uid="mia", appid="demo", users=[{"number": "1" * 21, "name": "Too long"}])
    await everybody(page, "Send a reminder by SMS")
    await sure(page, "Send a reminder by SMS")
    await expect(page.get_by_text("Of 4, 1 did not work:")).to_be_visible()
    await expect(toast(page)).to_contain_text("3 reminders are sent.")


# Where it does not work ----------------------------------------------------------------------------------------------


async def test_an_error_is_said_on_the_row_where_the_act_was(desk: Desk) -> None:
    page, _ = await desk.conference()
    await desk.hub.simulator("fault", name="answer_500", only="ConfMute")
    await button(page, "Mute Ada").click()
    await expect(row(page, "Ada").get_by_role("alert")).to_be_visible()
    await expect(row(page, "Bob").get_by_role("alert")).to_have_count(0)
    await expect(page.locator("conf-toasts .toast")).to_have_count(0)
    await desk.hub.simulator("mend")
    await button(page, "Mute Ada").click()
    await assert_muted(page, Ada=True)
    await expect(row(page, "Ada").get_by_role("alert")).to_have_count(0)


async def test_of_many_that_failed_it_is_said_how_many_and_on_each(desk: Desk) -> None:
    page, _ = await desk.conference()
    await desk.hub.simulator("fault", name="answer_500", only="ConfMute", nth=2)
    await everybody(page, "Mute everybody")
    await sure(page, "Mute everybody")
    await expect(page.locator(".toolbar .error")).to_contain_text("Of 3, 1 did not work:")
    await expect(page.locator("conf-roster").get_by_role("alert")).to_have_count(1)
    await expect(page.locator("tr[data-muted=true]")).to_have_count(2)
    await desk.hub.simulator("mend")


async def test_what_is_wanted_and_what_is_so_are_two_things(desk: Desk) -> None:
    page, _ = await desk.conference("13800000001 Ada")
    await desk.hub.simulator("fault", name="answer_slow", only="ConfMute", seconds=600)
    await desk.hub.simulator("fault", name="callback_dropped", only="media")
    await button(page, "Mute Ada").click()
    await expect(row(page, "Ada").locator(".microphone")).to_contain_text("muting…")
    await expect(row(page, "Ada").locator(".microphone .spinner")).to_be_visible()
    await expect(button(page, "Mute Ada")).to_have_attribute("aria-disabled", "true")
    await expect(button(page, "Mute Ada")).to_have_attribute("title", "Mute — muting…")
    await desk.hub.simulator("mend")


async def test_an_uncertain_row_is_settled_by_whoever_knows(desk: Desk) -> None:
    page, id = await desk.conference("13800000001 Ada", "13800000002 Bob")
    await desk.invite(id, "13800009001 Busy")
    await expect(row(page, "Busy")).to_have_attribute("data-progress", "busy")
    await desk.hub.simulator("fault", name="callback_dropped", only="quit")
    await desk.hub.simulator("hangup", number="13800000002")
    await expect(page.get_by_text("Uncertain: the roster shows 2 inside, the platform counts 1.")).to_be_visible()
    await desk.hub.simulator("mend")
    await expect(page.locator("[data-act=settle]")).to_have_count(2)
    await button(page, "Inside or not? Bob").click()
    dialog = page.get_by_role("dialog", name="Is Bob inside?")
    await expect(dialog).to_contain_text("The roster shows 2 inside, the telephone platform counts 1.")
    await expect(dialog).to_contain_text("Bob is shown inside.")
    await expect(button(page, "Go back")).to_be_focused()
    await expect(button(page, "Is inside")).to_have_count(0)
    await sure(page, "Is not inside")
    await expect(row(page, "Bob").locator(".progress")).to_have_text("left")
    await expect(toast(page)).to_contain_text("Bob is not inside: it is noted.")
    await expect(toast(page).get_by_role("button", name="Undo")).to_have_count(0)
    await expect(page.get_by_text("Uncertain:")).to_be_hidden()
    assert (await desk.rows(id))["Bob"]["cause"] == "settled"


# Inviting ------------------------------------------------------------------------------------------------------------

UNCLEAR = "Room 5 13800000008 — It is not clear which digits are the number."


def lines(dialog: Locator) -> Locator:
    return dialog.get_by_label("One number and name a line")


async def test_what_is_pasted_is_read_as_it_is_typed_and_nobody_is_called_twice(desk: Desk) -> None:
    page, id = await desk.conference("13800000001 Ada")
    await button(page, "Invite").click()
    dialog = page.get_by_role("dialog")
    pasted = "Name,Phone\nRoom 5 13800000008\nBob\t13800000002\n13800000003 Cyd; Dan 13800000004\n+86 138 0000 0002\n"
    await lines(dialog).fill(pasted)
    await expect(dialog.get_by_role("status")).to_have_text(
        "3 people · 1 repeated · 1 unclear line · 1 heading left out"
    )
    await expect(dialog.get_by_role("listitem")).to_have_text([UNCLEAR])
    await dialog.get_by_role("checkbox", name="As moderators").check()
    await dialog.get_by_role("button", name="Call").click()
    await expect(dialog.get_by_role("listitem")).to_have_text([UNCLEAR, "3 people are being called."])
    await expect(dialog.get_by_role("alert")).to_have_text("1 line was not accepted and stays in the box.")
    await expect(lines(dialog)).to_have_value("Room 5 13800000008")
    await dialog.get_by_role("button", name="Close").last.click()
    await expect(dialog).to_have_count(0)
    await expect(row(page, "Dan")).to_have_attribute("data-progress", "joined")
    assert {name: each["role"] for name, each in (await desk.rows(id)).items()} == {
        "Ada": "participant",
        "Bob": "moderator",
        "Cyd": "moderator",
        "Dan": "moderator",
    }


async def test_a_line_is_not_complained_about_while_it_is_written(desk: Desk) -> None:
    page, _ = await desk.conference("13800000001 Ada")
    await button(page, "Invite").click()
    dialog = page.get_by_role("dialog")
    await lines(dialog).press_sequentially("Room 5 13800000008")
    await expect(dialog.get_by_role("status")).to_have_text("0 people · 1 unclear line")
    await expect(dialog.get_by_role("listitem")).to_have_count(0)
    await lines(dialog).press("Enter")
    await expect(dialog.get_by_role("listitem")).to_have_text([UNCLEAR])


async def test_what_the_hub_would_refuse_keeps_nobody_else_from_being_called(desk: Desk) -> None:
    page, id = await desk.conference("13800000001 Ada")
    long = "x" * 257
    await invite(page, f"13800000002 Bob\n13800000003 {long}\n13800000004 Dan")
    dialog = page.get_by_role("dialog")
    why = "The name is too long: 256 characters at most."
    await expect(dialog.get_by_role("listitem")).to_have_text(
        [f"13800000003 {long} — {why}", "2 people are being called."]
    )
    await lines(dialog).fill("13800000003 Cyd")
    await expect(dialog.get_by_role("listitem")).to_have_text(["2 people are being called."])
    await lines(dialog).press("Control+Enter")
    await expect(dialog).to_have_count(0)
    await expect(row(page, "Cyd")).to_have_attribute("data-progress", "joined")
    assert list(await desk.rows(id)) == ["Ada", "Bob", "Dan", "Cyd"]


async def test_each_who_cannot_be_called_says_why_and_stays(desk: Desk) -> None:
    page, id = await desk.conference("13800000001 Ada")
    await desk.hub.simulator("play", scene={"numbers": {"13800000002": {"then": "ring"}}})
    await desk.hub.simulator("fault", name="answer_cut", only="InviteJoinConf")
    await desk.invite(id, "13800000002 Bob")
    await expect(row(page, "Bob")).to_have_attribute("data-progress", "unknown")
    await desk.hub.simulator("mend")
    await invite(page, "13800000002 Bob\n13800000003 Cyd")
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("listitem").first).to_contain_text("13800000002 Bob — It is not known")
    await expect(lines(dialog)).to_have_value("13800000002 Bob")
    await page.keyboard.press("Escape")
    await expect(row(page, "Cyd")).to_have_attribute("data-progress", "joined")
    await button(page, "Inside or not? Bob").click()
    await expect(page.get_by_role("dialog")).to_contain_text("did not say what became of the call")
    await expect(button(page, "Is inside")).to_be_visible()
    await sure(page, "Is not inside")
    await expect(row(page, "Bob")).to_have_attribute("data-progress", "failed")
