// In the phone the frame's window.name says whose phone this is; elsewhere somebody must choose.
(() => {
  "use strict";
  const here = document.body.dataset.here;
  const silent = Boolean(document.body.dataset.base);
  const go = (who) => location.replace(`${here}&sim_openid=${encodeURIComponent(who)}`);
  // templates: while signing in silently the page shows nothing at all
  const show = (id) => document.body.append(document.getElementById(id).content.cloneNode(true));
  const inPhone = /^weilife-phone:([^:]+):(\w*)$/.exec(window.name);
  if (!inPhone) {
    show("picker");
    return;
  }
  const who = inPhone[1] + (inPhone[2] === "snapshot" ? "#snapshot" : "");
  if (silent) {
    go(who);
    return;
  }
  show("consent");
  document.getElementById("agree").addEventListener("click", (event) => { event.preventDefault(); go(who); });
  document.getElementById("refuse").addEventListener("click", (event) => { event.preventDefault(); go("deny"); });
})();
