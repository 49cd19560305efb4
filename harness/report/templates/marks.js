// Tells the value of a mark under the pointer or in focus; arrow keys go from mark to mark.
{
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true"); // A mark's name says the same already.
  document.body.append(tip);

  const show = (text, x, y) => {
    tip.textContent = text;
    tip.hidden = false;
    const { width, height } = tip.getBoundingClientRect();
    const left = Math.min(Math.max(4, x - width / 2), document.documentElement.clientWidth - width - 4);
    tip.style.left = `${left}px`;
    tip.style.top = `${y - height - 12 < 4 ? y + 16 : y - height - 12}px`;
  };
  const hide = () => { tip.hidden = true; };

  const showMark = (mark) => {
    const box = (mark.querySelector(".sign, rect") ?? mark).getBoundingClientRect();
    show(mark.getAttribute("aria-label"), box.left + box.width / 2, box.top);
  };

  const STEPS = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: "down", ArrowUp: "up" };

  const visible = (svg) => [...svg.querySelectorAll(".mark:not(.off)")];

  // One stop of the tabulator key for each picture: the mark that was visited last.
  const rest = (svg, chosen) => {
    for (const mark of svg.querySelectorAll(".mark")) mark.setAttribute("tabindex", "-1");
    (chosen ?? visible(svg)[0])?.setAttribute("tabindex", "0");
  };

  const step = (svg, event) => {
    const way = STEPS[event.key];
    const marks = visible(svg);
    const place = marks.indexOf(document.activeElement);
    const along = svg.matches(".curves") && typeof way === "number"; // Along the line, see below.
    if (!way || place < 0 || along) return;
    event.preventDefault();
    const row = Number(svg.dataset.stride ?? 1);
    const far = way === "down" ? row : way === "up" ? -row : way;
    marks[place + far]?.focus();
  };

  for (const svg of document.querySelectorAll("svg[role=group]")) {
    for (const title of svg.querySelectorAll(".mark > title")) title.remove(); // The tip replaces it.
    rest(svg);
    svg.closest("figure").addEventListener("switched", () => rest(svg));
    svg.addEventListener("focusin", (event) => {
      rest(svg, event.target);
      showMark(event.target);
    });
    svg.addEventListener("focusout", hide);
    svg.addEventListener("pointerover", (event) => {
      const mark = event.target.closest(".mark");
      if (mark && !mark.matches(".line")) showMark(mark);
    });
    svg.addEventListener("pointerleave", hide);
    svg.addEventListener("pointerout", (event) => { if (event.target.closest(".mark")) hide(); });
    svg.addEventListener("keydown", (event) => step(svg, event));
  }
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  document.addEventListener("scroll", hide, { capture: true, passive: true });

  // Curves: the nearest epoch under the pointer; the keys left and right go from epoch to epoch.
  const status = document.createElement("div");
  status.className = "aside";
  status.setAttribute("role", "status");
  document.body.append(status);

  const pointsOf = (mark) =>
    mark.querySelector("polyline").getAttribute("points").split(" ").map((p) => p.split(",").map(Number));

  const tell = (svg, mark, place, aloud) => {
    const [x, y] = pointsOf(mark)[place];
    const [zero, one] = svg.dataset.y.split(" ").map(Number);
    const value = (y - zero) / (one - zero);
    const text = svg.dataset.quantity === "accuracy" ? `${(100 * value).toFixed(1)} %` : value.toFixed(2);
    const name = mark.getAttribute("aria-label").split(": ")[0];
    const dot = svg.querySelector(".probe") ?? svg.appendChild(
      document.createElementNS(svg.namespaceURI, "circle"));
    dot.setAttribute("class", "probe");
    dot.setAttribute("r", "4");
    dot.setAttribute("cx", x);
    dot.setAttribute("cy", y);
    const at = dot.getBoundingClientRect();
    show(`${name}, epoch ${place + 1}: ${text}`, at.left + at.width / 2, at.top);
    if (aloud) status.textContent = `epoch ${place + 1}: ${text}`;
  };

  const nearest = (svg, event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    let best = { far: 18 };
    for (const mark of visible(svg)) {
      pointsOf(mark).forEach(([x, y], place) => {
        const far = Math.hypot(x - at.x, y - at.y);
        if (far < best.far) best = { far, mark, place };
      });
    }
    return best;
  };

  for (const svg of document.querySelectorAll("svg.curves")) {
    const clear = () => { svg.querySelector(".probe")?.remove(); hide(); };
    let place = -1;
    svg.addEventListener("pointermove", (event) => {
      const found = nearest(svg, event);
      if (found.mark) tell(svg, found.mark, found.place); else clear();
    });
    svg.addEventListener("pointerleave", clear);
    svg.addEventListener("focusin", () => { place = -1; });
    svg.addEventListener("focusout", clear);
    svg.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const mark = event.target.closest(".line");
      if (!way || !mark) return;
      event.preventDefault();
      const last = pointsOf(mark).length - 1;
      place = place < 0 ? (way > 0 ? 0 : last) : Math.min(last, Math.max(0, place + way));
      tell(svg, mark, place, true);
    });
  }
}
