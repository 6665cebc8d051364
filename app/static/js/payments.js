// Paying: opens WeChat's sheet for a [data-pay], then goes to see the result whatever WeChat says; copies a link.
"use strict";
(() => {
  const BRIDGE_WAIT = 8000;
  const begin = (box) => {
    if (box.dataset.begun) return;
    box.dataset.begun = "1";
    const leave = () => location.replace(box.dataset.then);
    const invoke = () => {
      clearTimeout(waiting);
      window.WeixinJSBridge.invoke("getBrandWCPayRequest", JSON.parse(box.dataset.pay), leave);
    };
    const waiting = setTimeout(() => { box.querySelector("[data-pay-away]").hidden = false; }, BRIDGE_WAIT);
    if (window.WeixinJSBridge) invoke();
    else document.addEventListener("WeixinJSBridgeReady", invoke, { once: true });
  };
  const look = () => document.querySelectorAll("[data-pay]").forEach(begin);
  document.addEventListener("DOMContentLoaded", look);
  document.addEventListener("htmx:afterSettle", look);
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copies]");
    if (!button) return;
    const field = document.querySelector("[data-copy]");
    field.select();
    try { await navigator.clipboard.writeText(field.value); } catch { document.execCommand("copy"); }
    button.textContent = button.dataset.done;
  });
})();
