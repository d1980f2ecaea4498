// Keeps the price of the reserve form up to date while it is filled in. Without this file a button asks for it.
"use strict";

(() => {
  const form = document.getElementById("reserve");
  const panel = document.getElementById("cost");
  if (!form || !panel) return;
  const address = form.action.replace(/\/units\/(\d+)\/reserve$/, "/api/units/$1/quote");
  const part = (name) => panel.querySelector(`[data-cost="${name}"]`);
  const button = form.querySelector("[data-quote-button]");
  if (button) button.hidden = true;
  let asked = 0;
  let timer = 0;

  const query = () => {
    const typed = new FormData(form);
    const wanted = new URLSearchParams();
    for (const name of ["date", "start", "end"]) {
      if (!typed.get(name)) return null;
      wanted.set(name, typed.get(name));
    }
    if (typed.get("group_id")) wanted.set("group_id", typed.get("group_id"));
    const loans = [];
    for (const [name, value] of typed) {
      if (name.startsWith("equipment.") && Number(value) > 0) loans.push(`${name.slice(10)}:${Number(value)}`);
    }
    if (loans.length) wanted.set("equipment", loans.join(","));
    return wanted;
  };

  const show = (quote) => {
    part("text").textContent = quote.text;
    part("lines").replaceChildren(
      ...(quote.won ? quote.charges : []).map((charge) => {
        const line = document.createElement("li");
        line.textContent = `${charge.text} = ${charge.amount_text}`;
        return line;
      }),
    );
    part("hint").hidden = !quote.residents_pay_less;
    panel.hidden = false;
  };

  const ask = async () => {
    const wanted = query();
    const number = ++asked;
    if (!wanted) {
      panel.hidden = true;
      return;
    }
    try {
      const answer = await fetch(`${address}?${wanted}`, { headers: { Accept: "application/json" } });
      if (number !== asked) return; // a later question is on its way
      if (answer.ok) show(await answer.json());
      else panel.hidden = true;
    } catch {
      if (button) button.hidden = false; // no network for a moment: the button still asks
    }
  };

  const soon = (event) => {
    if (event.target.name === "purpose" || event.target.name === "people") return;
    clearTimeout(timer);
    timer = setTimeout(ask, 200);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
})();
