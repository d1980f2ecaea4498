// What happens on the maps that folium draws. Every text comes from the page's data block and goes into the page
// through textContent only; an address is followed only if it is a path on this site.

const MaruMap = (() => {
  "use strict";

  const fill = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => String(values[name]));

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function link(path, text, hidden) {
    const made = element("a", "map-popup__link", text);
    if (hidden) made.append(element("span", "visually-hidden", ` ${hidden}`));
    if (isPath(path)) made.href = path;
    return made;
  }

  const isPath = (path) => typeof path === "string" && /^\/(?![/\\])/.test(path);

  function moment(iso, locale) {
    const date = new Date(iso);
    const form = { month: "long", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit" };
    return new Intl.DateTimeFormat(locale, { ...form, hourCycle: "h23", timeZone: "Asia/Seoul" }).format(date);
  }

  // A row of a popup: what it is, and the figure.
  function row(list, term, text) {
    list.append(element("dt", "", term), element("dd", "", text));
  }

  // Markers

  function pin(space) {
    const face = element("span", "map-pin__face", space.upcoming ? String(space.upcoming) : "");
    const known = /^[a-z_]+$/;
    const look = [space.stage, space.state].filter((word) => known.test(word)).map((word) => `map-pin--${word}`);
    return L.divIcon({ className: ["map-pin", ...look].join(" "), html: face, iconSize: [32, 32], popupAnchor: [0, -14] });
  }

  // One name for the pin of a space, whoever reads it out.
  function spaceName(space, data) {
    const reserved = `${data.labels.upcoming} ${fill(data.labels.count, { count: space.upcoming })}`;
    return [space.name, space.stage_label, data.states[space.state], reserved].filter(Boolean).join(", ");
  }

  function nameMarker(marker, text) {
    const name = () => marker.getElement()?.setAttribute("aria-label", text);
    marker.off("add", marker.nameAgain);
    marker.nameAgain = name;
    marker.on("add", name);
    name();
  }

  function spacePopup(space, data) {
    const words = data.labels;
    const box = element("div", "map-popup");
    box.append(element("h3", "", space.name));
    const what = [space.kind_label, space.stage_label].filter(Boolean).join(" · ");
    box.append(element("p", "map-popup__kind", what));
    if (space.address) box.append(element("p", "soft", space.address));
    if (data.states[space.state]) {
      const state = element("p", "map-popup__state", data.states[space.state]);
      if (space.free_at) state.append(` · ${words.free_at} ${moment(space.free_at, words.locale)}`);
      box.append(state);
    }
    const list = element("dl", "map-popup__figures");
    row(list, words.upcoming, space.upcoming ? fill(words.count, { count: space.upcoming }) : words.none);
    if (space.next_start) row(list, words.next_start, moment(space.next_start, words.locale));
    box.append(list, link(space.url, words.open_space, space.name));
    return box;
  }

  function spaceMarker(space, data) {
    const marker = L.marker([space.latitude, space.longitude], { icon: pin(space), riseOnHover: true });
    marker.bindPopup(() => spacePopup(space, data), { minWidth: 220, maxWidth: 300, autoPanPadding: [16, 16] });
    nameMarker(marker, spaceName(space, data));
    return marker;
  }

  function projectPopup(point, data) {
    const words = data.labels;
    const box = element("div", "map-popup");
    box.append(element("h3", "", `${point.district} · ${fill(words.projects, { count: point.projects.length })}`));
    if (point.whole_district) box.append(element("p", "soft", words.whole_district));
    const list = element("ul", "map-popup__projects");
    for (const project of point.projects) {
      const item = element("li");
      item.append(isPath(project.url) ? link(project.url, project.title) : element("strong", "", project.title));
      item.append(element("span", "soft", [project.group_name, project.awarded].filter(Boolean).join(" · ")));
      list.append(item);
    }
    box.append(list);
    return box;
  }

  function projectMarker(point, data) {
    const face = element("span", "map-project__face", String(point.projects.length));
    const look = point.whole_district ? "map-project map-project--whole-district" : "map-project";
    const icon = L.divIcon({ className: look, html: face, iconSize: [30, 30], popupAnchor: [0, -12] });
    const marker = L.marker([point.latitude, point.longitude], { icon, riseOnHover: true });
    marker.projects = point.projects.length;
    marker.bindPopup(() => projectPopup(point, data), { minWidth: 220, maxWidth: 300, maxHeight: 280 });
    nameMarker(marker, `${point.district}, ${fill(data.labels.projects, { count: point.projects.length })}`);
    return marker;
  }

  // What lies together: spaces as the figure in the circle, projects as a square at its edge.
  function held(cluster) {
    const markers = cluster.getAllChildMarkers();
    const projects = markers.reduce((sum, marker) => sum + (marker.projects ?? 0), 0);
    return { spaces: markers.filter((marker) => !marker.projects).length, projects };
  }

  function clusterIcon(cluster) {
    const { spaces, projects } = held(cluster);
    const box = element("span", "map-cluster__box");
    if (spaces) box.append(element("span", "map-cluster__face", String(spaces)));
    if (projects) box.append(element("span", "map-project__face", String(projects)));
    const size = spaces < 10 ? 36 : spaces < 50 ? 44 : 52;
    return L.divIcon({ className: "map-cluster", html: box, iconSize: [size, size] });
  }

  function clusterName(cluster, words) {
    const { spaces, projects } = held(cluster);
    const parts = [spaces && fill(words.spaces, { count: spaces }), projects && fill(words.projects, { count: projects })];
    return fill(words.cluster, { what: parts.filter(Boolean).join(", ") });
  }

  // Districts

  function districtLabel(district) {
    const box = element("span", "map-label__box");
    box.append(element("span", "map-label__name", district.name));
    if (district.value !== undefined) box.append(element("span", "map-label__value", district.value));
    return box;
  }

  function labelDistricts(map, districts, data) {
    const labels = [];
    districts.eachLayer((layer) => {
      const { code, label: place } = layer.feature.properties;
      const district = data.districts[code];
      const icon = L.divIcon({ className: "map-label", html: districtLabel(district), iconSize: [0, 0] });
      const label = L.marker(place, { icon, interactive: false, keyboard: false, pane: "labels" }).addTo(map);
      label.getElement().setAttribute("aria-hidden", "true"); // the list beside the map says the same
      labels.push({ box: label.getElement().firstElementChild, place, shape: layer.getElement() });
      layer.on("mouseover", () => layer.getElement()?.classList.add("map-district--on"));
      layer.on("mouseout", () => layer.getElement()?.classList.remove("map-district--on"));
      layer.on("click", () => {
        if (isPath(district.url)) location.assign(district.url);
        else map.flyToBounds(layer.getBounds(), { padding: [24, 24], duration: calm() ? 0 : 0.4 });
      });
    });
    return () => placeLabels(map, labels);
  }

  // Steps aside in px, nearest first, that a name may take within its district to stay clear of pins.
  const ASIDE = [0, -14, 14, -28, 28].flatMap((y) => [0, -24, 24, -48, 48].map((x) => [x, y]));
  ASIDE.sort((one, other) => Math.hypot(...one) - Math.hypot(...other));

  // Names lie neither on each other nor under pins. One that finds no room waits for a closer look.
  function placeLabels(map, labels) {
    const pins = map.getPane("markerPane").querySelectorAll(".leaflet-marker-icon, .map-project__face");
    const taken = Array.from(pins, (pin) => pin.getBoundingClientRect());
    for (const { box, place, shape } of labels) {
      box.hidden = false;
      const free = ASIDE.find(([x, y]) => {
        const point = map.latLngToLayerPoint(place).add([x, y]);
        if ((x || y) && !shape.isPointInFill(new DOMPoint(point.x, point.y))) return false;
        box.style.translate = `${x}px ${y}px`;
        return !taken.some((other) => meet(box.getBoundingClientRect(), other));
      });
      if (free) taken.push(box.getBoundingClientRect());
      else box.hidden = true;
    }
  }

  const meet = (one, other) =>
    one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;

  const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  // The map itself

  function controls(map, districts, data) {
    const words = data.labels;
    L.control.zoom({ position: "topright", zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
    const whole = L.control({ position: "topright" });
    whole.onAdd = () => {
      const box = element("div", "leaflet-bar");
      const button = element("button", "map-whole");
      button.type = "button";
      button.title = words.whole;
      button.setAttribute("aria-label", words.whole);
      L.DomEvent.disableClickPropagation(box).on(button, "click", () => fit(map, districts, true));
      box.append(button);
      return box;
    };
    whole.addTo(map);
    if (data.schematic) {
      const note = L.control({ position: "bottomleft" });
      note.onAdd = () => element("p", "map-schematic", words.schematic);
      note.addTo(map);
    }
  }

  function fit(map, districts, again) {
    const bounds = districts.getBounds();
    map.fitBounds(bounds, { padding: [6, 6], animate: again && !calm() });
    if (!again) map.setMaxBounds(bounds.pad(0.4)); // the least zoom is fixed: the clusters are built on it
  }

  function start(name, { map, districts, cluster }) {
    const data = JSON.parse(document.getElementById(`data-${name}`).textContent);
    const labels = map.createPane("labels");
    labels.classList.add("map-labels");
    controls(map, districts, data);
    fit(map, districts, false);
    const label = labelDistricts(map, districts, data);
    // The wheel scrolls the page until somebody is busy with the map.
    map.on("focus click", () => map.scrollWheelZoom.enable());
    map.on("blur mouseout", () => map.scrollWheelZoom.disable());
    popups(map, data);
    if (cluster) {
      points(map, cluster, data);
      cluster.on("animationend", label);
    }
    map.on("zoomend resize", label);
    label();
  }

  // Whoever opens a popup from a pin goes on inside it, and is back at the pin when it closes.
  function popups(map, data) {
    map.on("popupopen", ({ popup }) => {
      popup.getElement().querySelector(".leaflet-popup-close-button").setAttribute("aria-label", data.labels.close);
      if (document.activeElement === popup._source?.getElement()) enter(popup);
    });
    map.on("popupclose", ({ popup }) => {
      if (holdsFocus(popup)) popup._source?.getElement()?.focus({ preventScroll: true });
    });
    map.getContainer().addEventListener("keydown", (event) => {
      if (event.key === "Escape") map.closePopup();
    });
  }

  const enter = (popup) => popup.getElement().querySelector("a[href]").focus({ preventScroll: true });
  const holdsFocus = (popup) => popup.getElement()?.contains(document.activeElement);

  function points(map, cluster, data) {
    const markers = new Map(data.spaces.map((space) => [space.space_id, spaceMarker(space, data)]));
    cluster.on("animationend layeradd", () => nameClusters(cluster, data));
    cluster.on("clusterkeypress", ({ layer, originalEvent }) => {
      if (originalEvent.key !== "Enter") return;
      const first = layer.getAllChildMarkers()[0];
      // The group is gone when it opens: the focus goes on to what came out of it.
      cluster.once("animationend spiderfied", () => cluster.getVisibleParent(first)?.getElement()?.focus());
      cluster.fire("click", { layer }); // zooms in, or fans out what stands on one spot
    });
    map.on("zoomend moveend", () => nameClusters(cluster, data));
    cluster.addLayers([...markers.values(), ...data.projects.map((point) => projectMarker(point, data))]);
    nameClusters(cluster, data);
    const spaces = new Map(data.spaces.map((space) => [space.space_id, space]));
    if (data.status_url) MaruLive.watch(data, spaces, (space) => redraw(markers.get(space.space_id), space, data));
  }

  function nameClusters(cluster, data) {
    cluster._featureGroup.eachLayer((layer) => {
      if (!layer.getChildCount) return;
      layer.getElement()?.setAttribute("aria-label", clusterName(layer, data.labels));
    });
  }

  function redraw(marker, space, data) {
    if (!marker) return;
    marker.setIcon(pin(space));
    nameMarker(marker, spaceName(space, data));
    if (!marker.isPopupOpen()) return;
    const inside = holdsFocus(marker.getPopup());
    marker.getPopup().update();
    if (inside) enter(marker.getPopup());
  }

  return { start, clusterIcon, fill, moment };
})();
