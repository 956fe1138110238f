// Small comforts; every page works without them.
(() => {
  const pad = (number) => String(number).padStart(2, "0");
  const clock = (seconds) => {
    const s = Math.max(0, Math.floor(seconds));
    const hours = Math.floor(s / 3600);
    const rest = `${pad(Math.floor((s % 3600) / 60))}:${pad(s % 60)}`;
    return hours ? `${hours}:${rest}` : rest;
  };

  // <time data-countdown="2026-11-23T18:00:00Z"> counts down, <time data-since="…"> counts up
  const tick = () => {
    const now = Date.now();
    for (const element of document.querySelectorAll("[data-countdown]")) {
      element.textContent = clock((Date.parse(element.dataset.countdown) - now) / 1000);
    }
    for (const element of document.querySelectorAll("[data-since]")) {
      element.textContent = clock((now - Date.parse(element.dataset.since)) / 1000);
    }
  };
  tick();
  setInterval(tick, 1000);
  document.addEventListener("htmx:wsAfterMessage", tick);
  document.addEventListener("htmx:afterSettle", tick);

  // ask back before a deed that is hard to undo
  document.addEventListener("submit", (event) => {
    const question = event.target.dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  });

  // a double click sends once; who comes back to the page may send again
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method !== "post") return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  // a choice that takes effect at once
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-submit-on-change]");
    if (form) form.requestSubmit();
  });

  // print the page
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  // copy what is in data-copy
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button || !navigator.clipboard) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 1500);
  });

  // the little sign of a live page
  const sign = (online) => {
    for (const live of document.querySelectorAll(".live")) {
      live.classList.toggle("live-lost", !online);
      live.querySelector(".live-on").hidden = !online;
      live.querySelector(".live-off").hidden = online;
    }
  };
  document.addEventListener("htmx:wsOpen", () => sign(true));
  document.addEventListener("htmx:wsClose", () => sign(false));

  // an open details menu closes by Escape and by a click beside it
  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details.account-choice[open], details.dropdown-details[open]")) {
      if (!except || !menu.contains(except)) menu.open = false;
    }
  };
  document.addEventListener("click", (event) => closeMenus(event.target));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    closeMenus(null);
    if (location.hash === "#menu") location.hash = "#content";
  });
})();
