// Small helpers: elements without innerHTML, icons, times, calls.

export const settings = document.body.dataset;

/** h("button", {class: "x", onclick: f}, "text", child): text is always text. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const SHAPES = {
  back: "M15 4 7 12l8 8",
  forward: "M9 5l7 7-7 7",
  close: "M5 5l14 14M19 5 5 19",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  scan: "M4 9V5a1 1 0 0 1 1-1h4M15 4h4a1 1 0 0 1 1 1v4M20 15v4a1 1 0 0 1-1 1h-4M9 20H5a1 1 0 0 1-1-1v-4M4 12h16",
  chat: "M12 4c5 0 8.5 3 8.5 7s-3.5 7-8.5 7c-.9 0-1.8-.1-2.6-.3L6 20v-3.2C4.2 15.5 3.5 13.5 3.5 11 3.5 7 7 4 12 4z",
  compass: "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM15.5 8.5l-2 5-5 2 2-5z",
  person: "M12 4.5a3.8 3.8 0 1 1 0 7.6 3.8 3.8 0 0 1 0-7.6zM4.5 20c.6-4 3.6-6 7.5-6s6.9 2 7.5 6z",
  people: "M9 5a3.3 3.3 0 1 1 0 6.6A3.3 3.3 0 0 1 9 5zM2.8 19c.4-3.6 2.9-5.3 6.2-5.3s5.8 1.7 6.2 5.3zM16 5.5a3 3 0 0 1 0 5.8M17.5 14c2.2.6 3.5 2.3 3.8 5",
  keyboard: "M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M7 14h10",
  menu: "M4 7h16M4 12h16M4 17h16",
  plus: "M12 5v14M5 12h14",
  open: "M9 5H5v14h14v-4M13 4h7v7M20 4l-9 9",
  reload: "M19 12a7 7 0 1 1-2-5l2 2M19 4v5h-5",
  copy: "M8 8h11v12H8zM5 16V4h11",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9h.01",
  door: "M6 21V3h12v18M4 21h16M14.5 12h.01",
  qr: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM18 14h2M14 18v2M18 18h2v2h-2z",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

/** A person's picture: first character on their colour. */
export function face(person, extra = "") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 40 40");
  svg.setAttribute("class", `face ${extra}`);
  svg.setAttribute("aria-hidden", "true");
  const rect = document.createElementNS(svg.namespaceURI, "rect");
  rect.setAttribute("width", "40");
  rect.setAttribute("height", "40");
  rect.setAttribute("fill", person.color);
  const text = document.createElementNS(svg.namespaceURI, "text");
  text.setAttribute("x", "20");
  text.setAttribute("y", "26.5");
  text.setAttribute("text-anchor", "middle");
  text.textContent = person.name.slice(0, 1);
  svg.append(rect, text);
  return svg;
}

export const accountFace = (extra = "") => face({ name: "生", color: "#07994d" }, extra);
export const payFace = (extra = "") => face({ name: "付", color: "#1677b8" }, extra);
export const serviceFace = (extra = "") => face({ name: "务", color: "#b26a00" }, extra);

const two = (number) => String(number).padStart(2, "0");

/** As WeChat says it: 14:05, 昨天 14:05, 11月20日 09:12. */
export function when(seconds, short = false) {
  const then = new Date(seconds * 1000);
  const now = new Date();
  const clock = `${two(then.getHours())}:${two(then.getMinutes())}`;
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const days = Math.floor((midnight - new Date(then.getFullYear(), then.getMonth(), then.getDate())) / 86400000 + 0.5);
  if (days <= 0) return clock;
  if (days === 1) return short ? "昨天" : `昨天 ${clock}`;
  const date = `${then.getMonth() + 1}月${then.getDate()}日`;
  return short ? date : `${date} ${clock}`;
}

export async function get(path, params = {}, options = {}) {
  const response = await fetch(`/phone/api/${path}?${new URLSearchParams(params)}`, options);
  if (!response.ok) throw new Error(`${response.status}`);
  return response.json();
}

export async function post(path, body) {
  const form = body instanceof FormData;
  const response = await fetch(path.startsWith("/") ? path : `/phone/api/${path}`, {
    method: "POST",
    body: form ? body : JSON.stringify(body),
    headers: form ? {} : { "Content-Type": "application/json" },
  });
  if (!response.ok) throw new Error(`${response.status}`);
  return response.json();
}

let toastTimer = 0;
export function toast(text) {
  const element = document.getElementById("toast");
  element.textContent = text;
  element.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { element.hidden = true; }, 2600);
}

export function cookie(name) {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}
