// What was found, on a map. Names are written with textContent only; the list below says the same.
(() => {
  "use strict";
  const box = document.getElementById("search-map");
  const points = JSON.parse(document.getElementById("search-points").textContent);
  const map = L.map(box, { zoomControl: false, attributionControl: false, zoomSnap: 0.25, scrollWheelZoom: false });
  L.control.zoom({ position: "topright", zoomInTitle: box.dataset.zoomIn, zoomOutTitle: box.dataset.zoomOut }).addTo(map);
  map.on("focus click", () => map.scrollWheelZoom.enable());
  map.on("blur mouseout", () => map.scrollWheelZoom.disable());
  const whole = L.latLngBounds([37.42, 126.76], [37.71, 127.19]);
  const bounds = points.length ? L.latLngBounds(points.map((point) => [point.latitude, point.longitude])) : whole;
  map.fitBounds(bounds.pad(0.15), { maxZoom: 14 });

  // The districts are maps' to draw; without them the points stand alone.
  fetch(box.dataset.shapes, { headers: { Accept: "application/geo+json" } })
    .then((answer) => (answer.ok ? answer.json() : null))
    .then((shapes) => {
      if (!shapes) return;
      L.geoJSON(shapes, { interactive: false, style: { className: "search-map__district", weight: 1 } }).addTo(map).bringToBack();
    })
    .catch(() => {});

  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  const popup = (point) => {
    const content = element("div", "search-popup");
    content.append(element("strong", "", point.name));
    const list = element("ul");
    list.setAttribute("role", "list");
    for (const unit of point.units) {
      const line = element("li");
      const link = element("a", "", unit.when ? `${unit.name} · ${unit.when}` : unit.name);
      if (unit.href.startsWith("/")) link.href = unit.href;
      line.append(link);
      list.append(line);
    }
    content.append(list);
    return content;
  };

  for (const point of points) {
    const face = element("span", "search-pin", String(point.units.length));
    face.style.width = face.style.height = "32px";
    const marker = L.marker([point.latitude, point.longitude], {
      icon: L.divIcon({ html: face, className: "", iconSize: [32, 32] }),
      title: point.name,
      alt: `${point.name} (${point.units.length})`,
      keyboard: true,
    });
    marker.bindPopup(popup(point), { minWidth: 200 }).addTo(map);
    marker.getElement().setAttribute("aria-label", `${point.name} (${point.units.length})`);
  }
  map.on("popupopen", ({ popup: opened }) => {
    opened.getElement().querySelector(".leaflet-popup-close-button")?.setAttribute("aria-label", box.dataset.close);
    opened.getElement().querySelector("a[href^='/']")?.focus({ preventScroll: true });
  });
})();
