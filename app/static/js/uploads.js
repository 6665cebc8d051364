// How far a file has been sent: form[data-upload] with a progress[data-upload-progress] in it.
"use strict";
(() => {
  const bar = (form) => form && form.querySelector("[data-upload-progress]");
  document.addEventListener("htmx:xhr:progress", (event) => {
    const shown = bar(event.target.closest("[data-upload]"));
    if (!shown || !event.detail.lengthComputable) return;
    shown.hidden = false;
    shown.value = event.detail.loaded / event.detail.total;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const shown = bar(event.target.closest("[data-upload]"));
    if (shown) shown.hidden = true;
  });
})();
