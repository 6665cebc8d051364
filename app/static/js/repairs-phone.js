// The phone pages of repairs: what can be said before the server answers. Everything works without it.
"use strict";
(() => {
  const { $, $$ } = window.page;
  const chosen = (form, name) => $(`[name="${name}"]:checked`, form)?.value || "";

  // --- Another trade: its only fault is chosen at once, a fault of the former trade no longer counts
  const narrow = (form, trade) => {
    const faults = $$(`[name="category"]`, $("#faults-" + CSS.escape(trade.value)) || form);
    for (const fault of $$(`[name="category"]:checked`, form)) if (!faults.includes(fault)) fault.checked = false;
    if (faults.length === 1) faults[0].checked = true;
  };

  // --- Words of danger show the number to call while they are being typed; the server decides
  const warn = () => {
    const box = $("#danger"), detail = $("#f-detail");
    if (!box || !detail) return;
    const plain = detail.value.replace(new RegExp(box.dataset.calm, "g"), "");
    box.hidden = !new RegExp(box.dataset.hazards, "i").test(plain);
  };

  // --- What is still to be chosen, under the button
  const explain = () => {
    const tip = $("#missing"), form = tip?.form || tip?.closest("form");
    if (!form) return;
    const building = $(`[name="building_id"]`, form);
    const words = [];
    if (chosen(form, "where") !== "home" && !building?.value) words.push(tip.dataset.place);
    if (!chosen(form, "category")) words.push(tip.dataset.fault);
    tip.hidden = !words.length;
    tip.textContent = tip.dataset.text.replace("{what}", words.join(tip.dataset.and));
  };

  // --- A draft knows the room, but the rooms of its building come later. Read now: with photographs
  // the draft is saved anew as soon as it is put back, without the room.
  let room = "";
  try {
    room = JSON.parse(localStorage.getItem("draft:report")).values.find(([name]) => name === "room_id")[1];
  } catch { /* no draft */ }
  document.addEventListener("htmx:afterSettle", (event) => {
    const select = event.detail.target;
    if (select?.id !== "f-room_id") return;
    if (room && !select.value) select.value = room;
    room = "";
  });

  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form?.id !== "report") return;
    if (event.target.name === "trade") narrow(form, event.target);
    explain();
  }, true); // before htmx looks for similar reports
  document.addEventListener("input", (event) => event.target.id === "f-detail" && warn());

  // --- A link to one of the further actions opens it
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#do-"]');
    const deed = link && document.getElementById(link.hash.slice(1));
    if (deed) deed.open = true;
  });

  document.addEventListener("page:ready", () => { explain(); warn(); });
  document.addEventListener("htmx:afterSettle", (event) => {
    const said = event.detail.elt.id === "page" && !$('[aria-invalid="true"]', event.detail.elt) && $("[data-said]");
    if (said) said.scrollIntoView({ block: "center" });
  });
  addEventListener("DOMContentLoaded", () => {
    const form = $("#report");
    if (!form) return;
    explain();
    warn();
    if (chosen(form, "category")) window.htmx.trigger("#similar", "look");
  });
})();
