// Files that go with a form: [data-attachments="name" data-most="5"] holds a list and a file input; each is sent at once.
"use strict";
(() => {
  const { $, $$, T, fill, toast } = window.page;
  const LARGEST = 10 * 1024 * 1024;
  const line = (box, name) => {
    const item = $("ul", box).appendChild(document.createElement("li"));
    item.appendChild(document.createElement("span")).textContent = name;
    const remove = item.appendChild(document.createElement("button"));
    Object.assign(remove, { type: "button", className: "btn btn_plain", textContent: T.removeFile });
    remove.dataset.removeAttachment = "";
    return item;
  };
  const send = async (box, file) => {
    const item = line(box, file.name), body = new FormData();
    item.dataset.state = "sending";
    body.append("file", file, file.name);
    const headers = { Accept: "application/json", "X-CSRF-Token": $('meta[name="csrf"]').content, "X-Surface": document.documentElement.dataset.face === "phone" ? "phone" : "desk" };
    const answer = await fetch("/files/attachments", { method: "POST", body, headers }).catch(() => null);
    const said = answer ? await answer.json().catch(() => ({})) : {};
    if (!answer?.ok || !said.id) {
      item.remove();
      toast(said.error?.message || T.unreachable, { tone: "bad" });
      return;
    }
    const hidden = item.appendChild(document.createElement("input"));
    Object.assign(hidden, { type: "hidden", name: box.dataset.attachments, value: said.id });
    delete item.dataset.state;
  };
  document.addEventListener("change", async (event) => {
    const box = event.target.type === "file" && event.target.closest("[data-attachments]");
    if (!box) return;
    const files = [...event.target.files];
    event.target.value = "";
    for (const file of files) {
      if ($$("li", box).length >= Number(box.dataset.most)) { toast(fill(T.filesMost, { n: box.dataset.most })); break; }
      if (file.size > LARGEST) { toast(T.fileLarge, { tone: "bad" }); continue; }
      await send(box, file);
    }
  });
  document.addEventListener("click", (event) => event.target.closest("[data-remove-attachment]")?.closest("li").remove());
})();
