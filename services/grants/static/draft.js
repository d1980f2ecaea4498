// Saves a draft while it is written, and lets a place be pointed at on the map. Without this file the buttons do it.
"use strict";

(() => {
  const form = document.getElementById("draft");
  if (!form) return;
  const WAIT = 3000;
  const told = form.querySelector("[data-saved]");
  const conflict = form.querySelector("[data-conflict]");
  const missing = document.querySelector("[data-missing]");
  const complete = document.querySelector("[data-complete]");
  let timer = 0;
  let saving = false;
  let again = false;
  let stopped = false;
  let pressed = null;

  const content = () => {
    const typed = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") typed.append(name, value);
    typed.set("act", "autosave");
    return typed;
  };

  const control = (name) => form.elements.namedItem(name);

  const show = (answer) => {
    control("revision").value = answer.revision;
    for (const [name, mark] of Object.entries(answer.bases)) {
      const base = control(`base-${name}`);
      if (base) base.value = mark;
    }
    told.textContent = answer.saved;
    missing.replaceChildren(
      ...answer.missing.map((text) => {
        const line = document.createElement("li");
        line.textContent = text;
        return line;
      }),
    );
    missing.hidden = answer.missing.length === 0;
    complete.hidden = !missing.hidden;
    if (answer.conflicts.length) {
      conflict.hidden = false;
      stopped = true; // which of the two texts is right, only people can say
    }
  };

  const save = async () => {
    clearTimeout(timer);
    if (stopped || form.dataset.sent) return;
    if (saving) {
      again = true;
      return;
    }
    saving = true;
    try {
      const answer = await fetch(form.action || location.href, {
        method: "POST",
        body: content(),
        headers: { Accept: "application/json" },
      });
      if (answer.ok && answer.headers.get("Content-Type")?.startsWith("application/json")) show(await answer.json());
    } catch {
      timer = setTimeout(save, WAIT * 3); // no network for a moment: what is typed stands in the form
    } finally {
      saving = false;
      if (pressed) {
        form.requestSubmit(pressed);
      } else if (again) {
        again = false;
        save();
      }
    }
  };

  const soon = (event) => {
    if (event.target.type === "file") return;
    clearTimeout(timer);
    timer = setTimeout(save, WAIT);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  // What is being saved comes back first: otherwise the form would seem to meet somebody else's words in its own.
  form.addEventListener(
    "submit",
    (event) => {
      clearTimeout(timer);
      if (!saving) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      pressed = event.submitter;
    },
    true,
  );
  form.addEventListener("focusout", () => {
    if (timer) {
      clearTimeout(timer);
      timer = setTimeout(save, 300);
    }
  });

  for (const box of form.querySelectorAll("[data-place]")) {
    if (typeof L === "undefined") break;
    const latitude = control(`${box.dataset.place}-latitude`);
    const longitude = control(`${box.dataset.place}-longitude`);
    box.hidden = false;
    const map = L.map(box, { zoomControl: false, attributionControl: false, scrollWheelZoom: false });
    L.control.zoom({ zoomInTitle: box.dataset.zoomIn, zoomOutTitle: box.dataset.zoomOut }).addTo(map);
    map.fitBounds([[37.42, 126.76], [37.71, 127.19]]);
    let mark = null;
    const put = () => {
      const point = [Number(latitude.value), Number(longitude.value)];
      if (!latitude.value || !longitude.value || point.some(Number.isNaN)) return;
      if (mark) mark.setLatLng(point);
      else mark = L.circleMarker(point, { radius: 9 }).addTo(map);
    };
    put();
    map.on("click", ({ latlng }) => {
      latitude.value = latlng.lat.toFixed(6);
      longitude.value = latlng.lng.toFixed(6);
      put();
      latitude.dispatchEvent(new Event("input", { bubbles: true }));
    });
    for (const each of [latitude, longitude]) each.addEventListener("change", put);
    fetch(box.dataset.shapes, { headers: { Accept: "application/geo+json" } })
      .then((answer) => (answer.ok ? answer.json() : null))
      .then((shapes) => {
        if (!shapes) return;
        const style = { className: "place-map__district", weight: 1 };
        L.geoJSON(shapes, { interactive: false, style }).addTo(map).bringToBack();
      })
      .catch(() => {});
  }
})();
