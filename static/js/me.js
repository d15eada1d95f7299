/**
 * Who uses this page: by this tab's token, or, where none is asked for, by what was typed last.
 *
 * The token is kept for as long as the tab lives, and nowhere else.
 */

import { claims, isAtLeast } from "./credential.js";

/**
 * On a hub that asks for nothing.
 * @type {{uid: string, role: string, appid: string|null, expiresAt: Date|null}}
 */
const ANYBODY = { uid: "", role: "admin", appid: null, expiresAt: null };

const typed = {
  id: localStorage.getItem("confhub.id") ?? "moderator",
  app: localStorage.getItem("confhub.app") ?? "demo",
};

export const me = {
  token: sessionStorage.getItem("confhub.token"),
  /** @type {string|null} the only one that its holder, who came by a link, is let into */
  conference: sessionStorage.getItem("confhub.conference"),

  get id() {
    return this.claims.uid || typed.id;
  },
  get app() {
    return this.claims.appid ?? typed.app;
  },
  get role() {
    return this.claims.role;
  },
  get claims() {
    return (this.token && claims(this.token)) || ANYBODY;
  },
  /** The hub knows who it is, and will not hear of anybody else. */
  get isKnown() {
    return this.claims.uid !== "";
  },
  get isOfOneApp() {
    return this.claims.appid !== null;
  },

  /** @param {string} role */
  isAtLeast(role) {
    return isAtLeast(this.role, role);
  },

  /** To be offered again the next time somebody is asked who they are. @param {string} id @param {string} app */
  be(id, app) {
    Object.assign(typed, { id, app });
    localStorage.setItem("confhub.id", id);
    localStorage.setItem("confhub.app", app);
  },

  /**
   * With `conference`, by a link that is good for nothing else.
   * @param {string} token
   * @param {string|null} conference
   */
  keep(token, conference = null) {
    this.forget();
    Object.assign(this, { token, conference });
    sessionStorage.setItem("confhub.token", token);
    if (conference) sessionStorage.setItem("confhub.conference", conference);
  },

  forget() {
    Object.assign(this, { token: null, conference: null });
    sessionStorage.removeItem("confhub.token");
    sessionStorage.removeItem("confhub.conference");
  },
};
