/** A conference: its head, the invitation, its roster. */

import { field, h, values } from "./dom.js";
import { clock, say, t } from "./i18n.js";
import { me } from "./me.js";
import { people } from "./people.js";
import "./roster.js";

export function board(connection, id) {
  const head = h("div", { class: "card fields" });
  const banner = h("p", { class: "banner", role: "status", hidden: true });
  const error = h("p", { class: "error", role: "alert" });
  const empty = h("p", { class: "empty" }, t("emptyRoster"));
  const roster = h("conf-roster", { oncontrol: ({ detail }) => control(detail) });
  const invitation = h("form", { class: "card fields", onsubmit: invite },
    h("h2", {}, t("invite")),
    field(t("inviteLabel"), "people", { rows: 2, required: true, placeholder: t("invitePlaceholder") }),
    h("div", {}, h("button", { class: "primary" }, t("inviteDo"))));

  async function attempt(work) {
    error.textContent = "";
    try {
      return await work();
    } catch (reason) {
      error.textContent = say(reason);
      return null;
    }
  }

  const by = () => ({ id, uid: me.id, appid: connection.conference.conference?.appid ?? me.app });

  function control({ operation, callid }) {
    return attempt(() => connection.call(operation, { ...by(), users: [{ callid }] }));
  }

  async function invite(event) {
    event.preventDefault();
    const form = event.target;
    const users = people(values(form).people);
    const answer = await attempt(() => connection.call("inviteConf", { ...by(), users }));
    const failed = answer?.results.filter(({ ok }) => !ok) ?? [];
    error.textContent ||= failed.map(({ error: reason }) => say(reason)).join(" ");
    if (answer && !failed.length) form.reset();
  }

  function end() {
    const { conference } = connection.conference;
    const question = t("endSure", { name: conference.name || id, count: inside() });
    if (window.confirm(question)) attempt(() => connection.call("stopConf", by()));
  }

  const inside = () => [...connection.conference.participants.values()].filter((row) => row.state === 1).length;

  function show() {
    const { conference, participants } = connection.conference;
    const isLive = connection.status.state === "live";
    const hasEnded = conference?.state === "ended";
    roster.show(connection.conference, isLive);
    empty.hidden = participants.size > 0;
    banner.hidden = isLive && !hasEnded;
    banner.textContent = isLive ? t("ended") : t("frozen");
    for (const control of invitation.elements) control.disabled = !isLive || conference?.state !== "active";
    if (conference) head.replaceChildren(...facts(conference, participants, isLive));
  }

  function facts(conference, participants, isLive) {
    const fact = (name, value) => h("span", {}, `${name} ${value}`);
    return [
      h("div", { class: "head" },
        h("a", { href: "#" }, t("back")), h("h1", {}, conference.name || id), h("span", { class: "spacer" }),
        h("button", {
          type: "button", class: "danger", id: "end", onclick: end, disabled: !isLive || conference.state !== "active",
        }, t("end"))),
      h("div", { class: "facts" },
        h("span", { id: "counts" }, `${t("inside", { count: inside() })} ${t("of", { count: participants.size })}`),
        fact(t("conferenceNumber"), conference.id), fact(t("vid"), conference.vid),
        fact(t("started"), conference.startedAt ? clock(conference.startedAt) : "—"),
        h("span", {}, t(`s_${conference.state}`))),
    ];
  }

  connection.addEventListener("change", show);
  connection.addEventListener("state", show);
  attempt(() => connection.watch(id)).then(show);
  return {
    element: h("div", { class: "fields" }, head, banner, error, invitation, h("div", { class: "card" }, roster, empty)),
    leave() {
      connection.removeEventListener("change", show);
      connection.removeEventListener("state", show);
      connection.unwatch();
    },
  };
}
