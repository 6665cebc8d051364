// Leave's console: a text of the page into the clipboard.
"use strict";
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const text = document.querySelector(button.dataset.copies);
  const range = document.createRange();
  range.selectNodeContents(text);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  try { await navigator.clipboard.writeText(text.textContent.trim()); } catch { document.execCommand("copy"); }
  button.lastChild.textContent = button.dataset.copied;
});
