// The conversation with the account: lines, menu, words.
import { accountFace, face, h, icon, payFace, post, serviceFace, settings, toast, when } from "./dom.js";
import { leaveChat, openPage, phone, seen, setFollow, show } from "./main.js";

const ANCHOR = /<a\s[^>]*?href=["'](https?:\/\/[^"']+)["'][^>]*>([\s\S]*?)<\/a>|(https?:\/\/[^\s<>"'，。；！？、）]+)/gi;

const link = (url, text) => h("a", { href: url, onclick: (event) => { event.preventDefault(); openPage(url); } }, text);

/** Text with WeChat's links; everything else stays text. */
function words(text) {
  const parts = [];
  let from = 0;
  for (const hit of text.matchAll(ANCHOR)) {
    parts.push(text.slice(from, hit.index), link(hit[1] || hit[3], hit[2] || hit[3]));
    from = hit.index + hit[0].length;
  }
  parts.push(text.slice(from));
  return parts;
}

function templateCard(body) {
  const inside = [
    h("b", { class: "card-title" }, body.title),
    h("dl", {}, body.rows.flatMap((row) => [h("dt", {}, row.label), h("dd", {}, row.value)])),
  ];
  if (!body.url) return h("div", { class: "template" }, inside);
  return h("button", { class: "template", onclick: () => openPage(body.url) }, inside,
    h("span", { class: "card-foot" }, "查看详情", icon("forward")));
}

function payCard(body) {
  return h("div", { class: "template paid" }, h("b", { class: "card-title" }, body.title), h("p", { class: "paid-sum" }, body.sum),
    h("dl", {}, body.rows.flatMap(([label, value]) => [h("dt", {}, label), h("dd", {}, value)])));
}

function newsCard(body) {
  const inside = [h("b", {}, body.title || ""), h("span", { class: "news-text" }, body.text || "")];
  if (body.picture) inside.push(h("img", { src: body.picture, alt: "" }));
  return body.url ? h("button", { class: "news", onclick: () => openPage(body.url) }, inside) : h("div", { class: "news" }, inside);
}

function menuCard(body) {
  return h("div", { class: "bubble choices" }, body.head ? h("p", {}, body.head) : null,
    body.choices.map((choice) => h("button", { onclick: () => speak(choice.text, choice.id) }, choice.text)),
    body.tail ? h("p", {}, body.tail) : null);
}

function content(line) {
  const { kind, body } = line;
  if (kind === "template") return templateCard(body);
  if (kind === "pay") return payCard(body);
  if (kind === "news" || kind === "miniprogrampage") return newsCard(body);
  if (kind === "msgmenu") return menuCard(body);
  if (kind === "image") return h("img", { class: "sent-picture", src: `/media/${body.media_id}`, alt: "图片", loading: "lazy" });
  if (kind === "text") return h("div", { class: "bubble" }, words(body.text));
  return h("div", { class: "bubble" }, body.text || `[${kind}]`);
}

function draw(line, before) {
  const parts = [];
  if (!before || line.created - before.created > 300) parts.push(h("time", { class: "divider" }, when(line.created)));
  if (line.side === "system") {
    parts.push(h("p", { class: "system" }, line.body.text));
  } else if (["template", "news", "pay"].includes(line.kind)) {
    parts.push(h("div", { class: "line wide" }, content(line)));
  } else {
    const own = line.side === "person";
    const picture = own ? face(phone.person, "square") : (FACES[line.conversation] || accountFace)("square");
    parts.push(h("div", { class: own ? "line own" : "line" }, picture, content(line)));
  }
  return parts;
}

async function speak(text, choice = "") {
  const found = await post("say", { person: phone.person.number, text, choice });
  if (found.error) toast(found.error);
}

async function tap(button) {
  if (button.type.startsWith("scancode")) {
    show("scan", "", button);
    return;
  }
  const found = await post("menu", { person: phone.person.number, ...button });
  if (found.open) openPage(found.open);
}

function subMenu(bar, button, holder) {
  const open = bar.querySelector(".sub-menu");
  open?.remove();
  if (open && open.dataset.of === button.name) return;
  const list = h("div", { class: "sub-menu", role: "menu", "data-of": button.name }, button.sub_button.map((sub) =>
    h("button", { role: "menuitem", onclick: () => { list.remove(); tap(sub); } }, sub.name)));
  holder.append(list);
}

function menuBar(bar, toWords) {
  return [
    h("button", { class: "swap", "aria-label": "打字", onclick: toWords }, icon("keyboard")),
    ...phone.menu.map((button) => {
      const holder = h("span", { class: "menu-item" });
      const sub = button.sub_button?.length > 0;
      holder.append(h("button", { "aria-haspopup": sub ? "menu" : false, onclick: () => (sub ? subMenu(bar, button, holder) : (bar.querySelector(".sub-menu")?.remove(), tap(button))) },
        sub ? h("i", { class: "bars", "aria-hidden": "true" }) : null, button.name));
      return holder;
    }),
  ];
}

function wordBar(toMenu) {
  const input = h("textarea", { rows: "1", maxlength: "600", "aria-label": "输入文字", enterkeyhint: "send" });
  const sendNow = async () => {
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    grow();
    await speak(text);
  };
  const button = h("button", { class: "send", hidden: true, onclick: sendNow }, "发送");
  const file = h("input", { type: "file", accept: "image/*", hidden: true });
  file.addEventListener("change", async () => {
    if (!file.files.length) return;
    const form = new FormData();
    form.append("person", phone.person.number);
    form.append("media", file.files[0]);
    file.value = "";
    await post("picture", form).catch(() => toast("图片没有发出去"));
  });
  const plus = h("button", { class: "swap round", "aria-label": "发图片", onclick: () => file.click() }, icon("picture"));
  const grow = () => { button.hidden = !input.value.trim(); plus.hidden = !button.hidden; input.rows = Math.min(4, input.value.split("\n").length); };
  input.addEventListener("input", grow);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); sendNow(); }
  });
  const swap = phone.menu.length ? h("button", { class: "swap", "aria-label": "菜单", onclick: toMenu }, icon("menu")) : null;
  return [swap, input, plus, button, file];
}

function footer(conversation) {
  const bar = h("footer", { class: "chat-bar" });
  const toMenu = () => bar.replaceChildren(...menuBar(bar, toWords));
  const toWords = () => { bar.replaceChildren(...wordBar(toMenu).filter(Boolean)); };
  if (conversation !== "account") return null;
  if (!phone.follows) {
    bar.classList.add("follow");
    bar.append(h("button", { onclick: () => setFollow(true).then(() => show("chat")) }, "关注公众号"));
  } else if (phone.menu.length) toMenu();
  else toWords();
  return bar;
}

function welcome() {
  return h("div", { class: "profile" }, accountFace("square large"), h("b", {}, settings.account),
    h("p", {}, "示例大学后勤服务号：报修、查进度、评价，都在这里。"),
    h("small", {}, phone.follows ? "已关注" : "关注后可以收到进度通知"));
}

const FACES = { service: serviceFace, pay: payFace };

export function chatScreen(conversation = "account") {
  const list = h("div", { class: "scroll lines", role: "log", "aria-live": "polite" });
  const name = { service: "服务通知", pay: "微信支付" }[conversation] || settings.account;
  let previous = null;
  const add = (line) => {
    if (line.conversation !== conversation) return;
    list.append(...draw(line, previous));
    previous = line;
  };
  const bottom = () => { list.scrollTop = list.scrollHeight; };
  const redraw = () => {
    previous = null;
    list.replaceChildren(...(conversation === "account" ? [welcome()] : []));
    phone.messages.forEach(add);
    bottom();
  };
  const screen = h("section", { class: "screen-chat view" },
    h("header", { class: "bar" },
      h("button", { class: "bar-button", "aria-label": "返回", onclick: leaveChat }, icon("back")),
      h("h2", {}, name),
      h("button", { class: "bar-button", "aria-label": "扫一扫", onclick: () => show("scan") }, icon("scan"))),
    list, footer(conversation));
  const lines = (event) => {
    if (!screen.isConnected) { stop(); return; }
    event.detail.forEach(add);
    bottom();
    if (!screen.nextElementSibling) seen(conversation);
  };
  const changed = () => { if (screen.isConnected) show("chat", conversation); else stop(); };
  const stop = () => { document.removeEventListener("phone:lines", lines); document.removeEventListener("phone:changed", changed); };
  document.addEventListener("phone:lines", lines);
  document.addEventListener("phone:changed", changed);
  list.addEventListener("load", bottom, true);
  screen.addEventListener("shown", () => { redraw(); seen(conversation); });
  screen.addEventListener("uncovered", () => { phone.conversation = conversation; bottom(); seen(conversation); });
  return screen;
}
