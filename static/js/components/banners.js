/**
 * What is said where something is out of the ordinary: at the foot of what can be seen, for it comes and goes by itself
 * and must not move what somebody is about to press.
 *
 * @import { Conference, State } from "../conference.js"
 */

import { fitting, SETTLING } from "../acts.js";
import { h } from "../dom.js";
import { day, sayCause, t } from "../i18n.js";

/** @param {boolean} mayControl */
export function banners(mayControl) {
  const banner = h("p", { class: "banner", role: "status", hidden: true });
  const mode = h("p", { class: "banner calm", role: "status", hidden: true });

  /** @param {State} state @param {boolean} isLive */
  function show(state, isLive) {
    const { conference } = state;
    const isMuted = conference?.state === "active" && conference.muted !== "none";
    put(banner, isLive ? notice(state, mayControl) : t(mayControl ? "frozen" : "frozenToListener"));
    put(mode, isMuted ? t(`mode_${conference.muted}`) : "");
    banner.dataset.tone = isLive ? toneOf(conference) : "warn";
  }

  function hide() {
    banner.hidden = mode.hidden = true;
  }

  return { element: h("div", { class: "banners" }, banner, mode), show, hide };
}

/** What has been said already is not said again. @param {HTMLElement} element @param {string} text */
function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = text === "";
}

/** @param {State} state @param {boolean} mayControl */
function notice({ conference, participants }, mayControl) {
  if (conference?.pending === "stop") return t("ending");
  if (conference?.uncertain) {
    const maySettle = mayControl && SETTLING.some((act) => fitting(act, participants.values(), conference).length);
    return t("uncertain", conference.uncertain) + (maySettle ? t("settleHint") : "");
  }
  return conference?.state === "scheduled" ? ofReservation(conference) : "";
}

/** @param {Conference} conference */
function ofReservation({ cause, startsAt }) {
  if (cause && cause !== "deleted_by_provider") return t("startFails", { cause: sayCause(cause) });
  return t("waits", { time: startsAt && day(startsAt) });
}

/** @param {Conference|null} conference */
function toneOf(conference) {
  if (conference?.uncertain) return "bad";
  return conference?.state !== "active" && !conference?.pending ? "calm" : "warn";
}
