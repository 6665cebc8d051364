// Photographs, sent in the background while a form is filled in; on the phone, and in forms of the console that take them.
"use strict";
(() => {
  const { $, $$, T, fill, toast, keep } = window.page;
  const SIDE = 2048, LARGEST = 20 * 1024 * 1024, TYPES = /^image\/(jpeg|png|webp|heic|heif)$/;
  const use = (name) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "i");
    const link = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "use"));
    link.setAttribute("href", sprite() + "#" + name);
    return svg;
  };
  const sprite = () => ($("use")?.getAttribute("href") || "").split("#")[0];

  // --- Photographs: [data-photos="name" data-most="6"] holds .photo tiles and one .photo_add with the file input
  const tile = (box, { src = "", id = "" }) => {
    const shown = document.createElement("div");
    shown.className = "photo";
    const image = shown.appendChild(document.createElement("img"));
    image.src = src;
    image.alt = T.photo + " " + ($$(".photo:not(.photo_add)", box).length + 1);
    const remove = document.createElement("button");
    Object.assign(remove, { type: "button", className: "photo__x", ariaLabel: T.remove });
    remove.setAttribute("aria-label", T.remove);
    remove.dataset.remove = "";
    remove.append(use("x"));
    shown.append(remove);
    box.insertBefore(shown, $(".photo_add", box));
    if (id) finished(box, shown, { id, thumb: src });
    room(box);
    return shown;
  };
  const room = (box) => {
    const full = $$(".photo:not(.photo_add)", box).length >= Number(box.dataset.most);
    $(".photo_add", box).hidden = full;
  };
  const finished = (box, shown, photo) => {
    shown.dataset.state = "sent";
    $(".photo__over", shown)?.remove();
    const hidden = shown.appendChild(document.createElement("input"));
    Object.assign(hidden, { type: "hidden", name: box.dataset.photos, value: photo.id });
    hidden.dataset.thumb = photo.thumb || "";
    const form = box.closest("form");
    if (form) keep(form);
  };
  const progress = (shown) => {
    const over = document.createElement("span");
    over.className = "photo__over";
    const ns = "http://www.w3.org/2000/svg";
    const ring = over.appendChild(document.createElementNS(ns, "svg"));
    ring.setAttribute("class", "ring");
    ring.setAttribute("viewBox", "0 0 36 36");
    for (let i = 0; i < 2; i++) {
      const circle = ring.appendChild(document.createElementNS(ns, "circle"));
      for (const [key, value] of [["cx", 18], ["cy", 18], ["r", 15.9]]) circle.setAttribute(key, value);
    }
    shown.insertBefore(over, $(".photo__x", shown));
    return (part) => ring.lastChild.style.setProperty("stroke-dashoffset", String(100 - 100 * part));
  };
  const failed = (box, shown, file, text) => {
    shown.dataset.state = "failed";
    $(".photo__over", shown)?.remove();
    const again = document.createElement("button");
    again.type = "button";
    again.className = "photo__over";
    const inner = again.appendChild(document.createElement("span"));
    inner.append(use("refresh"), text || T.photoFailed);
    again.addEventListener("click", () => { again.remove(); send(box, shown, file); });
    shown.insertBefore(again, $(".photo__x", shown));
  };
  const send = (box, shown, file) => {
    shown.dataset.state = "sending";
    const step = progress(shown);
    const body = new FormData();
    body.append("photo", file, file.name || "photo.jpg");
    const call = new XMLHttpRequest(); // fetch cannot tell how much has been sent
    call.open("POST", "/files/photos");
    call.setRequestHeader("X-CSRF-Token", $('meta[name="csrf"]').content);
    call.setRequestHeader("Accept", "application/json");
    if (document.documentElement.dataset.face === "console") call.setRequestHeader("X-Surface", "desk");
    call.timeout = 60000;
    call.upload.onprogress = (event) => event.lengthComputable && step(event.loaded / event.total);
    call.onerror = call.ontimeout = () => failed(box, shown, file);
    call.onload = () => {
      let answer = {};
      try { answer = JSON.parse(call.responseText); } catch { /* a proxy's page */ }
      if (!shown.isConnected) return;
      if (call.status < 300 && answer.id) finished(box, shown, answer);
      else { failed(box, shown, file); if (answer.error) toast(answer.error.message, { tone: "bad" }); }
    };
    call.send(body);
  };
  // What the phone can decode is sent smaller; what it cannot (HEIC on Android) goes as it is.
  const smaller = async (file) => {
    if (file.size < 300 * 1024) return file;
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      picture.close();
      const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.8));
      return blob && blob.size < file.size ? new File([blob], "photo.jpg", { type: "image/jpeg" }) : file;
    } catch { return file; }
  };
  document.addEventListener("change", async (event) => {
    const box = event.target.type === "file" && event.target.closest("[data-photos]");
    if (!box) return;
    const files = [...event.target.files];
    event.target.value = "";
    for (const file of files) {
      if ($$(".photo:not(.photo_add)", box).length >= Number(box.dataset.most)) {
        toast(fill(T.photoMost, { n: box.dataset.most }));
        break;
      }
      if (file.type && !TYPES.test(file.type)) { toast(T.photoType, { tone: "bad" }); continue; }
      if (file.size > LARGEST) { toast(T.photoLarge, { tone: "bad" }); continue; }
      const shown = tile(box, { src: URL.createObjectURL(file) });
      shown.dataset.state = "sending";
      send(box, shown, await smaller(file));
    }
  });
  document.addEventListener("click", (event) => {
    const remove = event.target.closest(".photo [data-remove]");
    if (!remove) return;
    const box = remove.closest("[data-photos]");
    remove.closest(".photo").remove();
    room(box);
    if (box.closest("form")) keep(box.closest("form"));
  });
  // A thumbnail's address lives for a while only; the photograph itself is safe on the server
  document.addEventListener("error", (event) => {
    if (event.target.matches?.(".photo img")) event.target.replaceWith(use("image"));
  }, true);
  const drafts = (root) => $$("form[data-draft]", root).forEach((form) => form.addEventListener("draft:photos", (event) => {
    for (const [name, id, src] of event.detail) {
      const box = $(`[data-photos="${CSS.escape(name)}"]`, form);
      if (box && ![...$$("input[type='hidden']", box)].some((input) => input.value === id)) tile(box, { id, src });
    }
  }));
  document.addEventListener("page:ready", (event) => {
    drafts(event.detail);
    $$("[data-photos]", event.detail).forEach(room);
  });
})();
