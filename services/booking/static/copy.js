// Buttons that copy a field's text: shown only where the browser can do it.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    const status = document.querySelector(`[data-copy-status="${button.dataset.copy}"]`);
    field.select();
    await navigator.clipboard.writeText(field.value);
    status.textContent = button.dataset.copied;
  });
}
