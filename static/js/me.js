/** Who uses this page: remembered in the browser until there are accounts. */

export const me = {
  id: localStorage.getItem("confhub.id") ?? "moderator",
  app: localStorage.getItem("confhub.app") ?? "demo",

  be(id, app) {
    Object.assign(this, { id, app });
    localStorage.setItem("confhub.id", id);
    localStorage.setItem("confhub.app", app);
  },
};
