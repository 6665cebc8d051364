// The console: keys, the list beside its detail, boards that refresh themselves, selections, columns, time left.
"use strict";
(() => {
  const { $, $$, T, fill } = window.page;
  const rows = () => $$("tr[data-row]");
  const current = () => $("tr.is-current");
  const typing = (target) => target.matches("input:not([type='checkbox']), textarea, select, [contenteditable]");

  // --- Moving along the rows, and opening one beside the list
  const go = (row) => {
    if (!row) return;
    current()?.classList.remove("is-current");
    row.classList.add("is-current");
    row.scrollIntoView({ block: "nearest" });
  };
  const step = (by) => {
    const all = rows();
    const at = all.indexOf(current());
    go(all[Math.max(0, Math.min(all.length - 1, at + by))]);
    if ($("#panel").childElementCount && at >= 0) later(() => open(current()));
  };
  let waiting = 0;
  const later = (run) => { clearTimeout(waiting); waiting = setTimeout(run, 150); };
  const open = (row) => {
    if (!row || !row.dataset.url) return;
    go(row);
    window.htmx.ajax("GET", row.dataset.url, { target: "#panel", swap: "innerHTML", source: row });
  };
  const closePanel = () => {
    const had = $("#panel").childElementCount > 0;
    $("#panel").replaceChildren();
    return had;
  };
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close-panel]")) return closePanel();
    const row = event.target.closest("tr[data-url]");
    if (row && event.target.closest('a[hx-target="#panel"]')) go(row);
    if (!row || event.target.closest("a, button, input, label, summary") || String(getSelection())) return undefined;
    return event.metaKey || event.ctrlKey ? window.open(row.dataset.url) : open(row);
  });

  // --- Keys: data-key="a" on any button or link is its shortcut; the panel's come first
  const keyed = (key) => {
    const all = $$(`[data-key="${CSS.escape(key)}"]`).filter((element) => element.offsetParent !== null);
    return all.find((element) => element.closest("dialog[open]")) || all.find((element) => element.closest("#panel")) || all[0];
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") {
      if ($("dialog[open]")) return;
      if (typing(event.target)) event.target.blur();
      else if (!closePanel()) clear();
      return;
    }
    if (typing(event.target) || $("dialog[open]")) return;
    const run = { j: () => step(1), k: () => step(-1), ArrowDown: () => current() && step(1), ArrowUp: () => current() && step(-1),
      Enter: () => !event.target.closest("a, button, summary") && open(current()), x: () => pick(current()) }[event.key];
    const element = run ? null : keyed(event.key);
    if (!run && !element) return;
    if (event.key === "Enter" && (event.target.closest("a, button, summary") || !current())) return;
    event.preventDefault();
    if (run) run();
    else if (element.matches("input")) { element.focus(); element.select(); }
    else element.click();
  });
  const listKeys = () => {
    const box = $("[data-keys-here]");
    if (!box) return;
    const seen = new Map();
    for (const element of $$("[data-key]")) {
      const words = element.textContent.replace(element.dataset.key, "").trim();
      if (!["/", "?", "Escape"].includes(element.dataset.key) && words) seen.set(element.dataset.key, words);
    }
    box.replaceChildren(...[...seen].map(([key, words]) => {
      const line = document.createElement("div");
      const dt = line.appendChild(document.createElement("dt"));
      dt.appendChild(document.createElement("kbd")).textContent = key;
      line.appendChild(document.createElement("dd")).textContent = words;
      return line;
    }));
  };
  document.addEventListener("click", (event) => { if (event.target.closest('[data-opens="keys"]')) listKeys(); });

  // --- Selecting several
  const pick = (row) => { const box = row && $("[data-pick]", row); if (box) { box.checked = !box.checked; picked(); } };
  const picked = () => {
    const on = $$("[data-pick]:checked");
    $$("tr[data-row]").forEach((row) => row.classList.toggle("is-picked", !!$("[data-pick]:checked", row)));
    for (const bar of $$("[data-multi]")) {
      bar.hidden = !on.length;
      $("[data-multi-count]", bar).textContent = fill(T.picked, { n: on.length });
      $("[data-multi-ids]", bar).replaceChildren(...on.map((box) => {
        const input = document.createElement("input");
        Object.assign(input, { type: "hidden", name: "ids", value: box.value });
        return input;
      }));
    }
  };
  const clear = () => { $$("[data-pick]:checked, [data-pick-all]:checked").forEach((box) => { box.checked = false; }); picked(); };
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick-all]")) $$("[data-pick]").forEach((box) => { box.checked = event.target.checked; });
    if (event.target.matches("[data-pick], [data-pick-all]")) picked();
    if (event.target.matches("[data-column]")) column(event.target);
  });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-multi-clear]")) clear(); });

  // --- Columns a person does not want, remembered per table
  const hiddenOf = (table) => { try { return JSON.parse(localStorage.getItem("columns:" + table) || "[]"); } catch { return []; } };
  const column = (box) => {
    const table = $(".table", box.closest(".table-box")).dataset.table;
    const off = new Set(hiddenOf(table));
    if (box.checked) off.delete(box.dataset.column); else off.add(box.dataset.column);
    try { localStorage.setItem("columns:" + table, JSON.stringify([...off])); } catch { /* not remembered */ }
    columns();
  };
  const columns = () => {
    for (const table of $$("[data-table]")) {
      const off = hiddenOf(table.dataset.table);
      for (const cell of $$("[data-col]", table)) cell.hidden = off.includes(cell.dataset.col);
      for (const box of $$("[data-column]", table.closest(".table-box"))) box.checked = !off.includes(box.dataset.column);
    }
  };

  // --- Time left: 还剩 1:20, 超 0:35; the absolute time stays in the title
  const due = () => {
    for (const time of $$("time[data-due]")) {
      const minutes = Math.round((new Date(time.dateTime) - Date.now() - skew) / 60000);
      const size = Math.abs(minutes);
      const span = size >= 2880 ? fill(T.days, { n: Math.floor(size / 1440) }) : `${Math.floor(size / 60)}:${String(size % 60).padStart(2, "0")}`;
      time.textContent = fill(minutes < 0 ? T.late : T.left, { t: span });
      time.classList.toggle("due_late", minutes < 0);
      time.classList.toggle("due_soon", minutes >= 0 && minutes <= 60);
    }
  };
  const now = $('meta[name="now"]');
  const skew = now ? new Date(now.content) - Date.now() : 0; // the server's clock counts
  setInterval(due, 30000);

  // --- Boards: [data-live="20"] asks again every 20 s while the page is looked at, keeping scroll, row and selection
  const fresh = async (box) => {
    if (document.hidden || !navigator.onLine || $("dialog[open]") || $("details[open]", box)) return;
    const known = new Set(rows().map((row) => row.dataset.row));
    const chosen = new Set($$("[data-pick]:checked").map((input) => input.value));
    const here = current()?.dataset.row;
    const answer = await fetch(location.href, { headers: { Accept: "text/html", "X-Live": "1" } }).catch(() => null);
    if (!answer || !answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.getElementById(box.id);
    if (!next || $$("tr[data-row]", box).length > $$("tr[data-row]", next).length + 5) return; // further pages are open: leave them
    const [old, young] = [$("tbody", box), $("tbody", next)];
    if (old && young) old.replaceChildren(...young.children);
    else box.replaceChildren(...next.children); // the first row came, or the last one went
    for (const other of $$("[data-fresh]")) {
      const newer = page.getElementById(other.id);
      if (!newer || other.contains(document.activeElement)) continue;
      for (const open of $$("details[open]", other)) newer.querySelector(`#${open.id}`)?.setAttribute("open", "");
      other.replaceChildren(...newer.childNodes);
    }
    for (const row of rows()) {
      row.classList.toggle("is-current", row.dataset.row === here);
      if (known.size && !known.has(row.dataset.row)) row.classList.add("is-new");
    }
    for (const input of $$("[data-pick]")) input.checked = chosen.has(input.value);
    window.htmx.process(box);
    look();
    picked();
  };
  const live = () => $$("[data-live]").forEach((box) => setInterval(() => fresh(box), Number(box.dataset.live) * 1000));
  document.addEventListener("board:refresh", () => $$("[data-live]").forEach(fresh)); // HX-Trigger: board:refresh

  // --- Signing out: what a page keeps for starting without a network goes with the session
  document.addEventListener("submit", (event) => {
    if (!window.caches || !event.target.matches('form[action="/desk/logout"]')) return;
    caches.keys().then((names) => names.forEach((name) => caches.delete(name)));
  });

  const look = () => { columns(); due(); };
  document.addEventListener("page:ready", look);
  addEventListener("DOMContentLoaded", () => { look(); live(); });
})();
