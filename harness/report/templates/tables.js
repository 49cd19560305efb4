// Sorts a table by the heads of its columns: the better direction first, then the other, then back.
{
  const KINDS = ["run", "summary", "ensemble", "unfinished"];
  const NEXT = { descending: "ascending", ascending: "descending" };

  const read = (row, column) => {
    const cell = row.cells[column];
    const text = (cell.firstChild?.textContent ?? "").trim();
    if (cell.dataset.value) return Number(cell.dataset.value);
    return text === "–" || text === "" ? null : cell.textContent.trim();
  };

  const compare = (one, two) =>
    typeof one === "number" && typeof two === "number"
      ? one - two
      : String(one).localeCompare(String(two), "en", { numeric: true });

  // Runs, their summaries, ensembles and what did not finish stay together; what has no value comes last.
  const sort = (body, rows, column, direction) => {
    const sign = direction === "descending" ? -1 : 1;
    const entries = rows.map((row, place) => ({
      row, place, kind: KINDS.indexOf(row.className), value: direction ? read(row, column) : null,
    }));
    entries.sort((one, two) =>
      one.kind - two.kind ||
      (one.value === null) - (two.value === null) ||
      (one.value === null ? 0 : sign * compare(one.value, two.value)) ||
      one.place - two.place);
    body.append(...entries.map((entry) => entry.row));
  };

  const turn = (table, rows, head) => {
    const first = head.dataset.first;
    const now = head.getAttribute("aria-sort");
    const next = !now ? first : now === first ? NEXT[first] : null;
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    if (next) head.setAttribute("aria-sort", next);
    sort(table.tBodies[0], rows, head.cellIndex, next);
  };

  for (const table of document.querySelectorAll("table")) {
    const rows = [...table.tBodies[0].rows];
    if (rows.length < 2) continue;
    for (const head of table.tHead.rows[0].cells) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => turn(table, rows, head));
      head.append(button);
    }
  }
}
