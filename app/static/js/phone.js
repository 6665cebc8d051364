// The phone: the line above the action, WeChat's habits.
"use strict";
(() => {
  const { $ } = window.page;

  // --- A line above the action while something lies beneath it
  const over = () => {
    const act = $(".act");
    if (act) act.classList.toggle("act_over", innerHeight + scrollY < document.documentElement.scrollHeight - 8);
  };
  addEventListener("scroll", over, { passive: true });
  addEventListener("resize", over);

  // iOS leaves the page pushed up when the keyboard goes
  document.addEventListener("focusout", (event) => {
    if (event.target.matches("input, textarea") && /iPhone|iPad/.test(navigator.userAgent)) {
      setTimeout(() => document.activeElement === document.body && scrollTo(0, scrollY), 50);
    }
  });
  document.addEventListener("page:ready", over);
})();
