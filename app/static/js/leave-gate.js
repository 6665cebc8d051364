// The guard's page: a pass is scanned, or a number typed; the answer fills the screen. The queue and the list that a
// registered browser keeps are kept-page.js. Without a network the list decides, by this browser's clock set right.
"use strict";
(() => {
  const { $, fill } = window.page;
  const STEP = 30000, STEPS = 10; // five minutes to both sides: clocks are set right to a second, hardly ever worse
  let T, kept, prefix, last = 0;

  const direction = () => $("[name=direction]:checked").value;

  // --- What the kept list says
  const judge = async (text, now, way) => {
    const list = await kept.keptList();
    if (!list) return { isAllowed: false, why: T.noList, name: "" };
    const found = text.startsWith(prefix + ":") ? await byCode(list, text, now) : await byNumber(list, text, now);
    if (typeof found !== "string") return { name: found.name, ...decide(found, now, way) };
    const isIn = way === "in" && found !== T.why.stale; // who is on no list may always come in
    return { isAllowed: isIn, why: isIn ? T.why.not_away : found, name: "" };
  };
  const byCode = async (list, text, now) => {
    const [, id, code] = text.split(":");
    const pass = list.passes.find((one) => one.id === id);
    if (!pass) return T.why.no_leave;
    for (let offset = -STEPS; offset <= STEPS; offset += 1) {
      const moment = new Date(now.getTime() + offset * STEP);
      const key = pass.keys[day(moment)];
      if (key && (await kept.sign(key, String(Math.floor(moment / STEP)))).slice(0, 8) === (code || "").toLowerCase()) return pass;
    }
    return T.why.stale;
  };
  const byNumber = async (list, text, now) => {
    const hash = await kept.shortHash(`${list.made_at}:${text.trim().toUpperCase()}`);
    const passes = list.passes.filter((one) => one.number === hash);
    const rank = (one) => (one.is_away ? 0 : new Date(one.to) < now ? 2 : 1);
    return passes.sort((a, b) => rank(a) - rank(b))[0] || T.why.no_leave;
  };
  const day = (moment) => new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(moment);
  const decide = (pass, now, way) => {
    const yes = (why) => ({ isAllowed: true, why: T.why[why] }), no = (why) => ({ isAllowed: false, why: T.why[why] });
    const isEarly = now < new Date(pass.from) - 600000, isLate = now > new Date(pass.due);
    if (pass.is_roaming && !isEarly && !isLate) return yes("roaming");
    if (pass.is_roaming && way === "out") return no(isEarly ? "early" : "over");
    if (way === "in") return pass.is_away ? yes(now > new Date(pass.due) ? "late" : "in") : yes("not_away");
    if (pass.is_away) return isLate ? no("over") : yes("again");
    if (isEarly) return no("early");
    return now <= new Date(pass.to) ? yes("out") : no("over");
  };

  // --- One check
  const check = async (text) => {
    kept.say("");
    const offset = (await kept.own("offset")) ?? null;
    const entry = { text, direction: direction(), at: new Date().toISOString(), offset, waited: false, name: "", title: T[direction()] };
    show({ isAllowed: null, why: T.asking, name: "" });
    const sequence = await kept.queue(entry);
    last = sequence;
    await kept.flush();
    const waits = (await kept.all("queue")).find((line) => line.sequence === sequence);
    if (!waits) return; // answered
    const found = await judge(text, new Date(Date.now() + (offset || 0)), entry.direction);
    await kept.put("queue", { ...waits, waited: true, was_allowed: found.isAllowed, name: found.name || T.somebody });
    show(found);
  };
  const answered = (entry, answer) => {
    if (entry.sequence !== last) return;
    const until = answer.until ? fill(T.until, { at: answer.until }) : "";
    show({ isAllowed: answer.is_allowed === true, why: [T.why[answer.why] || answer.message, until].filter(Boolean).join(" · "), name: answer.name || "" });
  };
  const show = ({ isAllowed, why, name }) => {
    const box = $("#verdict");
    box.className = "verdict" + (isAllowed === null ? "" : isAllowed ? " verdict_yes" : " verdict_no");
    box.replaceChildren(
      kept.make("strong", isAllowed === null ? "…" : isAllowed ? T.yes : T.no), kept.make("b", name), kept.make("p", why));
    box.hidden = false;
  };
  const again = async () => {
    await kept.flush();
    $("#f-text").focus();
  };

  addEventListener("DOMContentLoaded", async () => {
    const desk = $("#desk");
    T = JSON.parse(desk.dataset.texts);
    prefix = desk.dataset.prefix;
    kept = window.keptPage({
      name: "leave-gate-" + desk.dataset.gate, kept: "leave-gate-" + desk.dataset.gate, base: desk.dataset.base, me: desk.dataset.me, texts: T,
      words: (one) => `${one.name} · ${one.title}`, onAnswer: answered,
    });
    const chosen = localStorage.getItem("leave-gate-direction");
    if (chosen) $(`[name=direction][value=${chosen === "in" ? "in" : "out"}]`).checked = true;
    desk.addEventListener("change", (event) => {
      if (event.target.name === "direction") localStorage.setItem("leave-gate-direction", direction());
    });
    $("#find").addEventListener("submit", (event) => {
      event.preventDefault();
      const text = $("#f-text").value.trim();
      if (text) check(text);
      $("#f-text").value = ""; // ready for the next scan
    });
    await kept.begin(again);
    desk.dataset.ready = "1";
  });
})();
