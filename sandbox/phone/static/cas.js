// In the phone, the account of the phone's owner comes first.
(() => {
  "use strict";
  const inPhone = /^weilife-phone:([^:]+):/.exec(window.name);
  if (!inPhone) return;
  const people = document.getElementById("people");
  const own = people.querySelector(`[data-number="${CSS.escape(inPhone[1])}"]`);
  if (!own) return;
  people.prepend(own);
  own.classList.add("own");
})();
