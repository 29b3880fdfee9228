// Buttons that narrow the table of all claims to one verdict, or to those that changed.
(() => {
  "use strict";
  const words = JSON.parse(document.getElementById("waterline-data").textContent).words;
  const table = document.getElementById("claims-table");
  const place = document.getElementById("filter");
  const choices = [
    ["filter_all", () => true],
    ...["supported", "open", "contradicted"].map((verdict) => [verdict, (row) => row.dataset.verdict === verdict]),
    ["filter_changed", (row) => "changed" in row.dataset],
  ];
  let chosen = "filter_all";

  const allRows = () => [...table.querySelectorAll("tr[data-verdict]")];

  function show() {
    const matches = choices.find(([name]) => name === chosen)[1];
    allRows().forEach((row) => {
      row.hidden = !matches(row);
    });
    table.querySelectorAll("tbody").forEach((group) => {
      group.hidden = ![...group.querySelectorAll("tr[data-verdict]")].some((row) => !row.hidden);
    });
  }

  function count() {
    buttons.forEach((button) => {
      const [name, matches] = choices.find((choice) => choice[0] === button.dataset.choice);
      const found = allRows().filter(matches).length;
      button.textContent = `${words[name]} ${found}`;
      button.disabled = found === 0;
      button.setAttribute("aria-pressed", String(name === chosen));
    });
  }

  place.setAttribute("role", "group");
  place.setAttribute("aria-label", words.filter);
  const buttons = choices.map(([name]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.choice = name;
    button.addEventListener("click", () => {
      chosen = name;
      table.querySelectorAll(".panel .close").forEach((each) => each.click());
      show();
      count();
      button.focus({ preventScroll: true });
    });
    return button;
  });
  place.append(...buttons);
  count();
  document.addEventListener("waterline:changed", () => {
    show();
    count();
  });
})();
