// What the driver's pages do beyond plain HTML: count down to a deadline, and say on the pressed button that it works.
// Everything here is optional; without it the server's words stand as they are.
"use strict";

(() => {
  // <span data-deadline="<unix seconds>" data-server-now="<unix seconds>">87</span>: phones' clocks are often wrong, so
  // the seconds are counted from the server's "now" in the newest fragment.
  const arrivals = new WeakMap();

  const secondsLeft = (node) => {
    const serverNow = Number(node.dataset.serverNow);
    const known = arrivals.get(node);
    if (known === undefined || known.serverNow !== serverNow) {
      arrivals.set(node, { serverNow, arrived: performance.now() });
    }
    const passed = (performance.now() - arrivals.get(node).arrived) / 1000;
    return Math.max(0, Math.ceil(Number(node.dataset.deadline) - serverNow - passed));
  };

  const tick = () => {
    for (const node of document.querySelectorAll("[data-deadline]")) {
      const text = String(secondsLeft(node));
      if (node.textContent !== text) node.textContent = text;
    }
  };

  // A second press would do no harm (the server takes a deed once), but nobody should wonder whether the first counted.
  const working = (event) => {
    if (event.defaultPrevented) return;
    const button = event.submitter;
    if (!button || !button.dataset.working) return;
    button.dataset.words = button.textContent;
    button.textContent = button.dataset.working;
    setTimeout(() => { button.disabled = true; }, 0);
  };

  // Back in the browser shows the page as it was left: give the button its words again.
  const fresh = (event) => {
    if (!event.persisted) return;
    for (const button of document.querySelectorAll("[data-words]")) {
      button.textContent = button.dataset.words;
      button.disabled = false;
    }
  };

  document.addEventListener("submit", working);
  window.addEventListener("pageshow", fresh);
  setInterval(tick, 500);
  tick();
})();
