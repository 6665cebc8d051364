// A page of the console that goes on without a network. Whatever is done goes into a queue of this browser first and is
// sent in its order, once each: the number of a line is never used again, and the server answers a line that comes twice
// as the first time. A line knows who wrote it: it waits until that person is signed in again. A line over which the
// server stumbles is set aside after a few tries, so that those behind it go on.
// A registered browser also keeps the page and a list, signed with its key, as long as the list says.
"use strict";
window.keptPage = ({ name, kept, base, me, texts: T, words, onAnswer = () => {} }) => {
  const { $, toast, fill } = window.page;
  const BATCH = 20, TRIES = 3; // how often a line is sent before it is set aside, when the server stumbles over it
  const KEEP = 300000; // ms between two looks at the list
  const LATER = [408, 429]; // not the line's fault

  // --- What this browser keeps: the queue, what a person must look at, its own name and key
  const opened = new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("queue", { keyPath: "sequence", autoIncrement: true });
      request.result.createObjectStore("conflicts", { keyPath: "sequence" });
      request.result.createObjectStore("own");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const store = async (place, mode, work) => {
    const base = await opened;
    return new Promise((resolve, reject) => {
      const step = base.transaction(place, mode, { durability: "strict" });
      const request = work(step.objectStore(place));
      step.oncomplete = () => resolve(request.result);
      step.onerror = step.onabort = () => reject(step.error);
    });
  };
  const all = (place) => store(place, "readonly", (it) => it.getAll());
  const put = (place, value, key) => store(place, "readwrite", (it) => it.put(value, key));
  const drop = (place, key) => store(place, "readwrite", (it) => it.delete(key));
  const own = (key) => store("own", "readonly", (it) => it.get(key));
  const random = () => [...crypto.getRandomValues(new Uint8Array(32))].map((n) => n.toString(16).padStart(2, "0")).join("");
  const client = async () => {
    const known = await own("client");
    if (known) return known;
    await put("own", crypto.randomUUID ? crypto.randomUUID() : random(), "client");
    return own("client");
  };

  // --- The server. Null: there is no network; else {status, body}
  let token = $('meta[name="csrf"]').content;
  const ask = async (path, body = null, headers = {}, again = true) => {
    const options = { headers: { Accept: "application/json", ...headers } };
    if (body) {
      options.method = "POST";
      options.body = JSON.stringify(body);
      options.headers["Content-Type"] = "application/json";
      options.headers["X-CSRF-Token"] = token;
    }
    const answer = await fetch(base + path, { ...options, signal: AbortSignal.timeout(8000) }).catch(() => null);
    note(!!answer);
    if (!answer) return null;
    const date = Date.parse(answer.headers.get("Date"));
    if (date) put("own", date - Date.now(), "offset"); // how wrong this browser's clock is, in milliseconds
    const said = await answer.json().catch(() => ({}));
    if (answer.status === 403 && said.error?.code === "kit.csrf_failed" && again) { // a page from before the last sign-in
      const who = await fetch("/api/v1/me", { headers: { "X-Surface": "desk" } }).then((it) => it.json()).catch(() => null);
      if (who?.csrf_token) { token = who.csrf_token; return ask(path, body, headers, false); }
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
  const send = () => navigator.locks.request(name, async () => { // one tab at a time, in order
    for (let size = BATCH; ;) {
      const waiting = (await count()).slice(0, size);
      if (!waiting.length) return;
      const answer = await sent(waiting);
      if (!answer) return;
      if (answer.status === 401 || answer.status === 403) { say(T.signin); return; }
      if (LATER.includes(answer.status)) return;
      if (answer.status !== 200 && waiting.length > 1) { size = 1; continue; } // which of them is it?
      if (answer.status !== 200) {
        if (!(await givenUp(waiting[0]))) return;
        size = BATCH;
        continue;
      }
      let isHeld = false; // somebody else has signed in meanwhile, or there were too many at once: later
      for (const one of answer.body.answers) {
        if (one.status === "held") { say(one.message); isHeld = true; continue; }
        const entry = waiting.find((line) => line.sequence === one.sequence);
        if (one.status === "done") await drop("queue", one.sequence); else await aside(entry, one.message);
        onAnswer(entry, one);
      }
      if (isHeld) return;
    }
  });
  const sent = async (lines) => {
    const key = await own("key");
    const entries = lines.map(({ name: _name, title: _title, tries: _tries, ...entry }) => ({ ...entry, author: entry.author || me }));
    return ask("/sent", { client: await client(), sent_at: new Date().toISOString(), entries }, key ? { "X-Device-Key": key } : {});
  };
  /** Whether a line that was not taken is set aside: after some tries, and when the server takes an empty queue. */
  const givenUp = async (line) => {
    const tries = (line.tries || 0) + 1;
    await put("queue", { ...line, tries });
    if (tries < TRIES || (await sent([]))?.status !== 200) return false;
    await aside({ ...line, tries: 0, failed: true }, T.failed);
    say(T.failed);
    return true;
  };
  const aside = async (entry, message) => {
    await put("conflicts", { ...entry, message });
    await drop("queue", entry.sequence);
  };
  const make = (tag, text = "", className = "") => {
    const element = document.createElement(tag);
    if (text) element.textContent = text;
    if (className) element.className = className;
    return element;
  };
  const button = (box, text, onClick) => {
    const element = box.appendChild(make("button", text, "btn"));
    element.type = "button";
    element.addEventListener("click", onClick);
  };
  const again = ({ message: _message, failed: _failed, ...line }) => put("queue", line); // under its own number
  const conflicts = async () => {
    const box = $("#conflicts"), list = await all("conflicts");
    box.hidden = !list.length;
    $("ul", box).replaceChildren(...list.map((one) => {
      const line = make("li");
      const text = line.appendChild(make("span"));
      text.append(make("strong", words(one)), make("p", one.message));
      if (one.failed) button(line, T.retry, async () => { await again(one); await drop("conflicts", one.sequence); flush(); });
      button(line, T.dismiss, async () => { await drop("conflicts", one.sequence); conflicts(); });
      return line;
    }));
  };
  /** A line of the queue; its number. */
  const queue = (entry) => put("queue", { ...entry, author: me });
  /** Send what waits, and show what is left. */
  const flush = async () => {
    await send();
    await conflicts();
    await count();
  };

  // --- A registered browser: the page, its files and the list are kept
  const hex = (buffer) => [...new Uint8Array(buffer)].map((n) => n.toString(16).padStart(2, "0")).join("");
  const shortHash = async (text) => hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).slice(0, 24);
  const sign = async (key, text) => {
    const raw = new TextEncoder();
    const secret = await crypto.subtle.importKey("raw", raw.encode(key), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    return hex(await crypto.subtle.sign("HMAC", secret, raw.encode(text)));
  };
  const keptList = async () => {
    const key = await own("key");
    const found = key && window.caches && (await caches.match(base + "/list", { cacheName: kept }));
    if (!found) return null;
    const given = await found.json();
    const list = (await sign(key, given.body)) === given.signature ? JSON.parse(given.body) : null;
    if (list && new Date(list.expires_at) > Date.now() + ((await own("offset")) || 0)) return list;
    await (await caches.open(kept)).delete(base + "/list"); // the page goes on noting down what it can't judge
    say(T.expired);
    return null;
  };
  const wipe = async () => {
    await caches.delete(kept);
    await drop("own", "key");
    const scope = new URL(base, location.href).href;
    for (const worker of await navigator.serviceWorker.getRegistrations()) if (worker.scope === scope) await worker.unregister();
    toast(T.wiped, { tone: "bad" });
  };
  const files = () => [...document.querySelectorAll("script[src], link[rel=stylesheet], link[rel=icon], use")]
    .map((it) => new URL(it.src || it.href?.baseVal || it.href, location.href))
    .filter((url) => url.origin === location.origin && url.pathname.startsWith("/static/"))
    .map((url) => url.pathname);
  const isStopped = async (answer) => // of all that may be missing only the device itself takes the list along
    answer.status === 404 && (await answer.json().catch(() => ({}))).error?.code === "identity.device_unknown";
  const keep = async () => {
    const key = await own("key");
    if (!key || !window.caches || !navigator.onLine) return;
    const cache = await caches.open(kept);
    const headers = { "X-Device-Key": key, Accept: "application/json" };
    const etag = (await cache.match(base + "/list"))?.headers.get("ETag");
    if (etag) headers["If-None-Match"] = etag;
    const list = await fetch(base + "/list", { headers, cache: "no-store" }).catch(() => null);
    if (!list) return;
    if (await isStopped(list)) return wipe();
    if (list.status === 401 || list.status === 403) { await caches.delete(kept); return; }
    if (!list.ok && list.status !== 304) return;
    if (list.ok) await cache.put(base + "/list", list);
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
  const register = async (title) => {
    const key = random();
    const answer = await ask("/devices", { name: title, key });
    if (answer?.status !== 200) return toast(answer?.body.error?.message || T.offline, { tone: "bad" });
    await put("own", key, "key");
    await keep();
    return state();
  };

  /** Listen, look after what waits, keep the page. `onOnline` runs when the network is back, and at the start. */
  const begin = async (onOnline) => {
    note(navigator.onLine);
    $("#register-device").addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      register($("#register-device input[name=name]").value);
    });
    addEventListener("online", () => { onOnline(); keep(); });
    addEventListener("offline", () => note(false));
    setInterval(async () => { if ((await all("queue")).length) { await send(); await conflicts(); } }, 10000);
    setInterval(keep, KEEP);
    await Promise.all([count(), conflicts(), state()]);
    await keep();
    if ((await all("queue")).length) await onOnline();
  };
  return { all, ask, begin, flush, keptList, make, note, own, put, queue, say, shortHash, sign };
};
