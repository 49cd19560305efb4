// Makes the lines of a legend switches of what they name, within their own figure.
{
  const refresh = (figure) => {
    const buttons = [...figure.querySelectorAll(".legend button")];
    const off = new Set(buttons
      .filter((one) => one.closest("li").hidden || one.getAttribute("aria-pressed") === "false")
      .map((one) => one.dataset.key));
    for (const mark of figure.querySelectorAll(".mark[data-series]")) {
      const hidden = mark.dataset.series.split(" ").some((name) => off.has(name));
      mark.classList.toggle("off", hidden);
    }
    figure.dispatchEvent(new Event("switched"));
  };

  for (const figure of document.querySelectorAll("figure")) {
    for (const line of figure.querySelectorAll(".legend li")) {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.key = line.dataset.series;
      button.setAttribute("aria-pressed", String(!("off" in line.dataset)));
      button.append(...line.childNodes);
      button.addEventListener("click", () => {
        const pressed = button.getAttribute("aria-pressed") === "true";
        button.setAttribute("aria-pressed", String(!pressed));
        refresh(figure);
      });
      line.append(button);
    }
    if (!figure.querySelector(".legend")) continue;
    figure.addEventListener("filtered", () => refresh(figure));
    refresh(figure);
  }
}
