/** A conference: its head, the invitation, its roster. */

import { field, h } from "./dom.js";
import { clock, day, say, t } from "./i18n.js";
import { me } from "./me.js";
import { read } from "./people.js";
import "./roster.js";
import { nameWatchers } from "./watchers.js";

export function board(connection, watch, watchers) {
  const { id } = watch;
  const mayControl = me.isAtLeast("moderator");
  const mayEnd = me.isAtLeast("owner");
  const name = h("h1");
  const facts = h("div", { class: "facts" });
  const watching = h("div", { class: "watching", hidden: true });
  const endButton = h("button", { type: "button", class: "danger", id: "end", onclick: end }, t("end"));
  const banner = h("p", { class: "banner", role: "status", hidden: true });
  const error = h("p", { class: "error", role: "alert" });
  const empty = h("p", { class: "empty" }, t(mayControl ? "emptyRoster" : "emptyToListener"));
  const roster = h("conf-roster", { ".offersControls": mayControl, oncontrol: ({ detail }) => control(detail) });
  const callButton = h("button", { class: "primary" }, t("inviteDo"));
  const invitation = h("form", { class: "card fields", onsubmit: invite },
    h("h2", {}, t("invite")),
    field(t("inviteLabel"), "people", { rows: 2, placeholder: t("invitePlaceholder") }),
    h("div", {}, callButton));
  const content = h("div", { class: "fields" }, mayControl ? invitation : null, h("div", { class: "card" }, roster, empty));
  const element = h("div", { class: "fields" },
    h("div", { class: "card fields" },
      h("div", { class: "head" }, me.conference ? null : h("a", { href: "#" }, t("back")),
        name, h("span", { class: "spacer" }), mayEnd ? endButton : null),
      facts, watching),
    banner, error, content);

  const isLive = () => watch.status.state === "live";
  const isUsable = () => isLive() && ["active", "scheduled"].includes(watch.state.conference?.state);
  const inside = () => [...watch.state.participants.values()].filter((row) => row.state === 1).length;
  const by = () => ({ id, uid: me.id, appid: watch.state.conference?.appid ?? me.app });

  /** What the operation answers, or null with the reason shown. */
  async function attempt(operation, params) {
    error.textContent = "";
    try {
      return await connection.call(operation, { ...by(), ...params });
    } catch (reason) {
      error.textContent = say(reason);
      return null;
    }
  }

  function control({ operation, callid }) {
    if (isUsable()) attempt(operation, { users: [{ callid }] });
  }

  /** Whoever could not be called stays in the field. */
  async function invite(event) {
    event.preventDefault();
    if (!isUsable()) return;
    const text = invitation.elements.people;
    const { people: users, unclear } = read(text.value);
    const answer = users.length ? await attempt("inviteConf", { users }) : { results: [] };
    if (!answer) return;
    const failed = answer.results.map(({ error: reason }, index) => ({ reason, user: users[index] }))
      .filter(({ reason }) => reason);
    const said = failed.map(({ reason, user }) => `${user.number}: ${say(reason)}`);
    error.textContent = [...said, ...unclear.map((line) => t("unclear", { line }))].join(" ");
    text.value = [...failed.map(({ user }) => `${user.number} ${user.name}`), ...unclear].join("\n");
    text.focus();
  }

  function end() {
    const { conference } = watch.state;
    if (!isUsable()) return;
    if (window.confirm(t("endSure", { name: conference.name || id, count: inside() }))) attempt("stopConf", {});
  }

  function show() {
    const { conference, participants } = watch.state;
    roster.show(watch.state, isUsable(), isLive());
    empty.hidden = participants.size > 0 || !conference;
    banner.textContent = notice(conference);
    banner.hidden = banner.textContent === "";
    for (const button of [callButton, endButton]) button.setAttribute("aria-disabled", !isUsable());
    name.textContent = conference ? conference.name || id : id;
    facts.replaceChildren(...(conference ? describe(conference, participants) : []));
    if (!watch.error) return;
    error.textContent = say(watch.error);
    name.textContent = id;
    facts.replaceChildren();
    content.hidden = endButton.hidden = banner.hidden = true;
  }

  function showWatchers() {
    watching.replaceChildren(...nameWatchers(watchers.of(id)));
    watching.hidden = !watching.hasChildNodes();
  }

  /** What stands above the roster, if anything does. */
  function notice(conference) {
    if (!isLive()) return t(mayControl ? "frozen" : "frozenToListener");
    if (conference?.state === "ended") return t("ended");
    if (conference?.uncertain) return t("uncertain", conference.uncertain);
    if (conference?.state !== "scheduled") return "";
    if (conference.cause && conference.cause !== "deleted_by_provider") return t("startFails", { cause: conference.cause });
    return t("waits", { time: day(conference.startsAt) });
  }

  function describe(conference, participants) {
    return [
      `${t("inside", { count: inside() })} ${t("of", { count: participants.size })}`,
      `${t("conferenceNumber")} ${conference.id}`,
      `${t("vid")} ${conference.vid}`,
      conference.state === "scheduled"
        ? `${t("starts")} ${day(conference.startsAt)}`
        : `${t("started")} ${conference.startedAt ? clock(conference.startedAt) : "—"}`,
      t(`s_${conference.state}`),
      ...(conference.hasPwd ? [t("hasPwd")] : []),
    ].map((fact) => h("span", {}, fact));
  }

  const focus = () => invitation.elements.people.focus();
  const listeners = { change: show, status: show, gone: show };
  for (const [type, listener] of Object.entries(listeners)) watch.addEventListener(type, listener);
  if (mayControl && watch.state.seq === 0) watch.addEventListener("change", focus, { once: true });
  watchers.addEventListener("change", showWatchers);
  show();
  showWatchers();
  return {
    element,
    leave() {
      for (const [type, listener] of Object.entries(listeners)) watch.removeEventListener(type, listener);
      watchers.removeEventListener("change", showWatchers);
    },
  };
}
