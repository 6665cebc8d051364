// The check-in desk: who is found, what is marked. The queue and the kept list are kept-page.js; a line of the queue keeps
// no more of a freshman than a masked name.
"use strict";
(() => {
  const { $, toast, fill } = window.page;
  const POLL = 3000;
  let T, kept, current = null, shown = "";

  const act = async (deed, step, more = {}) => {
    await kept.queue({
      deed, code: current.id, step: step.key, at: new Date().toISOString(), is_proxy: false, reason: "", ...more,
      name: current.masked, title: step.title,
    });
    await after();
  };
  const after = async () => {
    await kept.flush();
    await refresh(true);
    $("#f-text").focus();
  };

  // --- Finding somebody
  const find = async (text) => {
    kept.say("");
    const answer = await kept.ask("/find", { text });
    if (!answer) return findKept(text);
    if (answer.status === 401 || answer.status === 403) return kept.say(T.signin);
    if (answer.status !== 200) return kept.say(answer.body.error?.message || T.none);
    const { people } = answer.body;
    choices(people.map((one) => [one.name, [one.college, one.class, one.tail, one.label].filter(Boolean).join(" · "), () => open(one.id)]));
    if (!people.length) kept.say(T.none);
    return people.length === 1 && open(people[0].id);
  };
  const findKept = async (text) => {
    const list = await kept.keptList();
    if (!list) return kept.say(T.noList);
    const plain = text.trim().split("/").pop();
    const hash = await kept.shortHash(plain.toUpperCase().replaceAll("O", "0").replaceAll(/[IL]/g, "1"));
    const people = list.people.filter((one) =>
      (one.code && one.code === hash) || one.id === plain.toLowerCase() || one.name[0] === plain[0]).slice(0, 50);
    const exact = people.filter((one) => one.code === hash || one.id === plain.toLowerCase());
    const offer = exact.length ? exact : people;
    choices(offer.map((one) => [one.name, `${one.college} · ${T.statuses[one.status]}`, () => openKept(one, list)]));
    if (!offer.length) kept.say(T.noneOffline);
    return exact.length === 1 && openKept(exact[0], list);
  };
  const choices = (lines) => $("#matches").replaceChildren(...lines.map(([title, line, run]) => {
    const item = kept.make("li"), button = item.appendChild(kept.make("button", "", "match"));
    button.type = "button";
    button.append(kept.make("strong", title), kept.make("span", line, "quiet"));
    button.addEventListener("click", run);
    return item;
  }));
  const open = async (id) => {
    const answer = await kept.ask("/people/" + encodeURIComponent(id));
    if (answer?.status !== 200) return kept.say(answer?.body.error?.message || T.offline);
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
    const answer = navigator.onLine ? await kept.ask(`/people/${encodeURIComponent(id)}/state`) : (kept.note(false), null);
    if (answer?.status === 200 && current?.id === id) current = { ...current, masked: current.masked, ...answer.body };
    await render(isNow);
  };

  // --- The card
  const render = async (isForced = false) => {
    const waiting = (await kept.all("queue")).filter((entry) => entry.code === current.id);
    const now = JSON.stringify([current, waiting]);
    if (now === shown && !isForced) return;
    shown = now;
    const card = $("#card");
    const head = kept.make("header");
    head.append(kept.make("h2", current.name), kept.make("span", current.label, "word word_" + ({ registered: "done", admitted: "wait" }[current.status] || "off")));
    const facts = kept.make("dl", "", "facts");
    for (const [label, value] of [[T.college, current.college], [T.class, current.class], [T.major, current.major], [T.dorm, current.dorm], [T.list, current.tail]]) {
      if (!value) continue;
      const pair = facts.appendChild(kept.make("div"));
      pair.append(kept.make("dt", label), kept.make("dd", value));
    }
    const missing = current.missing === null ? T.masked : current.missing.length ? fill(T.missing, { what: current.missing.join(T.and) }) : T.nothing;
    const unpaid = current.unpaid?.length ? [kept.make("p", fill(T.unpaid, { what: current.unpaid.join(T.and) }), "quiet")] : [];
    const proxy = kept.make("details", "", "proxy");
    proxy.append(kept.make("summary", T.proxy));
    const why = proxy.appendChild(kept.make("input", "", "input"));
    Object.assign(why, { id: "proxy-why", placeholder: T.proxyWhy, maxLength: 100 });
    why.setAttribute("aria-label", T.proxyWhy);
    const list = kept.make("ul", "", "checks");
    list.append(...current.steps.map((step) => line(step, waiting.filter((entry) => entry.step === step.key))));
    card.replaceChildren(head, facts, kept.make("p", missing, current.missing?.length ? "missing" : "quiet"), ...unpaid, proxy, list);
    card.hidden = false;
  };
  const line = (step, waiting) => {
    const item = kept.make("li", "", step.is_final ? "check check_final" : "check");
    item.dataset.step = step.key;
    const text = item.appendChild(kept.make("div", "", "grow"));
    text.append(kept.make("strong", step.title), kept.make("span", ` ${step.is_required ? T.must + " · " : ""}${T[step.kind]}`, "quiet"));
    for (const mark of step.marks) text.append(kept.make("p", fill(T.by, mark) + (mark.proxy ? " · " + fill(T.proxied, { why: mark.proxy }) : ""), "quiet num"));
    if (waiting.length) text.append(kept.make("p", T.queued, "waits"));
    const last = waiting.at(-1);
    const isDone = last ? last.deed === "mark" : step.is_done;
    if (!isDone || step.kind === "multiple") item.append(button(isDone ? T.again : T.mark, step.is_final ? "btn btn_primary" : "btn", () => mark(step)));
    if (isDone) item.append(button(T.undo, "btn btn_plain", () => undo(step, item)));
    return item;
  };
  const button = (text, className, run) => {
    const element = kept.make("button", text, className);
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
    const form = item.appendChild(kept.make("form", "", "undo"));
    const why = form.appendChild(kept.make("input", "", "input"));
    Object.assign(why, { placeholder: T.why, maxLength: 100, name: "reason" });
    why.setAttribute("aria-label", T.why);
    form.append(kept.make("button", T.undo, "btn btn_danger"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const reason = why.value.trim();
      if (reason.length < 4) return toast(T.reasonShort);
      why.blur();
      return act("undo", step, { reason });
    });
    why.focus();
  };

  addEventListener("DOMContentLoaded", async () => {
    const desk = $("#desk");
    T = JSON.parse(desk.dataset.texts);
    kept = window.keptPage({
      name: "welcome-check-in", kept: "check-in", base: desk.dataset.base, me: desk.dataset.me, texts: T,
      words: (one) => `${one.name} · ${one.title}`,
    });
    $("#find").addEventListener("submit", (event) => {
      event.preventDefault();
      const text = $("#f-text").value.trim();
      if (text) find(text);
      $("#f-text").value = ""; // ready for the next scan
    });
    setInterval(() => refresh(), POLL);
    await kept.begin(after);
    desk.dataset.ready = "1";
  });
})();
