// The API's documentation, read from the address in #swagger[data-url].
"use strict";
addEventListener("DOMContentLoaded", () => {
  const box = document.getElementById("swagger");
  window.SwaggerUIBundle({ domNode: box, url: box.dataset.url, deepLinking: true, docExpansion: "list", validatorUrl: null });
});
