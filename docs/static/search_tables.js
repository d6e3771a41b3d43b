// Puts a search box above each table of class "searchable": rows that lack a word of it are hidden.
for (const table of document.querySelectorAll("table.searchable")) {
  const rows = [...table.tBodies[0].rows];
  const label = document.createElement("label");
  label.textContent = "Search ";
  const box = document.createElement("input");
  box.type = "search";
  box.placeholder = "id, name, owner, guardrail …";
  box.style.font = "inherit";
  box.style.width = "20em";
  const count = document.createElement("output");
  count.style.marginLeft = "1em";
  label.append(box);
  const line = document.createElement("p");
  line.append(label, count);
  const frame = table.closest(".table-wrapper") || table;
  frame.before(line);
  box.addEventListener("input", () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    count.textContent = words.length ? `${shown} of ${rows.length}` : "";
  });
}
