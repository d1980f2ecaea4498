// Keeps an open map true: asks the service what changed, about once a second while the page is seen.
// The list beside the map takes part: cells with data-space-id and data-field (state, upcoming, next_start, free_at).

const MaruLive = (() => {
  "use strict";

  const EVERY = 1000; // ms; a reservation is on every other open map within two seconds
  const LONGEST = 30000; // ms between attempts when the service does not answer
  const FIELDS = ["state", "upcoming", "next_start", "free_at"];

  function watch(data, spaces, changed) {
    const voice = announcer();
    let etag = null;
    let wait = EVERY;
    let timer = null;
    let asking = false;

    async function ask() {
      if (asking || document.visibilityState !== "visible") return;
      asking = true;
      try {
        await take();
        if (wait > EVERY * 2) voice(data.labels.found);
        wait = EVERY;
      } catch {
        wait = Math.min(wait * 2, LONGEST);
        if (wait === EVERY * 4) voice(data.labels.lost); // the second failure in a row
      }
      asking = false;
      clearTimeout(timer);
      timer = setTimeout(ask, wait);
    }

    async function take() {
      const headers = etag ? { "If-None-Match": etag } : {};
      const signal = AbortSignal.timeout(10000);
      const answer = await fetch(data.status_url, { headers, cache: "no-store", credentials: "same-origin", signal });
      if (answer.status === 304) return;
      if (!answer.ok) throw new Error(answer.statusText);
      const status = await answer.json();
      etag = answer.headers.get("ETag");
      const booked = status.spaces.filter(update);
      if (booked.length === 1) {
        const space = spaces.get(booked[0].space_id);
        voice(MaruMap.fill(data.labels.changed, { name: space.name, count: space.upcoming }));
      } else if (booked.length > 1) {
        voice(MaruMap.fill(data.labels.changed_many, { count: booked.length }));
      }
    }

    // Takes in the news of one space; whether its reservations changed (the clock alone is no news to read out).
    function update(news) {
      const known = spaces.get(news.space_id) ?? {};
      const fresh = FIELDS.filter((field) => field in news && !same(field, known[field], news[field]));
      if (!fresh.length) return false;
      for (const field of fresh) write(news.space_id, field, text(field, news[field], data));
      const booked = "upcoming" in known && fresh.includes("upcoming");
      if (spaces.has(news.space_id)) {
        for (const field of fresh) known[field] = news[field];
        changed(known);
      }
      return booked;
    }

    document.addEventListener("visibilitychange", ask);
    timer = setTimeout(ask, EVERY);
  }

  // Two ways to write one instant are the same news.
  function same(field, before, after) {
    const instant = field === "next_start" || field === "free_at";
    return before === after || (instant && before && after && Date.parse(before) === Date.parse(after));
  }

  function text(field, value, data) {
    if (field === "state") return data.states[value] ?? "";
    if (field === "upcoming") return MaruMap.fill(data.labels.count, { count: value });
    return value ? MaruMap.moment(value, data.labels.locale) : data.labels.none;
  }

  function write(spaceId, field, words) {
    const cells = document.querySelectorAll(`[data-space-id="${Number(spaceId)}"][data-field="${field}"]`);
    for (const cell of cells) if (cell.textContent.trim() !== words) cell.textContent = words;
  }

  // The one place that a screen reader listens to; it also stands under the map for everyone.
  function announcer() {
    const place = document.getElementById("map-news");
    return (words) => {
      if (place) place.textContent = words;
    };
  }

  return { watch };
})();
