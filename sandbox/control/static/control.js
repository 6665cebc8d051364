// Buttons for /_sim, and its records refreshed every few seconds.
const $ = (id) => document.getElementById(id);

async function call(path, body) {
  const options = body === undefined ? {} : { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  return (await fetch(`/_sim/${path}`, options)).json();
}

const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString("zh-CN", { hour12: false });

function fill(id, rows) {
  const body = $(id).querySelector("tbody");
  body.replaceChildren(...rows.map((cells) => {
    const row = document.createElement("tr");
    for (const cell of cells) {
      const [text, name] = Array.isArray(cell) ? cell : [cell, ""];
      const data = document.createElement("td");
      if (text instanceof Node) data.append(text);
      else data.textContent = text ?? "";
      data.className = name;
      if (name === "long") data.title = text;
      row.append(data);
    }
    return row;
  }));
}

let names = {};

async function refresh() {
  if (document.hidden) return;
  const [knobs, callbacks, sent, stats] = await Promise.all([call("knobs"), call("callbacks?limit=50"), call("sent?limit=50"), call("stats")]);
  const changed = Object.entries(knobs.now).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(knobs.defaults[name]));
  $("knobs").textContent = changed.length ? changed.map(([name, value]) => `${name}: ${JSON.stringify(value, null, 1)}`).join("\n") : "都是平常的样子";
  fill("callbacks", callbacks.map((row) => [clock(row.created), row.what, row.attempt || "重放", row.status ?? "无", [row.latency_ms, "number"],
    [row.verdict, row.verdict === "ok" || row.verdict === "rejected" ? "" : "bad"], [row.response, "long"]]));
  fill("sent", sent.map((row) => [clock(row.created), row.kind, names[row.openid] || row.openid, [row.status, row.status === "success" ? "" : "bad"], [JSON.stringify(row.payload.data || row.payload.text || {}), "long"]]));
  await refreshPayments(changed);
  fill("calls", Object.entries(stats.calls).sort((a, b) => b[1] - a[1]).map(([path, count]) => [path, [count, "number"]]));
}

const yuan = (fen) => `¥${(fen / 100).toFixed(2)}`;

function payButton(order) {
  if (order.state !== "NOTPAY") return "";
  const button = document.createElement("button");
  button.textContent = "付款";
  button.addEventListener("click", async () => {
    const found = await call("wxpay/pay", { order_no: order.order_no });
    $("outcome").textContent = found.error || `${order.order_no} 已付款`;
    refresh();
  });
  return button;
}

async function refreshPayments(changed) {
  const [orders, notices, { armed }] = await Promise.all([call("wxpay/orders?limit=20"), call("wxpay/notices?limit=20"), call("wxpay/faults")]);
  const left = armed.map(({ id, ...fault }) => JSON.stringify(fault));
  if (left.length) $("knobs").textContent = [changed.length ? $("knobs").textContent : "", ...left].filter(Boolean).join("\n");
  fill("orders", orders.map((row) => [clock(row.created), row.order_no, [row.description, "long"], [yuan(row.total), "number"], row.state, payButton(row)]));
  fill("notices", notices.map((row) => [clock(row.created), row.order_no, row.event, [row.attempts, "number"], [row.state, row.state === "delivered" ? "" : "bad"]]));
}

async function set(body) {
  const found = await call("set", body);
  $("outcome").textContent = found.error || "已生效";
  await refresh();
}

const told = (found) => { $("outcome").textContent = found.error || (found.attempts || [found]).map((row) => `${row.status ?? "无回应"} · ${row.verdict} · ${row.latency_ms} 毫秒`).join("；"); refresh(); };

$("faults").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) set(JSON.parse(button.dataset.set));
});
$("payment-faults").addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  await call("wxpay/fault", JSON.parse(button.dataset.fault));
  $("outcome").textContent = "已生效";
  refresh();
});
$("flush").addEventListener("click", async () => { $("outcome").textContent = `送出 ${(await call("wxpay/notices/flush", {})).sent} 条`; refresh(); });
$("own").addEventListener("submit", (event) => {
  event.preventDefault();
  try { set(JSON.parse($("json").value)); } catch { $("outcome").textContent = "不是 JSON"; }
});
$("push").addEventListener("submit", async (event) => {
  event.preventDefault();
  $("outcome").textContent = "正在推送";
  told(await call("push", Object.fromEntries(new FormData(event.target))));
});
$("result").addEventListener("submit", (event) => {
  event.preventDefault();
  const { person, status } = Object.fromEntries(new FormData(event.target));
  set({ send_results: { [person]: status || null } });
});
$("replay").addEventListener("click", async () => told(await call("push", { replay: "last" })));
$("verify").addEventListener("click", async () => told(await call("verify_callback", {})));
$("calm").addEventListener("click", async () => { await call("reset", { only: "faults" }); refresh(); });
$("reset").addEventListener("click", async () => {
  if (window.confirm("清空沙盒里的消息、令牌和记录？")) { await call("reset", {}); refresh(); }
});
$("machine-faults").addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const found = await call(`${button.dataset.machine}/fault`, JSON.parse(button.dataset.fault));
  $("outcome").textContent = found.error || "已生效";
  refresh();
});

names = Object.fromEntries((await call("users")).map((user) => [user.openid, user.name]));
await refresh();
setInterval(refresh, 3000);
