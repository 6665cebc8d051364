// One phone: who holds it, which screen is up, and what arrives meanwhile.
import { accountFace, face, get, h, icon, payFace, post, serviceFace, settings, toast } from "./dom.js";
import { chatScreen } from "./chat.js";
import { homeScreen } from "./home.js";
import { scanScreen } from "./scan.js";
import { closePage, webScreen } from "./web.js";

const query = new URLSearchParams(location.search);

export const phone = {
  people: [],
  person: null,
  unread: {},
  messages: [],
  menu: [],
  follows: false,
  snapshot: false,
  newest: 0,
  stack: [],
  tab: "chats",
  conversation: "",
};

const views = document.getElementById("views");
const banner = document.getElementById("banner");

/** The screen on top; the page in the frame is kept alive under a scan or a chat. */
export function show(name, ...rest) {
  const screens = { home: homeScreen, chat: chatScreen, scan: scanScreen };
  if (name !== "scan") phone.conversation = name === "chat" ? rest[0] || "account" : "";
  const screen = screens[name](...rest);
  screen.dataset.screen = name;
  if (name === "home") closePage(false);
  if (name === "chat") banner.hidden = true;
  // a scan lies over what is there; a page stays alive under a chat
  const kept = name === "scan" ? ["home", "chat", "web"] : ["web"];
  for (const old of [...views.children]) if (!kept.includes(old.dataset.screen)) old.remove();
  views.append(screen);
  screen.dispatchEvent(new Event("shown"));
  refreshFacts();
}

export function screenName() {
  return views.lastElementChild?.dataset.screen || "";
}

/** Leave a chat: back to the page under it, or home. */
export function leaveChat() {
  const under = views.querySelector("[data-screen=web]");
  if (!under) { show("home"); return; }
  phone.conversation = "";
  views.lastElementChild.remove();
}

export function openPage(url) {
  webScreen(views, url);
}

export async function choose(number) {
  const person = phone.people.find((each) => each.number === number) || phone.people[0];
  if (phone.person?.number === person.number) return;
  closePage(false);
  document.querySelector(".pay-back")?.remove();
  views.replaceChildren();
  Object.assign(phone, { person, messages: [], menu: [], snapshot: false, tab: "chats", conversation: "" });
  localStorage.setItem("weilife.person", person.number);
  const here = new URL(location.href);
  here.searchParams.set("person", person.number);
  here.searchParams.delete("scan");
  history.replaceState(null, "", here);
  document.title = `${person.name}的手机 · ${settings.account}`;
  await reload();
  show("home");
  listen();
}

export async function reload() {
  const found = await get("chat", { person: phone.person.number });
  Object.assign(phone, found);
  drawPeople();
}

/** Lines that came, from the poll or right after something was done. */
function arrived(found) {
  const mine = found.messages.filter((line) => !phone.messages.some((old) => old.id === line.id));
  const followed = found.follows !== phone.follows;
  Object.assign(phone, { newest: found.newest, unread: found.unread, follows: found.follows });
  phone.messages.push(...mine);
  if (followed) reload().then(() => document.dispatchEvent(new Event("phone:changed")));
  drawPeople();
  refreshFacts();
  if (mine.length) document.dispatchEvent(new CustomEvent("phone:lines", { detail: mine }));
  const news = mine.filter((line) => line.side === "account").pop();
  if (news && !(screenName() === "chat" && phone.conversation === news.conversation)) announce(news);
}

const SUMMARY = { image: "[图片]", voice: "[语音]", video: "[视频]", music: "[音乐]" };

export function summary(line) {
  if (!line) return "";
  const { kind, body } = line;
  if (kind === "template") return body.title;
  if (kind === "pay") return `${body.title} ${body.sum}`;
  if (kind === "msgmenu") return body.head || "[菜单]";
  return SUMMARY[kind] || (body.text || body.title || "").replace(/<[^>]+>/g, "");
}

const FACES = { service: serviceFace, pay: payFace };

let bannerTimer = 0;
function announce(line) {
  const detail = line.kind === "template" ? line.body.rows.map((row) => row.value).filter(Boolean).slice(0, 2).join(" · ") : "";
  banner.replaceChildren(
    (FACES[line.conversation] || accountFace)(),
    h("span", { class: "banner-text" }, h("b", {}, summary(line)), h("small", {}, detail || settings.account)),
  );
  banner.onclick = () => { banner.hidden = true; show("chat", line.conversation); };
  banner.hidden = false;
  clearTimeout(bannerTimer);
  bannerTimer = setTimeout(() => { banner.hidden = true; }, 6000);
}

let listening = null;
/** Long poll while the tab is seen; a short look now and then while it is hidden. */
async function listen() {
  listening?.abort();
  const control = new AbortController();
  listening = control;
  while (!control.signal.aborted) {
    const seconds = document.hidden ? 0 : 20;
    try {
      const found = await get("wait", { person: phone.person.number, after: phone.newest, seconds }, { signal: control.signal });
      if (control.signal.aborted) return;
      document.body.classList.remove("offline");
      arrived(found);
      if (document.hidden) await pause(3000);
    } catch (error) {
      if (control.signal.aborted) return;
      document.body.classList.add("offline");
      await pause(2000);
    }
  }
}

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

export async function seen(conversation) {
  if (!phone.unread[phone.person.number]) return;
  phone.unread = (await post("seen", { person: phone.person.number, conversation })).unread;
  drawPeople();
  document.dispatchEvent(new Event("phone:unread"));
}

export async function setFollow(follow, code = "") {
  await post("follow", { person: phone.person.number, follow, code });
  phone.follows = follow;
  phone.person.follows = follow;
  await reload();
  toast(follow ? `已关注${settings.account}` : "已取消关注");
}

function drawPeople() {
  const list = document.getElementById("people");
  list.replaceChildren(...phone.people.map((person) => {
    const count = phone.unread[person.number] || 0;
    const current = person.number === phone.person?.number;
    return h("li", { class: current ? "current" : "" },
      h("button", { class: "who", "aria-current": current ? "true" : false, onclick: () => choose(person.number) },
        face(person), h("span", {}, h("b", {}, person.name), h("small", {}, `${person.role} · ${person.hint}`)),
        count ? h("i", { class: "badge", "aria-label": `${count} 条未读` }, count > 99 ? "99+" : `${count}`) : null),
      h("a", { class: "new-tab", href: `?person=${person.number}`, target: "_blank", rel: "noopener", title: `在新标签页打开${person.name}的手机`, "aria-label": `在新标签页打开${person.name}的手机` }, icon("open")));
  }));
}

export function refreshFacts() {
  const person = phone.person;
  if (!person) return;
  const facts = [
    ["学号或工号", person.cas ? person.number : "没有"],
    ["统一认证密码", person.cas_password || "没有账号"],
    ["公众号", phone.follows ? "已关注" : "未关注"],
  ];
  if (phone.snapshot) facts.push(["微信", "快照页访客"]);
  document.getElementById("facts").replaceChildren(...facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

function tick() {
  const now = new Date();
  document.getElementById("clock").textContent = `${now.getHours()}:${String(now.getMinutes()).padStart(2, "0")}`;
}

async function start() {
  tick();
  setInterval(tick, 10000);
  for (const button of document.querySelectorAll("[data-person]")) button.addEventListener("click", () => choose(button.dataset.person));
  document.addEventListener("visibilitychange", () => { if (!document.hidden && phone.person) listen(); });
  const found = await get("people");
  Object.assign(phone, found);
  await choose(query.get("person") || localStorage.getItem("weilife.person") || phone.people[0].number);
  if (query.get("scan")) show("scan", query.get("scan"));
}

start().catch(() => toast("沙盒没有回应，请刷新"));
