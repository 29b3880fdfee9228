// A living report: change a value, and what rests on it is put in place of what it was.
(() => {
  "use strict";
  const { data, make, numberButton, upgradeAll } = window.waterline;
  const living = JSON.parse(document.getElementById("living-data").textContent);
  const words = living.words;
  const at = (id) => document.getElementById(id);
  const DAY = 86400000;
  const PATIENCE = 400; // ms until it is said that an answer is being worked out
  const MOST_OPENED = 40; // numbers that a request names
  const SETTLED = 350; // ms after which a change counts as made, and can be undone

  let terms = living.terms; // what is on the screen: as_of, values by name, roles
  let wanted = null; // the newest change asked for while another is under way
  let busy = false;
  let settled = terms; // the scenario that undo goes back to
  let settling = 0;
  let gesture = 0; // one drag, one typed value or one click: undone in one step
  let recorded = -1; // the gesture that undo already knows of
  const past = [];
  let controls = living.controls;
  let moved = new Set(living.moved.places);
  const shown = { notes: terms, pictures: terms }; // the scenarios that these parts of the page show

  const same = (one, other) => query(one) === query(other);

  function query(scenario) {
    const pairs = new URLSearchParams();
    Object.entries(scenario.roles).forEach(([name, text]) => pairs.append(name, text));
    Object.keys(scenario.values).sort().forEach((name) => pairs.append(`set.${name}`, scenario.values[name]));
    if (scenario.as_of) pairs.append("as_of", scenario.as_of);
    return pairs.toString();
  }

  function address(scenario) {
    const pairs = new URLSearchParams(query(scenario));
    if (living.language !== "en") pairs.append("lang", living.language);
    const text = pairs.toString();
    return window.location.pathname + (text ? `?${text}` : "");
  }

  // One request at a time; while it runs only the newest wish is kept.
  async function change(next, place) {
    if (busy) {
      wanted = [next, place];
      return;
    }
    if (same(next, terms)) return;
    busy = true;
    const waiting = window.setTimeout(() => working(true), PATIENCE);
    try {
      const answer = await ask("page", terms, next);
      const found = await answer.json();
      if (answer.status === 409) {
        window.location.assign(address(next)); // this page is older than the server: load it as it would be now
      } else if (!answer.ok) {
        complain(found.detail || words.failed, place);
      } else {
        terms = next;
        showPage(found);
        settle();
      }
    } catch {
      complain(words.failed, place);
    }
    window.clearTimeout(waiting);
    working(false);
    busy = false;
    if (wanted) {
      const [newest, where] = wanted;
      wanted = null;
      change(newest, where);
    } else {
      await follow("notes");
      await follow("pictures");
    }
  }

  // What turns a part of the page of one scenario into that of another. Numbers that stand open come with the page.
  function ask(part, before, next) {
    const pairs = new URLSearchParams(query(next));
    pairs.append("lang", living.language);
    pairs.append("part", part);
    pairs.append("before", query(before));
    const open = new Set([...document.querySelectorAll(".panel[data-place]")].map((panel) => panel.dataset.place));
    if (part === "page" && open.size) pairs.append("opened", [...open].slice(0, MOST_OPENED).join(","));
    return fetch(`/api/studies/${living.study}/changes?${pairs}`, { credentials: "omit" });
  }

  // A new as-of date is a study anew, which takes seconds.
  function working(on) {
    document.body.classList.toggle("working", on);
    document.querySelector("main").setAttribute("aria-busy", String(on));
    if (on) at("desk-status").textContent = words.working;
    else if (at("desk-status").textContent === words.working) at("desk-status").textContent = "";
  }

  // The notes under the numbers and the pictures take longer: they follow once the numbers stand still.
  async function follow(part) {
    if (same(shown[part], terms) || (part === "pictures" && !document.querySelector(".picture"))) return;
    const next = terms;
    try {
      const answer = await ask(part, shown[part], next);
      if (!answer.ok || !same(next, terms)) return;
      const found = await answer.json();
      shown[part] = next;
      place(found);
      if (part === "notes") showNotes(found);
    } catch {
      at("desk-status").textContent = words.failed;
    }
  }

  function place(found) {
    Object.entries(found.nodes).forEach(([place, node]) => {
      data.nodes[Number(place)] = node;
      if (found.controls[place]) controls[place] = found.controls[place];
    });
    data.sources.splice(found.source_start, data.sources.length, ...found.sources);
    Object.entries(found.fragments).forEach(([id, text]) => replace(id, text));
  }

  function showPage(found) {
    place(found);
    moved = new Set(Object.keys(terms.values).length ? [...moved, ...found.moved.places] : found.moved.places);
    living.shown_as_of = found.shown_as_of;
    refreshPanels();
    showDesk(found.moved.verdicts, found.as_of, found.shown_as_of);
    document.dispatchEvent(new CustomEvent("waterline:changed"));
  }

  function showNotes(found) {
    moved = new Set(found.moved.places);
    refreshPanels();
    showMoved(found.moved);
  }

  function replace(id, text) {
    const old = at(id);
    if (!old) return;
    const holder = document.createElement("template");
    holder.innerHTML = text; // written by our own templates, every text in it escaped
    const fresh = holder.content.getElementById(id);
    if (!fresh) return;
    const opened = [...old.querySelectorAll("details[open]")].length;
    if (opened) fresh.querySelectorAll("details").forEach((each) => { each.open = true; });
    old.replaceWith(fresh);
    upgradeAll(fresh.parentElement);
  }

  // Open trees show the new values without being built again, so that a slider stays in the hand.
  function refreshPanels() {
    const complete = same(shown.notes, terms);
    at("desk-moved-count").classList.toggle("awaited", !complete); // until then it is that of the change before
    document.querySelectorAll(".desk .panel[data-place]").forEach((panel) => {
      const node = data.nodes[Number(panel.dataset.place)];
      const value = panel.querySelector(":scope > .panel-value");
      panel.classList.toggle("overridden", Boolean(node.o));
      if (complete) panel.classList.remove("awaited");
      value.firstChild.textContent = node.v;
      value.querySelector(".range").textContent = node.r ? `${data.words.range} ${node.r}` : data.words.exact;
      panel.querySelectorAll(":scope > .panel-facts .inputs > li > .number").forEach((button) => {
        const below = data.nodes[Number(button.dataset.node)];
        button.querySelector(".value").textContent = below.v;
        const range = button.querySelector(".range");
        if (range) range.textContent = below.r || "";
        button.classList.toggle("moved", moved.has(Number(button.dataset.node)));
      });
      explainChange(panel);
      panel.querySelector(":scope > .change-form .back")?.toggleAttribute("hidden", !(name(panel) in terms.values));
    });
  }

  const name = (panel) => controls[panel.dataset.place]?.name;

  function settle() {
    window.clearTimeout(settling);
    window.history.replaceState(null, "", address(terms));
    at("desk-undo").disabled = past.length === 0 && same(settled, terms);
    settling = window.setTimeout(() => {
      record();
      settled = terms;
      at("desk-undo").disabled = past.length === 0;
    }, SETTLED);
  }

  function record() {
    if (same(settled, terms) || recorded === gesture) return;
    past.push(settled);
    recorded = gesture;
  }

  function withValue(key, text) {
    const values = { ...terms.values };
    if (text) values[key] = text;
    else delete values[key];
    return { ...terms, values };
  }

  // --- Changing a value: a slider and a field in the tree of every fact and assumption

  function digits(number) {
    return String(Number(number.toPrecision(4)));
  }

  function addControls(panel) {
    const control = controls[panel.dataset.place];
    if (!control || !panel.closest(".desk")) return;
    const form = make("form", "change-form");
    const field = make("input");
    const slider = make("input");
    const help = make("p", "muted", words.change_help.replace("{unit}", control.unit));
    const trouble = make("p", "problem");
    const buttons = make("div", "desk-buttons");
    const apply = make("button", "", words.apply);
    const back = make("button", "back", words.back);
    const label = make("label", "", words.change);
    field.id = `${panel.id}-value`;
    help.id = `${panel.id}-help`;
    label.htmlFor = field.id;
    field.value = terms.values[control.name] || written(control);
    field.setAttribute("aria-describedby", help.id);
    field.autocomplete = "off";
    field.maxLength = 100;
    slider.type = "range";
    slider.min = "0";
    slider.max = "1000";
    slider.step = "1";
    slider.setAttribute("aria-label", `${words.slider}: ${control.name}`);
    trouble.setAttribute("role", "alert");
    trouble.hidden = true;
    back.type = "button";
    back.hidden = !(control.name in terms.values);
    const start = { ...control }; // the values the slider scales
    slider.value = String(Math.round(1000 * toShare(start, start.middle)));
    const spoken = () => slider.setAttribute("aria-valuetext", `${field.value} ${control.unit}`);
    spoken();
    slider.addEventListener("focus", () => { gesture += 1; });
    slider.addEventListener("input", () => {
      field.value = moveTo(start, fromShare(start, Number(slider.value) / 1000));
      spoken();
      trouble.hidden = true;
      change(withValue(control.name, field.value), panel);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      trouble.hidden = true;
      gesture += 1;
      change(withValue(control.name, field.value.trim()), panel);
    });
    back.addEventListener("click", () => {
      gesture += 1;
      change(withValue(control.name, ""), panel);
      field.value = written(living.controls[panel.dataset.place] || start);
      slider.value = String(Math.round(1000 * toShare(start, start.middle)));
      field.focus();
    });
    buttons.append(apply, back);
    form.append(label, field, slider, help, trouble, buttons);
    panel.querySelector(".panel-value").after(form);
  }

  const written = (control) =>
    control.low === control.high
      ? digits(control.middle)
      : `${digits(control.low)},${digits(control.middle)},${digits(control.high)}`;

  function toShare(control, value) {
    const scale = control.logarithmic ? Math.log : (number) => number;
    return Math.min(1, Math.max(0, (scale(value) - scale(control.start)) / (scale(control.end) - scale(control.start))));
  }

  function fromShare(control, share) {
    if (!control.logarithmic) return control.start + share * (control.end - control.start);
    return Math.exp(Math.log(control.start) + share * Math.log(control.end / control.start));
  }

  // A range keeps its width as the slider moves it: in ratio above zero, in distance elsewhere.
  function moveTo(control, middle) {
    if (control.low === control.high) return digits(middle);
    const shifted = [control.low, control.middle, control.high].map((each) =>
      control.logarithmic ? (each * middle) / control.middle : each + middle - control.middle,
    );
    return shifted.map((each) => digits(Math.min(control.end, Math.max(control.start, each)))).join(",");
  }

  function complain(text, panel) {
    const place = panel?.querySelector?.(".change-form .problem");
    if (place) {
      place.textContent = text;
      place.hidden = false;
    } else {
      at("desk-status").textContent = text;
    }
  }

  // --- Why did this change: the way down from a number to the values that were set

  function explainChange(panel) {
    panel.querySelector(":scope > .why")?.remove();
    const place = Number(panel.dataset.place);
    if (!moved.has(place) || controls[place]?.name in terms.values) return;
    const way = pathDown(place);
    if (way.length < 2) return;
    const why = make("div", "why");
    const list = make("ol");
    way.slice(1).forEach((step) => {
      const item = make("li");
      item.append(make("span", "input-name", data.nodes[step].l), " ", numberButton(step));
      list.append(item);
    });
    why.append(make("p", "small-title", words.why), make("p", "muted", words.why_text), list);
    panel.querySelector(".panel-value").after(why);
  }

  function pathDown(start) {
    const from = new Map([[start, null]]);
    const waiting = [start];
    while (waiting.length) {
      const place = waiting.shift();
      if (place !== start && !(data.nodes[place].i || []).some((below) => moved.has(below))) {
        const way = [];
        for (let step = place; step !== null; step = from.get(step)) way.unshift(step);
        return way;
      }
      (data.nodes[place].i || []).filter((below) => moved.has(below) && !from.has(below)).forEach((below) => {
        from.set(below, place);
        waiting.push(below);
      });
    }
    return [];
  }

  // --- The desk: what is changed, what moved, and the ways back

  function showDesk(verdicts, asOf, shownAsOf) {
    const list = at("desk-changes");
    list.replaceChildren(
      ...Object.entries(terms.values).map(([key, text]) => {
        const item = make("li");
        const remove = make("button", "remove", "×");
        remove.type = "button";
        remove.setAttribute("aria-label", `${words.back}: ${key}`);
        remove.addEventListener("click", () => { gesture += 1; change(withValue(key, "")); });
        item.append(make("code", "", key), " = ", make("span", "", text), " ", remove);
        return item;
      }),
    );
    const changes = changeCount();
    at("desk-none").hidden = changes > 0;
    at("desk-reset").disabled = changes === 0;
    at("desk-count").textContent = changes ? String(changes) : "";
    if (verdicts.length) at("desk-moved").hidden = false;
    at("desk-verdicts").replaceChildren(
      ...verdicts.map((claim) => {
        const item = make("li");
        const link = make("a", "", claim.text);
        link.href = `#claim-${claim.id}`;
        item.append(link, " ", make("del", "was", claim.was), " ", make("span", "moved", claim.now));
        return item;
      }),
    );
    at("desk-day").value = String(dayNumber(asOf));
    at("desk-day-shown").textContent = shownAsOf;
    document.querySelectorAll(".languages a").forEach((each) => {
      const there = new URLSearchParams(query(terms));
      there.append("lang", each.hreflang);
      each.href = `${window.location.pathname}?${there}`;
    });
  }

  function showMoved({ places, verdicts }) {
    const told = words.moved_count
      .replace("{numbers}", String(places.length))
      .replace("{verdicts}", String(verdicts.length));
    at("desk-moved").hidden = places.length === 0 && verdicts.length === 0;
    at("desk-moved-count").textContent = told;
    at("desk-status").textContent = changeCount() ? told : "";
  }

  const changeCount = () =>
    Object.keys(terms.values).length + (terms.as_of && terms.as_of !== living.days.base ? 1 : 0);

  const dayNumber = (text) => Math.round((Date.parse(text) - Date.parse(living.days.first)) / DAY);
  const dayText = (number) => new Date(Date.parse(living.days.first) + number * DAY).toISOString().slice(0, 10);
  const dayShown = new Intl.DateTimeFormat(living.locale, { dateStyle: "medium", timeZone: "UTC" });

  const day = at("desk-day");
  day.min = "0";
  day.max = String(dayNumber(living.days.last));
  day.value = String(dayNumber(living.terms.as_of || living.days.base));
  const sayDay = () => {
    const text = dayShown.format(new Date(dayText(Number(day.value))));
    at("desk-day-shown").textContent = text;
    day.setAttribute("aria-valuetext", text);
  };
  day.addEventListener("input", sayDay);
  day.addEventListener("change", () => {
    gesture += 1;
    const text = dayText(Number(day.value));
    change({ ...terms, as_of: text === living.days.base ? "" : text });
  });

  at("desk-undo").addEventListener("click", () => {
    window.clearTimeout(settling);
    record();
    const before = past.pop();
    if (!before) return;
    gesture += 1;
    recorded = gesture;
    settled = before;
    change(before);
  });
  at("desk-reset").addEventListener("click", () => {
    gesture += 1;
    change({ ...terms, values: {}, as_of: "" });
  });
  at("desk-compare").addEventListener("click", (event) => {
    const on = event.currentTarget.getAttribute("aria-pressed") !== "true";
    event.currentTarget.setAttribute("aria-pressed", String(on));
    document.body.classList.toggle("alone", !on);
  });
  at("desk-link").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(window.location.origin + address(terms));
      at("desk-status").textContent = words.copied;
    } catch {
      at("desk-status").textContent = window.location.origin + address(terms);
    }
  });
  at("desk-toggle").addEventListener("click", (event) => {
    const on = event.currentTarget.getAttribute("aria-expanded") !== "true";
    setDesk(on);
  });
  function setDesk(on) {
    at("desk-toggle").setAttribute("aria-expanded", String(on));
    at("desk").classList.toggle("unfolded", on);
  }
  document.addEventListener("waterline:opened", ({ detail: panel }) => {
    if (!panel.closest(".desk")) return;
    setDesk(true);
    panel.classList.toggle("awaited", !same(shown.notes, terms));
    addControls(panel);
    explainChange(panel);
    at("desk-hint").hidden = true;
  });

  sayDay();
  showDesk(living.moved.verdicts, living.terms.as_of || living.days.base, at("desk-day-shown").textContent);
  showMoved(living.moved);
})();
