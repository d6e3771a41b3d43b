"use strict";
// Filters the rows of a scorecard. The page is whole without it: the form is hidden until it runs.
(() => {
  const form = document.getElementById("filters");
  if (!form) return;
  const told = form.querySelector("output");
  const rows = [...document.querySelectorAll(".card, .card-absent")];
  const names = ["text", "status", "workstream", "owner"].filter((name) => form.elements[name]);

  const chosen = () => Object.fromEntries(names.map((name) => [name, form.elements[name].value]));

  const fits = (row, wanted) => {
    const status = wanted.status;
    if (status === "undecided" ? !("undecided" in row.dataset) : status && row.dataset.status !== status) return false;
    if (wanted.workstream && row.dataset.workstream !== wanted.workstream) return false;
    if (wanted.owner && row.dataset.owner !== wanted.owner) return false;
    const text = (wanted.text || "").trim().toLowerCase();
    return !text || text.split(/\s+/).every((word) => row.textContent.toLowerCase().includes(word));
  };

  const show = () => {
    const wanted = chosen();
    let count = 0;
    for (const row of rows) {
      row.hidden = !fits(row, wanted);
      if (!row.hidden) count += 1;
    }
    for (const group of document.querySelectorAll(".group, .absent > li")) {
      group.hidden = !group.querySelector(".card:not([hidden]), .card-absent:not([hidden])");
    }
    told.textContent = count === rows.length ? "" : `${count} of ${rows.length}`;
    const asked = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value));
    const link = `#${asked}`;
    if (location.hash !== link && (`${asked}` || location.hash.includes("="))) {
      history.replaceState(null, "", `${asked}` ? link : location.pathname + location.search);
    }
  };

  const read = () => {
    if (location.hash && !location.hash.includes("=")) return;
    const asked = new URLSearchParams(location.hash.slice(1));
    for (const name of names) form.elements[name].value = asked.get(name) || "";
    show();
  };

  form.hidden = false;
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show));
  addEventListener("hashchange", read);
  read();
})();
