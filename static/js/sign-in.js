/** Signing in: what is asked of the hub, and the view that asks for a key. */

import { field, h, values } from "./dom.js";
import { Offline, RpcError } from "./errors.js";
import { say, t } from "./i18n.js";
import { me } from "./me.js";

const ANSWER_MS = 10_000;

/**
 * The token that comes of a key, or of the ticket of a sign-in link. Rejects with RpcError where the hub says no, with
 * Offline where it says nothing.
 * @param {{key?: string, ticket?: string, uid: string}} shown
 */
export async function signIn(shown) {
  const request = {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(shown),
    signal: AbortSignal.timeout(ANSWER_MS),
  };
  const answer = await fetch("signIn", request).then((response) => response.json()).catch(() => null);
  if (answer === null) throw new Offline("the hub does not answer");
  if (!answer.error) return answer.token;
  const { code, message, name, data } = answer.error;
  throw new RpcError({ code, message, data: { ...data, name } });
}

/** @param {() => void} entered once there is a token */
export function signInView(entered) {
  const error = h("p", { class: "error", role: "alert" });
  const button = h("button", { class: "primary" }, t("signIn"));
  let isAsking = false;

  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    if (isAsking) return;
    const { key, uid } = values(form);
    wait(true);
    error.textContent = "";
    try {
      me.keep(await signIn({ key, uid }));
      me.be(uid, me.app);
      entered();
    } catch (reason) {
      error.textContent = sayHere(reason);
      keyInput.select();
    }
    wait(false);
  }

  /** @param {boolean} isWaiting */
  function wait(isWaiting) {
    isAsking = isWaiting;
    button.setAttribute("aria-disabled", String(isWaiting));
  }

  const own = { required: true, autocomplete: "off", spellcheck: "false" };
  const form = h("form", { class: "card fields narrow", onsubmit: submit },
    h("h1", {}, t("signIn")),
    h("p", { class: "hint" }, t("signInWhy")),
    field(t("key"), "key", { ...own, type: "password", maxlength: 4096 }),
    field(t("you"), "uid", { ...own, pattern: ".*\\S.*", maxlength: 128, ".value": me.id }),
    button, error);
  const keyInput = /** @type {HTMLInputElement} */ (form.elements.namedItem("key"));
  return { element: form, focus: () => keyInput.focus(), leave() {} };
}

/** @param {unknown} error */
function sayHere(error) {
  if (!(error instanceof RpcError)) return say(error);
  if (error.name === "unauthenticated") return t("keyUnknown");
  if (error.name === "too_many") return t("triedTooOften", { seconds: Math.ceil(error.data.retry_after_ms / 1000) });
  return say(error);
}
