// Keeps what is being typed into a form, a moment after each change. Without it the button beside does the same.
"use strict";

for (const place of document.querySelectorAll("[data-keep]")) {
  const form = place.closest("form");
  const status = form.querySelector("[data-keep-status]");
  let waiting;
  const keep = async () => {
    try {
      const answer = await fetch(place.dataset.keep, {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/json" },
        keepalive: true,
      });
      if (!answer.ok) throw new Error(String(answer.status));
      status.textContent = place.dataset.kept;
    } catch {
      status.textContent = place.dataset.unkept;
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(keep, 1200);
  });
  form.addEventListener("submit", () => clearTimeout(waiting));
}
