// Tells the value of a mark under the pointer or in focus; arrow keys go from mark to mark.
{
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true"); // A mark's name says the same already.
  document.body.append(tip);

  let anchor = null;
  let height = 0; // Of the anchor in the window, when the tip was shown.
  let leaving = 0; // The timer that hides the tip, unless the pointer comes to it.

  // Above what it tells of, below where there is no room, and never beyond the window's sides.
  const show = (text, element) => {
    clearTimeout(leaving);
    anchor = element;
    tip.textContent = text;
    tip.hidden = false;
    const at = element.getBoundingClientRect();
    const box = tip.getBoundingClientRect();
    const most = document.documentElement.clientWidth - box.width - 4;
    const above = at.top - box.height - 8;
    tip.style.left = `${Math.max(4, Math.min(at.left + (at.width - box.width) / 2, most))}px`;
    tip.style.top = `${above < 4 ? at.bottom + 8 : above}px`;
    height = at.top;
  };
  const hide = () => {
    clearTimeout(leaving);
    tip.hidden = true;
    for (const dot of document.querySelectorAll(".probe")) dot.remove();
  };
  const leave = () => { clearTimeout(leaving); leaving = setTimeout(hide, 150); };
  tip.addEventListener("pointerenter", () => clearTimeout(leaving));
  tip.addEventListener("pointerleave", leave);

  const showMark = (mark) =>
    show(mark.getAttribute("aria-label"), mark.querySelector(".sign, .ring, rect") ?? mark);

  // Focus scrolls its mark into sight: the tip goes along. A pointer's mark is gone by then.
  const follow = () => {
    if (tip.hidden || anchor.getBoundingClientRect().top === height) return;
    if (document.activeElement?.closest(".mark")) show(tip.textContent, anchor); else hide();
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
    svg.addEventListener("pointerout", (event) => { if (event.target.closest(".mark")) leave(); });
    svg.addEventListener("keydown", (event) => step(svg, event));
  }
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  document.addEventListener("scroll", follow, { capture: true, passive: true });

  // Curves: the nearest epoch under the pointer; the keys left and right go from epoch to epoch.
  const status = document.createElement("div");
  status.className = "aside";
  status.setAttribute("role", "status");
  document.body.append(status);

  // Read once for each line: a pointer that moves asks for those of all, again and again.
  const read = new WeakMap();
  const pointsOf = (mark) => {
    if (!read.has(mark)) {
      const text = mark.querySelector("polyline").getAttribute("points");
      read.set(mark, text.split(" ").filter(Boolean).map((point) => point.split(",").map(Number)));
    }
    return read.get(mark);
  };

  // From a pixel to the value that stands there: the pixels of 0 and 1 are given.
  const back = (pixel, scale) => {
    const [zero, one] = scale.split(" ").map(Number);
    return (pixel - zero) / (one - zero);
  };

  // Pixels have two decimals: no digit is told that is finer than they are.
  const lossOf = (value, scale) => {
    const [zero, one] = scale.split(" ").map(Number);
    const step = 0.01 / Math.abs(one - zero);
    if (step < 0.001 && value < 0.1) return value.toPrecision(2);
    const digits = Math.max(0, Math.min(2, -Math.ceil(Math.log10(step))));
    const whole = step > 1 ? Math.round(value / step) * step : value;
    return whole.toFixed(digits).replace(/^-(?=[0.]+$)/, "");
  };

  const tell = (svg, mark, place, aloud) => {
    const [x, y] = pointsOf(mark)[place];
    const value = back(y, svg.dataset.y);
    const along = back(x, svg.dataset.x);
    const far = "logarithmic" in svg.dataset ? 10 ** along : along;
    // Epochs and strengths are whole; of time, three digits are as much as a pixel tells.
    const axis = svg.dataset.along ?? "epoch";
    const where = ["epoch", "strength"].includes(axis) ? Math.round(far) : Number(far.toPrecision(3));
    const text = svg.dataset.quantity === "accuracy" ? `${Math.abs(100 * value).toFixed(1)} %` : lossOf(value, svg.dataset.y);
    const name = mark.getAttribute("aria-label").split(": ")[0];
    const dot = svg.querySelector(".probe") ?? svg.appendChild(
      document.createElementNS(svg.namespaceURI, "circle"));
    dot.setAttribute("class", "probe");
    dot.setAttribute("r", "4");
    dot.setAttribute("cx", x);
    dot.setAttribute("cy", y);
    const words = `${axis} ${where}: ${text}`;
    show(`${name}, ${words}`, dot);
    if (aloud) status.textContent = words;
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
    let place = -1;
    svg.addEventListener("pointermove", (event) => {
      const found = nearest(svg, event);
      if (found.mark) tell(svg, found.mark, found.place); else hide();
    });
    svg.addEventListener("pointerleave", leave);
    svg.addEventListener("focusin", () => { place = -1; });
    svg.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const mark = event.target.closest(".line");
      if (!way || !mark) return;
      event.preventDefault();
      const last = pointsOf(mark).length - 1;
      if (last < 0) return;
      place = place < 0 ? (way > 0 ? 0 : last) : Math.min(last, Math.max(0, place + way));
      tell(svg, mark, place, true);
    });
  }
}
