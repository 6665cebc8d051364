// Both faces: htmx's manners, toasts, one submit at a time, drafts, going back, being offline.
// Data attributes: data-opens data-closes data-reload data-toast-close data-submits data-busy data-draft data-clears data-count.
"use strict";
(() => {
  const T = window.TEXTS;
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const fill = (text, params) => text.replace(/\{(\w+)\}/g, (_, name) => params[name]);

  // --- Toasts. The text is always ours or the server's sentence, never markup.
  const toast = (text, { tone = "", action = "", onAction = null, stays = false } = {}) => {
    const box = document.createElement("div");
    box.className = "toast" + (tone ? " toast_" + tone : "");
    const p = box.appendChild(document.createElement("p"));
    p.textContent = text;
    if (action) {
      const button = box.appendChild(document.createElement("button"));
      button.type = "button";
      button.className = "toast__do";
      button.textContent = action;
      button.addEventListener("click", () => { box.remove(); onAction(); });
    }
    $("#toast").replaceChildren(box);
    if (!stays) setTimeout(() => box.remove(), 6000);
    return box;
  };

  // --- htmx: the CSRF header, and only our own answers reach the page
  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRF-Token"] = $('meta[name="csrf"]').content;
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (xhr.status < 400) return;
    if (xhr.getResponseHeader("X-Request-ID")) return;
    event.detail.shouldSwap = false; // a proxy's page, not ours
    retryable(T.unavailable, event.detail);
  });
  const retryable = (text, detail) => {
    const { elt } = detail;
    const again = elt && elt.isConnected && elt.matches("form") ? () => elt.requestSubmit() : null;
    if (elt && elt.closest("[data-live]") && !again) return; // a board that refreshes itself tries again anyway
    toast(text, { tone: "bad", action: again ? T.retry : T.reload, onAction: again || (() => location.reload()), stays: true });
  };
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => retryable(T.unreachable, event.detail));
  }
  document.addEventListener("htmx:afterRequest", (event) => free(event.detail.elt));
  document.addEventListener("htmx:afterSettle", (event) => {
    const { elt, xhr } = event.detail;
    settle(elt);
    if (xhr.status === 422) $$("form[data-draft]", elt).forEach((form) => putBack(form)); // photos the server did not echo
    else if (elt.closest("form[data-restored]")) putBack(elt.closest("form"), elt.matches("select") ? elt.parentNode : elt);
    const first = $('[aria-invalid="true"]', elt);
    if (first && xhr.status === 422) {
      first.scrollIntoView({ block: "center" });
      (first.matches("input, select, textarea") ? first : $("input", first) || first).focus({ preventScroll: true });
    }
  });

  // --- One submit at a time. The server's idempotency is the promise; this only spares people the wait.
  const free = (form) => {
    if (!form || !form.matches || !form.matches("form[data-busy]")) return;
    delete form.dataset.busy;
    for (const button of $$("[data-was]", form)) {
      button.lastChild.textContent = button.dataset.was;
      delete button.dataset.was;
    }
  };
  const hold = (form, button) => {
    form.dataset.busy = "1";
    if (button && button.dataset.busy && button.lastChild.nodeType === Node.TEXT_NODE) {
      button.dataset.was = button.lastChild.textContent;
      button.lastChild.textContent = button.dataset.busy;
    }
    setTimeout(() => form.dataset.busy && toast(T.slow), 4000);
    setTimeout(() => free(form), 25000);
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    const refuse = (text) => { event.preventDefault(); event.stopImmediatePropagation(); toast(text); };
    if (form.dataset.busy) return refuse(T.stillBusy);
    if (!navigator.onLine) return refuse(T.offline);
    if ($(".photo[data-state='sending']", form)) return refuse(T.photoBusy);
    if ($("[data-attachments] [data-state='sending']", form)) return refuse(T.fileBusy);
    if ($(".photo[data-state='failed']", form)) return refuse(T.photoLeft);
    keep(form);
    hold(form, event.submitter);
  }, true);

  // --- Drafts: text typed into form[data-draft] survives going back, a call, a dead battery. Never passwords or files.
  const place = (form) => "draft:" + (typeof form === "string" ? form : form.dataset.draft);
  const kept = (form) => $$("input, select, textarea", form).filter((input) =>
    input.name && !["hidden", "password", "file", "submit"].includes(input.type) && !input.name.startsWith("_"));
  const keep = (form) => {
    if (!form.dataset || !form.dataset.draft) return;
    const values = kept(form).map((i) => [i.name, i.value, i.type === "checkbox" || i.type === "radio" ? i.checked : null]);
    const photos = $$(".photo input[type='hidden']", form).map((i) => [i.name, i.value, i.dataset.thumb || $("img", i.parentNode)?.src]);
    try { localStorage.setItem(place(form), JSON.stringify({ at: Date.now(), values, photos })); } catch { /* full or forbidden: go on */ }
  };
  const forget = (key) => { try { localStorage.removeItem(place(key)); } catch { /* nothing kept */ } };
  // Puts back what the draft knows into `root`, the form or a part that just arrived. Says whether anything changed.
  const putBack = (form, root = form) => {
    let draft = null;
    try { draft = JSON.parse(localStorage.getItem(place(form))); } catch { return false; }
    if (!draft || Date.now() - draft.at > 3 * 86400e3) { forget(form); return false; }
    let changed = false;
    const put = (input, field, value) => {
      if (input[field] === value) return;
      input[field] = value;
      changed = changed || input[field] === value; // a select takes only what it offers
      if (input.matches("select[hx-get]")) input.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const rest = [...draft.values];
    for (const input of kept(root)) {
      const checks = input.type === "checkbox" || input.type === "radio";
      const at = rest.findIndex(([name, value]) => name === input.name && (!checks || value === input.value));
      if (at < 0) continue;
      const [[, value, checked]] = rest.splice(at, 1);
      if (checks) put(input, "checked", checked); else if (value) put(input, "value", value);
    }
    const before = $$(".photo", form).length;
    if (draft.photos.length) form.dispatchEvent(new CustomEvent("draft:photos", { detail: draft.photos }));
    return changed || $$(".photo", form).length > before;
  };
  const restore = (form) => {
    if (!putBack(form)) return;
    form.dataset.restored = "1";
    toast(T.restored, { action: T.discard, onAction: () => { forget(form); location.reload(); } });
  };
  let typing = 0;
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    count(event.target);
    if (!form || !form.dataset.draft) return;
    clearTimeout(typing);
    typing = setTimeout(() => keep(form), 400);
  });
  addEventListener("pagehide", () => $$("form[data-draft]").forEach((form) => form.dataset.touched && keep(form)));
  document.addEventListener("input", (event) => { if (event.target.form) event.target.form.dataset.touched = "1"; });

  const count = (area) => {
    if (!area.matches("[data-count]")) return;
    let shown = area.nextElementSibling;
    if (!shown || !shown.matches(".count")) {
      shown = document.createElement("p");
      shown.className = "count num";
      area.after(shown);
    }
    const near = area.value.length > area.maxLength * 0.8;
    shown.hidden = !near;
    shown.textContent = fill(T.counted, { n: area.value.length, most: area.maxLength });
  };

  // --- Going back: a page from the browser's memory is not busy any more, and asks the server how things stand
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    $$("form[data-busy]").forEach(free);
    if (!$("form[data-draft]")) location.reload();
  });

  addEventListener("offline", () => toast(T.offline, { tone: "bad", stays: true }));
  addEventListener("online", () => toast(T.online, { tone: "good" }));

  // --- Clicks
  document.addEventListener("click", (event) => {
    const on = (selector) => event.target.closest(selector);
    let hit = null;
    if ((hit = on("[data-opens]"))) document.getElementById(hit.dataset.opens)?.showModal();
    else if ((hit = on("[data-closes]"))) hit.closest("dialog").close();
    else if (event.target.matches("dialog")) event.target.close(); // the dark around a sheet
    else if (on("[data-reload]")) location.reload();
    else if ((hit = on("[data-toast-close]"))) hit.closest(".toast").remove();
    for (const menu of $$("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
  });

  const settle = (root) => {
    for (const done of $$("[data-clears]", root)) forget(done.dataset.clears);
    $$("[data-count]", root).forEach(count);
    document.dispatchEvent(new CustomEvent("page:ready", { detail: root }));
  };
  window.page = { $, $$, T, fill, toast, keep, forget };
  addEventListener("DOMContentLoaded", () => {
    settle(document);
    $$("form[data-draft]").forEach(restore);
  });
})();
