// Forms that a passkey fills in: <form data-passkey="get|create" data-question="<address>"> with a field named "answer".
"use strict";

(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const understood = (options) => {
    const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));
    const read = { ...options, challenge: bytes(options.challenge) };
    if (options.user) read.user = { ...options.user, id: bytes(options.user.id) };
    if (options.allowCredentials) read.allowCredentials = known(options.allowCredentials);
    if (options.excludeCredentials) read.excludeCredentials = known(options.excludeCredentials);
    return read;
  };

  const written = (credential) => {
    const response = { clientDataJSON: text(credential.response.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = text(credential.response[name]);
    }
    if (credential.response.getTransports) response.transports = credential.response.getTransports();
    return JSON.stringify({
      id: credential.id, rawId: text(credential.rawId), type: credential.type, response,
      clientExtensionResults: credential.getClientExtensionResults(),
    });
  };

  const fill = async (form) => {
    const asked = await fetch(form.dataset.question, {
      method: "POST", headers: { "X-CSRFToken": form.elements.csrf_token.value }, redirect: "error",
    });
    if (!asked.ok) throw new Error(`question: ${asked.status}`);
    const publicKey = understood(await asked.json());
    const ask = form.dataset.passkey === "create" ? "create" : "get";
    form.elements.answer.value = written(await navigator.credentials[ask]({ publicKey }));
    const remember = document.querySelector("input[type=checkbox][name=remember]");
    if (form.elements.remember && remember) form.elements.remember.value = remember.checked ? "1" : "";
    form.submit();
  };

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-passkey]");
    if (!form) return;
    event.preventDefault();
    if (form.getAttribute("aria-busy")) return;
    const problem = form.querySelector("[data-problem]");
    problem.hidden = true;
    form.setAttribute("aria-busy", "true");
    fill(form).catch(() => { problem.hidden = false; }).finally(() => form.removeAttribute("aria-busy"));
  });

  if (!window.PublicKeyCredential) {
    for (const element of document.querySelectorAll("[data-needs-passkeys]")) element.hidden = true;
  }
})();
