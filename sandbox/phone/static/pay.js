// WeChat's pay sheet: what, to whom, how much; six digits or a finger; then a page that says it is done.
import { h, icon, post, toast } from "./dom.js";
import { phone } from "./main.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "", "0", "⌫"];

/** Answers {outcome: ok|cancel|fail, why} when the person has come back from it. */
export async function payFor(asked) {
  const whole = { ...asked, person: phone.person.number };
  const found = await post("wxpay/sheet", whole).catch(() => ({ error: "网络不给力，请稍后再试" }));
  if (found.error) {
    toast(found.error);
    return { outcome: "fail", why: found.error };
  }
  return new Promise((done) => open(found, whole, done));
}

function open(shown, asked, done) {
  const finish = (outcome, why = "") => { back.remove(); done({ outcome, why }); };
  let typed = "";
  let busy = false;
  const boxes = h("div", { class: "pay-boxes", role: "img", "aria-label": "支付密码" }, [..."123456"].map(() => h("i")));
  const draw = () => [...boxes.children].forEach((box, at) => box.classList.toggle("full", at < typed.length));
  const pay = async () => {
    if (busy) return;
    busy = true;
    const paid = await post("wxpay/pay", asked).catch(() => ({ error: "网络不给力，请稍后再试" }));
    if (paid.error) { toast(paid.error); finish("fail", paid.error); return; }
    back.replaceChildren(success(shown, () => finish("ok")));
    back.classList.add("whole");
  };
  const type = (key) => {
    typed = key === "⌫" ? typed.slice(0, -1) : (typed + key).slice(0, 6);
    draw();
    if (typed.length === 6) pay();
  };
  const back = h("div", { class: "sheet-back pay-back" }, h("div", { class: "sheet pay-sheet", role: "dialog", "aria-label": "请输入支付密码" },
    h("button", { class: "pay-close", "aria-label": "取消支付", onclick: () => finish("cancel") }, icon("close")),
    h("b", {}, "请输入支付密码"), h("p", {}, shown.merchant), h("p", { class: "pay-sum" }, `¥${shown.sum}`),
    h("dl", { class: "pay-facts" }, h("dt", {}, "商品"), h("dd", {}, shown.description), h("dt", {}, "付款方式"), h("dd", {}, "零钱")),
    boxes, h("p", {}, "这里没有真的钱，任意六位数字都可以"),
    h("button", { class: "quiet", onclick: pay }, "用指纹支付"),
    h("div", { class: "pay-keys" }, KEYS.map((key) => (key
      ? h("button", { "aria-label": key === "⌫" ? "退格" : key, onclick: () => type(key) }, key) : h("span"))))));
  document.getElementById("screen").append(back);
}

function success(shown, leave) {
  return h("div", { class: "pay-done" }, h("span", { class: "pay-mark", "aria-hidden": "true" }, "✓"), h("b", {}, "支付成功"),
    h("p", {}, shown.merchant), h("p", { class: "pay-sum" }, `¥${shown.sum}`), h("button", { class: "primary", onclick: leave }, "完成"));
}
