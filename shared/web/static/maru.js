// Small comforts. Every page does its work without this file.
"use strict";

// What went wrong comes first: its summary takes the focus, so that a screen reader speaks it.
document.querySelector("[data-focus]")?.focus();

// A message that was read can be put away.
for (const close of document.querySelectorAll("[data-dismiss]")) {
  close.hidden = false;
  close.addEventListener("click", () => {
    close.closest(".message").remove();
    document.getElementById("main").focus({ preventScroll: true });
  });
}

// A double press sends a form once. The server holds its own key against it; this spares the wait for its refusal.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}

// Coming back by the browser's "back", the form may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Buttons that only a script can serve.
for (const print of document.querySelectorAll("[data-print]")) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
