// Buttons that narrow the table of all claims to one verdict, or to those that changed.
(() => {
  "use strict";
  const words = JSON.parse(document.getElementById("waterline-data").textContent).words;
  const table = document.getElementById("claims-table");
  const place = document.getElementById("filter");
  const rows = [...table.querySelectorAll("tr[data-verdict]")];
  const choices = [
    ["filter_all", () => true],
    ...["supported", "open", "contradicted"].map((verdict) => [verdict, (row) => row.dataset.verdict === verdict]),
    ["filter_changed", (row) => "changed" in row.dataset],
  ];

  function show(matches) {
    table.querySelectorAll(".panel .close").forEach((button) => button.click());
    rows.forEach((row) => {
      row.hidden = !matches(row);
    });
    table.querySelectorAll("tbody").forEach((group) => {
      group.hidden = ![...group.querySelectorAll("tr[data-verdict]")].some((row) => !row.hidden);
    });
  }

  place.setAttribute("role", "group");
  place.setAttribute("aria-label", words.filter);
  const buttons = choices.map(([name, matches]) => {
    const count = rows.filter(matches).length;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = `${words[name]} ${count}`;
    button.disabled = count === 0;
    button.setAttribute("aria-pressed", String(name === "filter_all"));
    button.addEventListener("click", () => {
      buttons.forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
      show(matches);
      button.focus({ preventScroll: true });
    });
    return button;
  });
  place.append(...buttons);
})();
