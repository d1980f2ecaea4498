// "Near me": fills the place from the browser and sends the search. Without it, or when refused, the form is as it was.
(() => {
  "use strict";
  const button = document.querySelector("[data-near-me]");
  const says = document.querySelector("[data-near-says]");
  if (!button || !navigator.geolocation) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    says.textContent = says.dataset.asking;
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const form = button.form;
        const field = form.querySelector("[name=near]") ?? form.appendChild(document.createElement("input"));
        field.type = "hidden";
        field.name = "near";
        // About a hundred metres: enough to sort by, and no more than that leaves the browser.
        field.value = `${coords.latitude.toFixed(3)},${coords.longitude.toFixed(3)}`;
        form.submit();
      },
      () => {
        says.textContent = says.dataset.denied;
        button.disabled = false;
        document.getElementById("field-district")?.focus();
      },
      { timeout: 10000, maximumAge: 300000 },
    );
  });
})();
