/**
 * What stands above the roster where something is out of the ordinary.
 *
 * @import { Conference } from "../conference.js"
 */

import { h } from "../dom.js";
import { day, sayCause, t } from "../i18n.js";

/** @param {boolean} mayControl */
export function banners(mayControl) {
  const banner = h("p", { class: "banner", role: "status", hidden: true });
  const mode = h("p", { class: "banner calm", role: "status", hidden: true });

  /** @param {Conference|null} conference @param {boolean} isLive */
  function show(conference, isLive) {
    const isMuted = conference?.state === "active" && conference.muted !== "none";
    put(banner, isLive ? notice(conference, mayControl) : t(mayControl ? "frozen" : "frozenToListener"));
    put(mode, isMuted ? t(`mode_${conference.muted}`) : "");
    banner.dataset.tone = isLive ? toneOf(conference) : "warn";
    banner.toggleAttribute("data-floats", !isLive);
  }

  function hide() {
    banner.hidden = mode.hidden = true;
  }

  return { elements: [banner, mode], show, hide };
}

/** What has been said already is not said again. @param {HTMLElement} element @param {string} text */
function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = text === "";
}

/** @param {Conference|null} conference @param {boolean} mayControl */
function notice(conference, mayControl) {
  if (conference?.state === "ended") return t("ended", { cause: sayCause(conference.cause) });
  if (conference?.pending === "stop") return t("ending");
  if (conference?.uncertain) return t("uncertain", conference.uncertain) + (mayControl ? ` ${t("settleHint")}` : "");
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
