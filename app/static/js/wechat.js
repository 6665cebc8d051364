// WeChat's own script on the pages that ask for it: signs the page, then window.wechat is a promise of `wx`.
// Written into a page by official_account/wechat.html; data-apis names what the page will use.
"use strict";
(() => {
  const apis = (document.currentScript.dataset.apis || "").split(",").filter(Boolean);
  const page = encodeURIComponent(location.href.split("#")[0]);
  const config = (signed) => new Promise((resolve, reject) => {
    if (!window.wx) { reject(new Error("not in WeChat")); return; }
    window.wx.ready(() => resolve(window.wx));
    window.wx.error(reject);
    window.wx.config({ ...signed, debug: false, jsApiList: apis });
  });
  window.wechat = fetch("/m/js-signature?url=" + page, { headers: { Accept: "application/json" } })
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
    .then(config);
  window.wechat.catch(() => document.documentElement.setAttribute("data-no-wechat", ""));
})();
