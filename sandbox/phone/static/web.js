// A page inside WeChat: the frame, its bar, and what the JS-SDK asks the phone to do.
import { cookie, get, h, icon, post, settings, toast } from "./dom.js";
import { phone, show } from "./main.js";
import { payFor } from "./pay.js";
import { scanFor } from "./scan.js";

let page = null;

const owner = () => cookie(`sim_owner_${settings.port}`);
const mine = () => phone.person.number + (phone.snapshot ? "~snapshot" : "");

/** All phones of a browser share the application's cookies: when the last one to sign in was another
    person's, go through the application's own fresh sign-in first. */
function address(url) {
  const target = new URL(url);
  if (target.origin !== settings.appOrigin || owner() === mine()) return target.href;
  const next = target.pathname + target.search + target.hash;
  return `${settings.app}/m/login?fresh=1&next=${encodeURIComponent(next)}`;
}

function frameFor(url) {
  const frame = h("iframe", { class: "page-frame", title: "页面", allow: "camera; clipboard-write; geolocation" });
  frame.name = `weilife-phone:${phone.person.number}:${phone.snapshot ? "snapshot" : ""}`;
  frame.src = address(url);
  return frame;
}

export function closePage(home = true) {
  if (!page) return;
  page.view.remove();
  page = null;
  const under = document.querySelector("#views > :last-child");
  if (under) under.dispatchEvent(new Event("uncovered"));
  else if (home) show("home");
}

function reloadPage(url = page.url) {
  const fresh = frameFor(url);
  page.startedAt = Date.now();
  page.view.classList.add("loading");
  page.frame.replaceWith(fresh);
  page.frame = fresh;
  watch(fresh);
}

function watch(frame) {
  frame.addEventListener("load", () => {
    if (!page) return;
    page.view.classList.remove("loading");
    try {
      // readable only on the sandbox's own pages; the application's tell it through the JS-SDK, if they have that
      page.title.textContent = frame.contentDocument.title || settings.account;
    } catch {
      page.title.textContent = settings.account;
      frame.contentWindow.postMessage({ weilife: "title" }, "*");
    }
  });
}

function actions() {
  const hide = () => sheet.remove();
  const item = (name, label, action) => h("button", { onclick: () => { hide(); action(); } }, icon(name), label);
  const sheet = h("div", { class: "sheet-back", onclick: (event) => { if (event.target === sheet) hide(); } },
    h("div", { class: "sheet", role: "dialog", "aria-label": "更多" },
      h("p", {}, `网页由 ${new URL(page.url).host} 提供`),
      h("div", { class: "sheet-items" },
        item("reload", "刷新", () => reloadPage()),
        item("copy", "复制链接", () => navigator.clipboard.writeText(page.url).then(() => toast("已复制"), () => toast(page.url))),
        item("open", "新标签页", () => window.open(page.url, "_blank", "noopener"))),
      h("button", { class: "quiet", onclick: hide }, "取消")));
  page.view.append(sheet);
}

/** Is anybody there? A frame cannot tell a refused connection from a page. */
async function checkReachable(view) {
  const found = await get("reachable").catch(() => ({ reachable: true }));
  if (found.reachable || !view.isConnected || page?.view !== view) return;
  view.classList.remove("loading");
  view.append(h("div", { class: "unreachable" }, h("b", {}, "应用没有回应"), h("p", {}, `${settings.app} 现在打不开，稍后再试。`),
    h("button", { class: "primary", onclick: (event) => { event.target.parentElement.remove(); reloadPage(); checkReachable(view); } }, "重试")));
}

export function webScreen(views, url) {
  let target;
  try { target = new URL(url, settings.app); } catch { toast("链接不对"); return; }
  if (!/^https?:$/.test(target.protocol)) { toast("链接不对"); return; }
  page?.view.remove();
  for (const other of [...views.children]) if (other.dataset.screen === "scan") other.remove();
  const title = h("h2", {}, settings.account);
  const frame = frameFor(target.href);
  const view = h("section", { class: "screen-web view loading", "data-screen": "web" },
    h("header", { class: "bar" },
      h("button", { class: "bar-button", "aria-label": "返回", onclick: () => history.back() }, icon("back")),
      h("button", { class: "bar-button", "aria-label": "关闭", onclick: () => closePage() }, icon("close")),
      title,
      h("button", { class: "bar-button", "aria-label": "更多", onclick: actions }, icon("more"))),
    h("div", { class: "progress", "aria-hidden": "true" }), frame);
  page = { view, frame, title, url: target.href, startedAt: Date.now() };
  watch(frame);
  views.append(view);
  history.pushState({ page: true }, "");
  checkReachable(view);
}

// Steps inside the frame share this tab's history; one step before the first page closes it.
window.addEventListener("popstate", (event) => { if (!event.state?.page) closePage(); });

/** Another phone of this browser was used meanwhile: sign in again as the owner of this one. */
function regain() {
  if (document.hidden || !page || Date.now() - page.startedAt < 5000) return;
  const ours = new URL(page.url).origin === settings.appOrigin;
  if (ours && owner() && owner() !== mine()) reloadPage();
}
document.addEventListener("visibilitychange", regain);
window.addEventListener("focus", regain);

const ASKS = {
  page: (payload) => {
    page.url = payload.href;
    page.title.textContent = payload.title || settings.account;
    return {};
  },
  verify: (payload) => post("/_sim/verify_jssdk", payload),
  upload: (payload) => {
    const form = new FormData();
    form.append("media", payload.file);
    return post("/_sim/jssdk_upload", form);
  },
  scan: () => new Promise((done) => scanFor((text) => done({ text }))),
  consent: (payload) => consent(payload.templates),
  pay: (payload) => payFor(payload),
  close: () => { closePage(); return {}; },
};

function consent(templates) {
  return new Promise((done) => {
    const finish = async (status) => {
      sheet.remove();
      const answers = Object.fromEntries(templates.map((each) => [each, status]));
      await post("consent", { person: phone.person.number, answers });
      done({ answers });
    };
    const sheet = h("div", { class: "sheet-back" }, h("div", { class: "sheet", role: "dialog", "aria-label": "订阅通知" },
      h("b", {}, `${settings.account} 申请发送一次通知`), h("p", {}, `共 ${templates.length} 种`),
      h("button", { class: "primary", onclick: () => finish("accept") }, "允许"),
      h("button", { class: "quiet", onclick: () => finish("reject") }, "拒绝")));
    page.view.append(sheet);
  });
}

window.addEventListener("message", async (event) => {
  const { weilife, id, payload } = event.data || {};
  if (!page || event.source !== page.frame.contentWindow || event.origin !== settings.appOrigin || !ASKS[weilife]) return;
  const from = event.source;
  const result = await Promise.resolve(ASKS[weilife](payload || {})).catch(() => ({ errMsg: "fail" }));
  from?.postMessage({ weilife: "reply", id, result }, event.origin);
});
