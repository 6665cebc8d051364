// 扫一扫: choose a code nearby, type one, or take it from a picture.
import { accountFace, get, h, icon, post, settings, toast } from "./dom.js";
import { openPage, phone, setFollow, show } from "./main.js";
import { payFor } from "./pay.js";

/** Called with the text of a code when a page or a menu asked for it, instead of acting on it. */
let waiting = null;

export function scanFor(done) {
  waiting = done;
  show("scan");
}

function leave() {
  const asked = waiting;
  waiting = null;
  document.querySelector("[data-screen=scan]")?.remove();
  if (!document.querySelector("#views > *")) show("home");
  return asked;
}

function offer(code) {
  const sheet = h("div", { class: "offer" }, accountFace("square large"), h("b", {}, settings.account),
    h("p", {}, "示例大学后勤服务号"),
    h("button", { class: "primary", onclick: async () => { await setFollow(true, code); show("chat"); } }, "关注公众号"),
    h("button", { class: "quiet", onclick: () => show("home") }, "不关注"));
  document.querySelector("[data-screen=scan]").replaceChildren(sheet);
}

const PAY = /^weixin:\/\/wxpay\/bizpayurl\?pr=([\w-]+)$/;

async function payByCode(code) {
  leave();
  const { outcome } = await payFor({ code });
  if (outcome === "ok") show("chat", "pay");
}

async function found(text, button) {
  if (waiting) {
    leave()(text);
    return;
  }
  if (button) {
    await post("menu", { person: phone.person.number, ...button, result: text });
    show("chat");
    if (button.type === "scancode_waitmsg") return;
  }
  if (PAY.test(text)) { await payByCode(PAY.exec(text)[1]); return; }
  const next = await post("scan", { person: phone.person.number, text });
  if (next.action === "open") { leave(); openPage(next.url); }
  else if (next.action === "scanned") show("chat");
  else if (next.action === "offer") offer(next.code);
  else if (next.action === "gone") toast("这个二维码已经失效");
  else toast(`扫到：${next.text}`);
}

async function fromPicture(file, button) {
  if (!("BarcodeDetector" in window)) {
    toast("这个浏览器不会从图片里认码，请把码抄在下面");
    return;
  }
  const codes = await new window.BarcodeDetector({ formats: ["qr_code"] }).detect(await createImageBitmap(file));
  if (codes.length) await found(codes[0].rawValue, button);
  else toast("图片里没有认出二维码");
}

function group(title, name, codes, button) {
  if (!codes.length) return [];
  return [h("h3", {}, title), h("div", { class: "codes" }, codes.map((code) =>
    h("button", { onclick: () => found(code.text, button) }, icon(name), h("span", {}, code.label), h("small", {}, code.text.replace(/^https?:\/\//, "")))))];
}

export function scanScreen(preset = "", button = null) {
  const input = h("input", { type: "text", placeholder: "门上的 8 位码，或整个网址", "aria-label": "码或网址", autocapitalize: "characters", autocomplete: "off", spellcheck: "false", value: preset });
  const form = h("form", { class: "type-code", onsubmit: (event) => { event.preventDefault(); if (input.value.trim()) found(input.value.trim(), button); } },
    input, h("button", {}, "扫"));
  const file = h("input", { type: "file", accept: "image/*", hidden: true });
  file.addEventListener("change", () => { if (file.files[0]) fromPicture(file.files[0], button).catch(() => toast("图片打不开")); });
  const list = h("div", { class: "near" });
  const cancel = () => {
    const asked = leave();
    if (asked) asked("");
  };
  const screen = h("section", { class: "screen-scan view" },
    h("header", { class: "bar dark" }, h("button", { class: "bar-button", "aria-label": "关闭", onclick: cancel }, icon("close")), h("h2", {}, "扫一扫"),
      h("button", { class: "bar-button", "aria-label": "从相册选", onclick: () => file.click() }, icon("picture"))),
    h("div", { class: "finder", "aria-hidden": "true" }, h("i"), h("i"), h("i"), h("i"), h("b")),
    h("div", { class: "scan-sheet scroll" }, form, list, file));
  screen.addEventListener("shown", async () => {
    const codes = await get("codes").catch(() => ({ doors: [], recent: [], scenes: [] }));
    const payments = await get("wxpay/codes").catch(() => []);
    list.replaceChildren(...group("付款码", "qr", payments, button), ...group("附近的门", "door", codes.doors, button), ...group("扫过的码", "qr", codes.recent, button), ...group(`${settings.account}的二维码`, "qr", codes.scenes, button));
    if (!list.children.length) list.append(h("p", { class: "hint" }, "门上的码印着 8 个字母和数字。抄在上面，就像对着它扫一样。"));
    if (preset) found(preset, button);
  });
  return screen;
}
