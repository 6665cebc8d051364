// Stands in for jweixin-1.6.0.js. Inside the phone it talks to the phone; alone, to the sandbox itself.
(() => {
  "use strict";
  const BASE = {{ base|tojson }};
  const inPhone = window.parent !== window && /^weilife-phone:/.test(window.name);
  const asked = new Map();
  let counter = 0;
  let allowed = null;
  let state = "new";
  let onReady = [];
  let onError = [];
  let failure = null;
  let appId = "";
  const pictures = new Map();
  const BASIC = new Set(["checkJsApi", "closeWindow", "previewImage", "hideMenuItems", "hideOptionMenu"]);

  window.addEventListener("message", (event) => {
    if (event.origin !== BASE || event.source !== window.parent) return;
    const { weilife, id, result } = event.data || {};
    if (weilife !== "reply") return;
    asked.get(id)?.(result);
    asked.delete(id);
  });

  function ask(what, payload) {
    if (inPhone) {
      return new Promise((done) => {
        const id = ++counter;
        asked.set(id, done);
        window.parent.postMessage({ weilife: what, id, payload }, BASE);
      });
    }
    if (what === "verify") return fetchJson("/_sim/verify_jssdk", JSON.stringify(payload), { "Content-Type": "application/json" });
    if (what === "upload") {
      const form = new FormData();
      form.append("media", payload.file);
      return fetchJson("/_sim/jssdk_upload", form);
    }
    if (what === "scan") return Promise.resolve({ text: window.prompt("扫一扫：码的内容") || "" });
    if (what === "pay") return Promise.resolve({ outcome: "fail", why: "请在手机里打开" });
    return Promise.resolve({});
  }

  const fetchJson = (path, body, headers = {}) => fetch(BASE + path, { method: "POST", body, headers }).then((found) => found.json());

  function finish(name, options, result) {
    const full = { errMsg: `${name}:ok`, ...result };
    if (/:ok$/.test(full.errMsg)) options.success?.(full);
    else if (/:cancel$/.test(full.errMsg)) options.cancel?.(full);
    else options.fail?.(full);
    options.complete?.(full);
  }

  function pick(options) {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = "image/*";
    input.multiple = (options.count || 9) > 1;
    input.hidden = true;
    input.setAttribute("data-wx", "chooseImage");
    document.body.append(input);
    const end = (result) => { input.remove(); finish("chooseImage", options, result); };
    input.addEventListener("cancel", () => end({ errMsg: "chooseImage:cancel" }));
    input.addEventListener("change", () => {
      const localIds = [...input.files].slice(0, options.count || 9).map((file) => {
        const id = URL.createObjectURL(file);
        pictures.set(id, file);
        return id;
      });
      end({ localIds, sourceType: "album" });
    });
    input.click();
  }

  function preview(options) {
    const box = document.createElement("div");
    const image = document.createElement("img");
    Object.assign(box.style, { position: "fixed", inset: "0", zIndex: "99999", background: "#000", display: "grid", placeItems: "center" });
    Object.assign(image.style, { maxWidth: "100%", maxHeight: "100%" });
    image.src = options.current || options.urls[0];
    image.alt = "";
    box.append(image);
    box.addEventListener("click", () => box.remove());
    document.body.append(box);
    finish("previewImage", options, {});
  }

  const own = {
    chooseImage: pick,
    previewImage: preview,
    uploadImage: (options) => {
      const file = pictures.get(options.localId);
      if (!file) return finish("uploadImage", options, { errMsg: "uploadImage:fail invalid localId" });
      return ask("upload", { file }).then((result) => finish("uploadImage", options, result));
    },
    getLocalImgData: (options) => {
      const file = pictures.get(options.localId);
      if (!file) return finish("getLocalImgData", options, { errMsg: "getLocalImgData:fail" });
      const reader = new FileReader();
      reader.onload = () => finish("getLocalImgData", options, { localData: reader.result });
      return reader.readAsDataURL(file);
    },
    scanQRCode: (options) => ask("scan").then(({ text }) =>
      finish("scanQRCode", options, text ? { resultStr: text } : { errMsg: "scanQRCode:cancel" })),
    chooseWXPay: (options) => {
      const { timestamp, nonceStr, package: order, signType, paySign } = options;
      const asked = { appId, timeStamp: String(timestamp), nonceStr, package: order, signType, paySign };
      return ask("pay", asked).then(({ outcome, why }) => finish("chooseWXPay", options, { errMsg: `chooseWXPay:${outcome}`, errDesc: why }));
    },
    closeWindow: (options) => ask("close").then(() => finish("closeWindow", options, {})),
    getLocation: (options) => finish("getLocation", options, { latitude: 31.2304, longitude: 121.4737, accuracy: 20, speed: 0 }),
    getNetworkType: (options) => finish("getNetworkType", options, { networkType: "wifi" }),
    checkJsApi: (options) => finish("checkJsApi", options, { checkResult: Object.fromEntries((options.jsApiList || []).map((name) => [name, true])) }),
  };

  function call(name, options = {}) {
    if (!BASIC.has(name) && !(allowed && allowed.has(name))) return finish(name, options, { errMsg: `${name}:permission denied` });
    return (own[name] || ((given) => finish(name, given, {})))(options);
  }

  const wx = {
    config: (options) => {
      allowed = new Set(options.jsApiList || []);
      const { timestamp, nonceStr, signature } = options;
      appId = options.appId;
      ask("verify", { appId, timestamp, nonceStr, signature, url: location.href.split("#")[0] }).then((result) => {
        state = /:ok$/.test(result.errMsg) ? "ready" : "failed";
        if (options.debug) window.alert(result.errMsg);
        if (state === "ready") onReady.splice(0).forEach((each) => each());
        else { failure = result; onError.forEach((each) => each(result)); }
      });
    },
    ready: (then) => (state === "ready" ? then() : state === "new" && onReady.push(then)),
    error: (then) => { onError.push(then); if (failure) then(failure); },
  };
  window.wx = window.jWeixin = new Proxy(wx, {
    get: (target, name) => (name in target || typeof name !== "string" ? target[name] : (options) => call(name, options)),
  });

  // The real one is put into every page by WeChat itself, some time after it began to load.
  function invoke(name, asked, then = () => {}) {
    if (name !== "getBrandWCPayRequest") return then({ err_msg: `${name}:fail` });
    return ask("pay", asked).then(({ outcome, why }) => then({ err_msg: `get_brand_wcpay_request:${outcome}`, err_desc: why }));
  }
  if (inPhone) {
    setTimeout(() => {
      window.WeixinJSBridge = { invoke, on: () => {}, call: () => {} };
      document.dispatchEvent(new Event("WeixinJSBridgeReady"));
    });
  }

  class OpenSubscribe extends HTMLElement {
    connectedCallback() {
      requestAnimationFrame(() => {
        const source = this.querySelector("script[type='text/wxtag-template'], template");
        const root = this.attachShadow({ mode: "open" });
        root.innerHTML = source ? source.innerHTML : "<button>订阅通知</button>";
        root.addEventListener("click", () => this.request());
      });
    }
    request() {
      const templates = (this.getAttribute("template") || "").split(",").map((each) => each.trim()).filter(Boolean);
      ask("consent", { templates }).then(({ answers = {} }) => {
        const details = Object.fromEntries(Object.entries(answers).map(([id, status]) => [id, JSON.stringify({ status })]));
        this.dispatchEvent(new CustomEvent("success", { detail: { errMsg: "subscribe:ok", subscribeDetails: JSON.stringify(details) } }));
      });
    }
  }
  if (!customElements.get("wx-open-subscribe")) customElements.define("wx-open-subscribe", OpenSubscribe);

  function tell() {
    if (inPhone) window.parent.postMessage({ weilife: "page", id: 0, payload: { title: document.title, href: location.href } }, BASE);
  }
  tell();
  document.addEventListener("DOMContentLoaded", () => {
    tell();
    const title = document.querySelector("title");
    if (title) new MutationObserver(tell).observe(title, { childList: true });
  });
  window.addEventListener("pageshow", tell);
  window.addEventListener("popstate", tell);
  window.addEventListener("message", (event) => { if (event.origin === BASE && event.data?.weilife === "title") tell(); });
})();
