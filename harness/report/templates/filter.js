// Shows the models whose name holds all words that are typed, in tables and in pictures.
{
  const tables = [...document.querySelectorAll("table[data-models]")];
  const first = tables[0]?.closest(".scroll");
  const rows = tables.flatMap((table) => [...table.tBodies[0].rows]);
  const alone = document.querySelectorAll("figure[data-model]");
  const models = document.querySelectorAll('.legend li[data-series^="m"]');

  const owner = (row) => row.dataset.group ?? row.cells[0].textContent;

  const apply = (typed, status) => {
    const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (name) => words.every((word) => name.toLowerCase().includes(word));
    for (const row of rows) row.hidden = !fits(row.cells[0].textContent);
    // Pictures, and rows of other tables, are of configurations: one is shown with any of its runs.
    const kept = new Set(rows.filter((row) => !row.hidden).map((row) => owner(row).trim()));
    for (const row of rows) if (!row.dataset.group && kept.has(owner(row).trim())) row.hidden = false;
    for (const table of tables.slice(1))
      table.closest("section").hidden = [...table.tBodies[0].rows].every((row) => row.hidden);
    const shows = (name) => fits(name) || kept.has(name.trim());
    for (const figure of alone) figure.hidden = !shows(figure.dataset.model);
    for (const line of models) line.hidden = !shows(line.textContent);
    for (const figure of document.querySelectorAll("figure")) figure.dispatchEvent(new Event("filtered"));
    const runs = [...tables[0].tBodies[0].rows].filter((row) => !["summary", "ensemble"].includes(row.className));
    const left = runs.filter((row) => !row.hidden).length;
    status.textContent = words.length ? `${left} of ${runs.length} runs` : "";
  };

  if (first && tables[0].tBodies[0].rows.length > 2) {
    const box = document.createElement("div");
    box.className = "filter";
    box.innerHTML =
      '<label for="filter">Show models named</label>' +
      '<input id="filter" type="search" autocomplete="off" spellcheck="false">' +
      '<span role="status"></span>';
    first.before(box);
    const [, input, status] = box.children;
    input.addEventListener("input", () => apply(input.value, status));
  }
}
