// The service worker of one page of the console: with a network nothing changes; without one the kept page opens.
// What is kept is put there by the page (kept-page.js) of a registered browser, and goes with its session.
// PAGE and KEPT, its address and its cache, stand in front of this when it is served.
"use strict";
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const page = async (request) => {
  try {
    const answer = await fetch(request);
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) await caches.delete(KEPT);
    return answer;
  } catch {
    return (await caches.match(PAGE, { cacheName: KEPT })) || Response.error();
  }
};
const file = async (request) => (await caches.match(request, { cacheName: KEPT })) || fetch(request);

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && url.pathname === PAGE) event.respondWith(page(request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(file(request));
});
