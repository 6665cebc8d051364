// The check-in desk. Whatever is done goes into a queue of this browser first and is sent in its order, once each:
// the number of a line is never used again, and the server answers a line that comes twice as the first time. A line
// knows who wrote it: it waits until that person is signed in again, and keeps no more of a freshman than a masked name.
// A registered browser also keeps this page and a minimal list, signed with its key, until midnight.
"use strict";
(() => {
  const { $, toast, fill } = window.page;
  const KEPT = "check-in", POLL = 3000, BATCH = 20;
  let T, base, me, current = null, shown = "";

  // --- What this browser keeps: the queue, what a person must look at, its own name and key
  const opened = new Promise((resolve, reject) => {
    const request = indexedDB.open("welcome-check-in", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("queue", { keyPath: "sequence", autoIncrement: true });
      request.result.createObjectStore("conflicts", { keyPath: "sequence" });
      request.result.createObjectStore("own");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const store = async (name, mode, work) => {
    const kept = await opened;
    return new Promise((resolve, reject) => {
      const step = kept.transaction(name, mode, { durability: "strict" });
      const request = work(step.objectStore(name));
      step.oncomplete = () => resolve(request.result);
      step.onerror = step.onabort = () => reject(step.error);
    });
  };
  const all = (name) => store(name, "readonly", (it) => it.getAll());
  const put = (name, value, key) => store(name, "readwrite", (it) => it.put(value, key));
  const drop = (name, key) => store(name, "readwrite", (it) => it.delete(key));
  const own = (key) => store("own", "readonly", (it) => it.get(key));
  const client = async () => {
    const known = await own("client");
    if (known) return known;
    await put("own", crypto.randomUUID ? crypto.randomUUID() : random(), "client");
    return own("client");
  };
  const random = () => [...crypto.getRandomValues(new Uint8Array(32))].map((n) => n.toString(16).padStart(2, "0")).join("");

  // --- The server. Null: there is no network; else {status, body}
  let token = "";
  const ask = async (path, body = null, headers = {}, again = true) => {
    const options = { headers: { Accept: "application/json", ...headers } };
    if (body) {
      options.method = "POST";
      options.body = JSON.stringify(body);
      options.headers["Content-Type"] = "application/json";
      options.headers["X-CSRF-Token"] = token;
    }
    const answer = await fetch(base + path, options).catch(() => null);
    note(!!answer);
    if (!answer) return null;
    const said = await answer.json().catch(() => ({}));
    if (answer.status === 403 && said.error?.code === "kit.csrf_failed" && again) { // a page from before the last sign-in
      const me = await fetch("/api/v1/me", { headers: { "X-Surface": "desk" } }).then((it) => it.json()).catch(() => null);
      if (me?.csrf_token) { token = me.csrf_token; return ask(path, body, headers, false); }
    }
    return { status: answer.status, body: said };
  };
  const note = (isOnline) => {
    const word = $("#net");
    word.textContent = isOnline ? T.online : T.offline;
    word.className = "word word_" + (isOnline ? "done" : "bad");
    document.documentElement.toggleAttribute("data-offline", !isOnline);
  };
  const say = (text) => { $("#said").textContent = text; };

  // --- The queue
  const count = async () => {
    const waiting = await all("queue");
    $("#pending").hidden = !waiting.length;
    $("#pending").textContent = fill(T.pending, { n: waiting.length });
    const mine = waiting.filter((line) => (line.author || me) === me);
    if (mine.length < waiting.length) say(fill(T.others, { n: waiting.length - mine.length }));
    return mine;
  };
  const send = () => navigator.locks.request("welcome-check-in", async () => { // one tab at a time, in order
    for (;;) {
      const waiting = (await count()).slice(0, BATCH);
      if (!waiting.length) return;
      const key = await own("key");
      const entries = waiting.map(({ name, title, ...entry }) => ({ ...entry, author: entry.author || me }));
      const answer = await ask("/sent", { client: await client(), entries }, key ? { "X-Device-Key": key } : {});
      if (!answer) return;
      if (answer.status === 401 || answer.status === 403) { say(T.signin); return; }
      if (answer.status !== 200) return;
      for (const one of answer.body.answers) {
        if (one.status === "held") { say(one.message); return; } // somebody else has signed in meanwhile
        const entry = waiting.find((line) => line.sequence === one.sequence);
        if (one.status === "done") await drop("queue", one.sequence); else await aside(entry, one.message);
      }
    }
  });
  const aside = async (entry, message) => {
    await put("conflicts", { ...entry, message });
    await drop("queue", entry.sequence);
  };
  const conflicts = async () => {
    const box = $("#conflicts"), list = await all("conflicts");
    box.hidden = !list.length;
    $("ul", box).replaceChildren(...list.map((one) => {
      const line = make("li");
      const text = line.appendChild(make("span"));
      text.append(make("strong", `${one.name} · ${one.title}`), make("p", one.message));
      const button = line.appendChild(make("button", T.dismiss, "btn"));
      button.type = "button";
      button.addEventListener("click", async () => { await drop("conflicts", one.sequence); conflicts(); });
      return line;
    }));
  };
  const act = async (deed, step, more = {}) => {
    await put("queue", {
      deed, code: current.id, step: step.key, at: new Date().toISOString(), is_proxy: false, reason: "", ...more,
      author: me, name: current.masked, title: step.title,
    });
    await after();
  };
  const after = async () => {
    await send();
    await conflicts();
    await count();
    await refresh(true);
    $("#f-text").focus();
  };

  // --- Finding somebody
  const find = async (text) => {
    say("");
    const answer = await ask("/find", { text });
    if (!answer) return findKept(text);
    if (answer.status === 401 || answer.status === 403) return say(T.signin);
    if (answer.status !== 200) return say(answer.body.error?.message || T.none);
    const { people } = answer.body;
    choices(people.map((one) => [one.name, [one.college, one.class, one.tail, one.label].filter(Boolean).join(" · "), () => open(one.id)]));
    if (!people.length) say(T.none);
    return people.length === 1 && open(people[0].id);
  };
  const findKept = async (text) => {
    const list = await keptList();
    if (!list) return say(T.noList);
    const plain = text.trim().split("/").pop();
    const hash = await shortHash(plain.toUpperCase().replaceAll("O", "0").replaceAll(/[IL]/g, "1"));
    const people = list.people.filter((one) =>
      (one.code && one.code === hash) || one.id === plain.toLowerCase() || one.name[0] === plain[0]).slice(0, 50);
    const exact = people.filter((one) => one.code === hash || one.id === plain.toLowerCase());
    const offer = exact.length ? exact : people;
    choices(offer.map((one) => [one.name, `${one.college} · ${T.statuses[one.status]}`, () => openKept(one, list)]));
    if (!offer.length) say(T.noneOffline);
    return exact.length === 1 && openKept(exact[0], list);
  };
  const choices = (lines) => $("#matches").replaceChildren(...lines.map(([title, line, run]) => {
    const item = make("li"), button = item.appendChild(make("button", "", "match"));
    button.type = "button";
    button.append(make("strong", title), make("span", line, "quiet"));
    button.addEventListener("click", run);
    return item;
  }));
  const open = async (id) => {
    const answer = await ask("/people/" + encodeURIComponent(id));
    if (answer?.status !== 200) return say(answer?.body.error?.message || T.offline);
    current = answer.body;
    $("#matches").replaceChildren();
    return render(true);
  };
  const openKept = (one, list) => {
    const steps = list.steps.filter((step) => !step.audience || step.audience === one.profile)
      .map((step) => ({ ...step, marks: [], is_done: step.is_final && one.status === "registered", is_required: false }));
    current = { ...one, masked: one.name, steps, missing: null, label: T.statuses[one.status] };
    $("#matches").replaceChildren();
    return render(true);
  };
  const refresh = async (isNow = false) => {
    if (!current || (document.hidden && !isNow) || $("dialog[open]") || $("#card input:focus")) return;
    const id = current.id;
    const answer = navigator.onLine ? await ask(`/people/${encodeURIComponent(id)}/state`) : (note(false), null);
    if (answer?.status === 200 && current?.id === id) current = { ...current, masked: current.masked, ...answer.body };
    await render(isNow);
  };

  // --- The card
  const make = (tag, text = "", className = "") => {
    const element = document.createElement(tag);
    if (text) element.textContent = text;
    if (className) element.className = className;
    return element;
  };
  const render = async (isForced = false) => {
    const waiting = (await all("queue")).filter((entry) => entry.code === current.id);
    const now = JSON.stringify([current, waiting]);
    if (now === shown && !isForced) return;
    shown = now;
    const card = $("#card");
    const head = make("header");
    head.append(make("h2", current.name), make("span", current.label, "word word_" + ({ registered: "done", admitted: "wait" }[current.status] || "off")));
    const facts = make("dl", "", "facts");
    for (const [label, value] of [[T.college, current.college], [T.class, current.class], [T.major, current.major], [T.dorm, current.dorm], [T.list, current.tail]]) {
      if (!value) continue;
      const pair = facts.appendChild(make("div"));
      pair.append(make("dt", label), make("dd", value));
    }
    const missing = current.missing === null ? T.masked : current.missing.length ? fill(T.missing, { what: current.missing.join(T.and) }) : T.nothing;
    const unpaid = current.unpaid?.length ? [make("p", fill(T.unpaid, { what: current.unpaid.join(T.and) }), "quiet")] : [];
    const proxy = make("details", "", "proxy");
    proxy.append(make("summary", T.proxy));
    const why = proxy.appendChild(make("input", "", "input"));
    Object.assign(why, { id: "proxy-why", placeholder: T.proxyWhy, maxLength: 100 });
    why.setAttribute("aria-label", T.proxyWhy);
    const list = make("ul", "", "checks");
    list.append(...current.steps.map((step) => line(step, waiting.filter((entry) => entry.step === step.key))));
    card.replaceChildren(head, facts, make("p", missing, current.missing?.length ? "missing" : "quiet"), ...unpaid, proxy, list);
    card.hidden = false;
  };
  const line = (step, waiting) => {
    const item = make("li", "", step.is_final ? "check check_final" : "check");
    item.dataset.step = step.key;
    const text = item.appendChild(make("div", "", "grow"));
    text.append(make("strong", step.title), make("span", ` ${step.is_required ? T.must + " · " : ""}${T[step.kind]}`, "quiet"));
    for (const mark of step.marks) text.append(make("p", fill(T.by, mark) + (mark.proxy ? " · " + fill(T.proxied, { why: mark.proxy }) : ""), "quiet num"));
    if (waiting.length) text.append(make("p", T.queued, "waits"));
    const last = waiting.at(-1);
    const isDone = last ? last.deed === "mark" : step.is_done;
    if (!isDone || step.kind === "multiple") item.append(button(isDone ? T.again : T.mark, step.is_final ? "btn btn_primary" : "btn", () => mark(step)));
    if (isDone) item.append(button(T.undo, "btn btn_plain", () => undo(step, item)));
    return item;
  };
  const button = (text, className, run) => {
    const element = make("button", text, className);
    element.type = "button";
    element.addEventListener("click", () => { element.disabled = true; Promise.resolve(run()).finally(() => { element.disabled = false; }); });
    return element;
  };
  const mark = (step) => {
    const isProxy = $("#card details.proxy").open, reason = $("#proxy-why").value.trim();
    if (isProxy && reason.length < 4) { $("#proxy-why").focus(); toast(T.reasonShort); return undefined; }
    return act("mark", step, isProxy ? { is_proxy: true, reason } : {});
  };
  const undo = (step, item) => {
    if ($("form", item)) return;
    const form = item.appendChild(make("form", "", "undo"));
    const why = form.appendChild(make("input", "", "input"));
    Object.assign(why, { placeholder: T.why, maxLength: 100, name: "reason" });
    why.setAttribute("aria-label", T.why);
    form.append(make("button", T.undo, "btn btn_danger"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const reason = why.value.trim();
      if (reason.length < 4) return toast(T.reasonShort);
      why.blur();
      return act("undo", step, { reason });
    });
    why.focus();
  };

  // --- A registered browser: the page, its files and the list are kept; the list only until midnight
  const hex = (buffer) => [...new Uint8Array(buffer)].map((n) => n.toString(16).padStart(2, "0")).join("");
  const shortHash = async (text) => hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).slice(0, 24);
  const isSigned = async (key, { body, signature }) => {
    const raw = new TextEncoder();
    const secret = await crypto.subtle.importKey("raw", raw.encode(key), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    return hex(await crypto.subtle.sign("HMAC", secret, raw.encode(body))) === signature;
  };
  const keptList = async () => {
    const key = await own("key");
    const kept = key && window.caches && (await caches.match(base + "/list", { cacheName: KEPT }));
    if (!kept) return null;
    const given = await kept.json();
    const list = (await isSigned(key, given)) ? JSON.parse(given.body) : null;
    if (list && new Date(list.expires_at) > Date.now()) return list;
    await caches.delete(KEPT);
    say(T.expired);
    return null;
  };
  const wipe = async () => {
    await caches.delete(KEPT);
    await drop("own", "key");
    for (const worker of await navigator.serviceWorker.getRegistrations()) await worker.unregister();
    toast(T.wiped, { tone: "bad" });
  };
  const files = () => [...document.querySelectorAll("script[src], link[rel=stylesheet], link[rel=icon], use")]
    .map((it) => new URL(it.src || it.href?.baseVal || it.href, location.href))
    .filter((url) => url.origin === location.origin && url.pathname.startsWith("/static/"))
    .map((url) => url.pathname);
  const keep = async () => {
    const key = await own("key");
    if (!key || !window.caches || !navigator.onLine) return;
    const list = await fetch(base + "/list", { headers: { "X-Device-Key": key, Accept: "application/json" } }).catch(() => null);
    if (!list) return;
    if (list.status === 404) return wipe();
    if (list.status === 401 || list.status === 403) { await caches.delete(KEPT); return; }
    if (!list.ok) return;
    const cache = await caches.open(KEPT);
    await cache.put(base + "/list", list);
    const wanted = new Set([base, ...files()]);
    await cache.addAll([...wanted]);
    for (const request of await cache.keys()) {
      const { pathname } = new URL(request.url);
      if (!wanted.has(pathname) && pathname !== base + "/list") await cache.delete(request);
    }
    await navigator.serviceWorker.register(base + "/worker.js", { scope: base });
    state();
  };
  const state = async () => {
    const canKeep = "serviceWorker" in navigator && window.caches && crypto.subtle;
    $("#device-state").textContent = !canKeep ? T.unsupported : (await own("key")) ? T.registered : T.unregistered;
    $("#register-device").hidden = !canKeep || !!(await own("key"));
  };
  const register = async (name) => {
    const key = random();
    const answer = await ask("/devices", { name, key });
    if (answer?.status !== 200) return toast(answer?.body.error?.message || T.offline, { tone: "bad" });
    await put("own", key, "key");
    await keep();
    return state();
  };

  addEventListener("DOMContentLoaded", async () => {
    const desk = $("#desk");
    T = JSON.parse(desk.dataset.texts);
    base = desk.dataset.base;
    me = desk.dataset.me;
    token = $('meta[name="csrf"]').content;
    note(navigator.onLine);
    $("#find").addEventListener("submit", (event) => {
      event.preventDefault();
      const text = $("#f-text").value.trim();
      if (text) find(text);
      $("#f-text").value = ""; // ready for the next scan
    });
    $("#register-device").addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      register($("#register-device input[name=name]").value);
    });
    addEventListener("online", () => { after(); keep(); });
    addEventListener("offline", () => note(false));
    setInterval(() => refresh(), POLL);
    setInterval(async () => { if ((await all("queue")).length) { await send(); await conflicts(); } }, 10000);
    setInterval(keep, 60000);
    await Promise.all([count(), conflicts(), state()]);
    await keep();
    if ((await all("queue")).length) await after();
    desk.dataset.ready = "1";
  });
})();
