// The four tabs: chats, people, discover, me.
import { accountFace, face, h, icon, payFace, serviceFace, settings, toast, when } from "./dom.js";
import { choose, openPage, phone, refreshFacts, setFollow, show, summary } from "./main.js";

const TABS = [
  ["chats", "微信", "chat"],
  ["people", "通讯录", "people"],
  ["discover", "发现", "compass"],
  ["me", "我", "person"],
];

const last = (conversation) => phone.messages.filter((line) => line.conversation === conversation).pop();

function unreadHere() {
  return phone.unread[phone.person.number] || 0;
}

function badge(count) {
  return count ? h("i", { class: "badge", "aria-label": `${count} 条未读` }, count > 99 ? "99+" : `${count}`) : null;
}

function chatRow(conversation, name, picture, count, empty) {
  const line = last(conversation);
  return h("button", { class: "row", onclick: () => show("chat", conversation) },
    h("span", { class: "pictured" }, picture, badge(count)),
    h("span", { class: "row-text" }, h("b", {}, name), h("small", {}, summary(line) || empty)),
    line ? h("time", {}, when(line.created, true)) : null);
}

function chats() {
  const [service, paid] = [last("service"), last("pay")];
  const newest = phone.messages.filter((line) => line.side === "account").pop()?.conversation;
  const unread = (conversation) => (conversation === newest ? unreadHere() : 0);
  const rows = [];
  if (phone.follows || last("account")) {
    rows.push(chatRow("account", settings.account, accountFace("square"), unread("account"), "点开看看能做什么"));
  } else {
    rows.push(h("button", { class: "row", onclick: () => show("chat", "account") },
      h("span", { class: "pictured" }, accountFace("square")),
      h("span", { class: "row-text" }, h("b", {}, settings.account), h("small", {}, "还没有关注，点开可以关注"))));
  }
  if (service) rows.push(chatRow("service", "服务通知", serviceFace("square"), unread("service"), ""));
  if (paid) rows.push(chatRow("pay", "微信支付", payFace("square"), unread("pay"), ""));
  return [h("div", { class: "group" }, rows)];
}

function people() {
  return [
    h("p", { class: "hint" }, "换一部手机：点一个人，就拿起了他的手机。"),
    h("div", { class: "group" }, phone.people.map((person) =>
      h("button", { class: "row", "aria-current": person.number === phone.person.number ? "true" : false, onclick: () => choose(person.number) },
        h("span", { class: "pictured" }, face(person, "square"), badge(phone.unread[person.number] || 0)),
        h("span", { class: "row-text" }, h("b", {}, person.name), h("small", {}, `${person.role} · ${person.hint}`)),
        person.number === phone.person.number ? h("span", { class: "tag" }, "这一部") : null))),
  ];
}

function cell(name, label, action, tail = null) {
  return h("button", { class: "cell", onclick: action }, icon(name), h("span", {}, label), tail || icon("forward"));
}

function discover() {
  return [
    h("div", { class: "group" }, cell("scan", "扫一扫", () => show("scan"))),
    h("div", { class: "group" },
      cell("door", "微生活首页", () => openPage(`${settings.app}/m/`)),
      cell("open", "工单台（新标签页）", () => window.open(`${settings.app}/desk`, "_blank", "noopener")),
      cell("chat", "短信（新标签页）", () => window.open("/sms", "_blank", "noopener")),
      cell("menu", "故障与记录（新标签页）", () => window.open("/control", "_blank", "noopener"))),
  ];
}

function toggle(label, hint, on, change) {
  const button = h("button", { class: "cell toggle", role: "switch", "aria-checked": String(on) },
    h("span", {}, label, h("small", {}, hint)), h("i", { class: "knob", "aria-hidden": "true" }));
  button.addEventListener("click", async () => {
    const next = button.getAttribute("aria-checked") !== "true";
    button.setAttribute("aria-checked", String(next));
    await change(next);
  });
  return button;
}

function me() {
  const person = phone.person;
  const account = person.cas ? `${person.number} · 密码 ${person.cas_password}` : "没有校园账号";
  return [
    h("div", { class: "card-me" }, face(person, "square large"),
      h("div", {}, h("b", {}, person.name), h("small", {}, `${person.role} · ${person.hint}`))),
    h("div", { class: "group" }, h("div", { class: "cell plain" }, h("span", {}, "统一身份认证", h("small", {}, account)))),
    h("div", { class: "group" },
      toggle(`关注${settings.account}`, "关掉就收不到模板消息", phone.follows, (on) => setFollow(on)),
      toggle("快照页访客", "微信给出虚拟的 openid，应用不该让他登录", phone.snapshot, (on) => {
        phone.snapshot = on;
        refreshFacts();
        toast(on ? "下次打开页面时是快照页访客" : "恢复为本人");
      })),
    h("div", { class: "group" }, cell("people", "换一部手机", () => { phone.tab = "people"; show("home"); })),
  ];
}

export function homeScreen() {
  const content = { chats, people, discover, me };
  const body = h("div", { class: "scroll" }, content[phone.tab]());
  const title = TABS.find(([key]) => key === phone.tab)[1];
  const tabs = h("nav", { class: "tabs", "aria-label": "微信" }, TABS.map(([key, label, name]) =>
    h("button", { "aria-current": key === phone.tab ? "page" : false, onclick: () => { phone.tab = key; show("home"); } },
      h("span", { class: "pictured" }, icon(name), key === "chats" ? badge(unreadHere()) : null), label)));
  const screen = h("section", { class: "screen-home view", "data-screen": "home" },
    h("header", { class: "bar" }, h("span"), h("h2", {}, title),
      h("button", { class: "bar-button", "aria-label": "扫一扫", onclick: () => show("scan") }, icon("scan"))),
    body, tabs);
  // in its place: a page that lies over it stays open
  const redraw = () => { stop(); if (screen.isConnected) screen.replaceWith(homeScreen()); };
  const events = ["phone:lines", "phone:unread", "phone:changed"];
  const stop = () => events.forEach((name) => document.removeEventListener(name, redraw));
  events.forEach((name) => document.addEventListener(name, redraw));
  return screen;
}
