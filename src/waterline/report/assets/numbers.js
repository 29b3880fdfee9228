// Every number opens in place to where it comes from. Without this script the numbers are links to the notes.
(() => {
  "use strict";
  const data = JSON.parse(document.getElementById("waterline-data").textContent);
  const words = data.words;
  const openedBy = new WeakMap(); // panel → the number that opened it
  const OPENING = /[（「『“‘(]$/;
  const CLOSING = /^[，。；：、！？）」』”’,.;:!?)]+/;
  let panels = 0;

  function make(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  // A link in HTML becomes a real button; inside a drawing it stays a link that behaves as one.
  function upgrade(link) {
    let trigger = link;
    if (link instanceof HTMLElement) {
      trigger = make("button", link.className);
      trigger.type = "button";
      trigger.dataset.node = link.dataset.node;
      trigger.dataset.note = link.dataset.note;
      trigger.append(...link.childNodes);
      link.replaceWith(trigger);
      keepPunctuation(trigger);
    } else {
      trigger.setAttribute("role", "button");
      trigger.setAttribute("tabindex", "0");
      const name = data.nodes[Number(link.dataset.node)].l;
      trigger.setAttribute("aria-label", `${name} ${trigger.textContent.trim()}`);
    }
    trigger.setAttribute("aria-expanded", "false");
    return trigger;
  }

  // A line may break between a button and the punctuation beside it, which it may not between two letters.
  function keepPunctuation(trigger) {
    const whole = trigger.parentElement.matches(".moved") ? trigger.parentElement : trigger;
    const { previousSibling: before, nextSibling: after } = whole;
    const opens = before instanceof Text && OPENING.test(before.data);
    const closes = after instanceof Text ? CLOSING.exec(after.data) : null;
    if (after instanceof Element || trigger.nextSibling instanceof Element || (!opens && !closes)) return;
    const kept = make("span", "kept");
    whole.replaceWith(kept);
    kept.append(opens ? before.data.slice(-1) : "", whole, closes ? closes[0] : "");
    if (opens) before.data = before.data.slice(0, -1);
    if (closes) after.data = after.data.slice(closes[0].length);
  }

  function numberButton(place) {
    const node = data.nodes[place];
    const trigger = make("button", node.k === "assumption" ? "number assumed" : "number");
    trigger.type = "button";
    trigger.dataset.node = String(place);
    trigger.setAttribute("aria-expanded", "false");
    trigger.append(make("span", "value", node.v));
    if (node.r) trigger.append(" ", make("span", "range", node.r));
    return trigger;
  }

  function labelled(node, name, className) {
    const made = make(name, className, node.l);
    if (node.g) made.lang = node.g;
    return made;
  }

  function row(list, kind, term, ...content) {
    const line = make("div", `of-${kind}`);
    const value = make("dd");
    value.append(...content);
    line.append(make("dt", "", term), value);
    list.append(line);
  }

  function sourceItem([place, stated, valid]) {
    const [title, publisher, address, known, trust] = data.sources[place];
    const item = make("li");
    const heading = make(address ? "a" : "cite", "source", title || address);
    if (address) {
      heading.href = address;
      heading.rel = "noopener noreferrer nofollow";
      heading.target = "_blank";
    }
    item.append(heading);
    const about = [publisher, known && `${words.known} ${known}`, valid && `${words.valid} ${valid}`];
    item.append(" ", make("span", "about", about.filter(Boolean).join(" · ")));
    if (trust) {
      const grade = make("span", `trust trust-${trust}`, `${words.trust} ${trust}`);
      const meaning = words[`trust_${trust}`];
      item.append(" ", grade);
      if (meaning) item.append(make("span", "about", ` ${meaning}`));
    }
    if (stated) item.append(" ", make("span", "about", `${words.stated} `), make("q", "", stated));
    return item;
  }

  function inputItem(place) {
    const node = data.nodes[place];
    const item = make("li");
    item.append(labelled(node, "span", "input-name"), " ", numberButton(place));
    if (node.k === "assumption") item.append(" ", make("span", "badge", node.o ? words.chosen : words.assumption));
    return item;
  }

  function buildPanel(place) {
    const node = data.nodes[place];
    const panel = make("section", `panel ${node.k}${node.o ? " overridden" : ""}`);
    panel.id = `panel-${(panels += 1)}`;
    panel.tabIndex = -1;
    panel.setAttribute("role", "region");
    panel.setAttribute("aria-label", `${words.region}: ${node.l}`);
    const head = make("div", "panel-head");
    const close = make("button", "close", "×");
    close.type = "button";
    close.setAttribute("aria-label", words.close);
    head.append(labelled(node, "strong", "panel-name"), close);
    if (node.k === "assumption") head.prepend(make("span", "badge", node.o ? words.chosen : words.assumption));
    const list = make("dl", "panel-facts");
    const value = make("p", "panel-value", node.v);
    value.append(" ", make("span", "range", node.r ? `${words.range} ${node.r}` : words.exact));
    panel.append(head, value);
    if (node.f) row(list, "formula", words.formula, make("code", "", node.f));
    if (node.u) row(list, "unit", words.unit, make("span", "", node.u));
    if (node.a) row(list, "reason", words.reason, make("span", "", node.a));
    if (node.i) {
      const inputs = make("ul", "inputs");
      inputs.append(...node.i.map(inputItem));
      row(list, "inputs", words.inputs, inputs);
    }
    if (node.s) {
      const sources = make("ul", "source-list");
      sources.append(...node.s.map(sourceItem));
      row(list, "sources", words.sources, sources);
    }
    panel.append(list, make("p", "panel-id", node.c));
    return panel;
  }

  // Below the block that the number stands in: a row in a table, an entry in a list, a paragraph, a figure.
  function placePanel(trigger, panel) {
    const line = trigger.closest("tr");
    const item = trigger.closest("li");
    if (line && !(item && line.contains(item))) {
      const extra = make("tr", "panel-row");
      const cell = make("td");
      cell.colSpan = [...line.cells].reduce((sum, each) => sum + each.colSpan, 0);
      cell.append(panel);
      extra.append(cell);
      let last = line;
      while (last.nextElementSibling?.classList.contains("panel-row")) last = last.nextElementSibling;
      last.after(extra);
    } else if (item) {
      item.append(panel);
    } else {
      (trigger.closest("svg, p, h1, h2, h3, dd, blockquote, figcaption") || trigger).after(panel);
    }
  }

  // A living page has a desk beside the text: there a number's tree opens, and takes the place of the one before.
  const desk = document.getElementById("desk-number");

  function open(trigger) {
    const panel = buildPanel(Number(trigger.dataset.node));
    panel.dataset.place = trigger.dataset.node;
    if (desk && !desk.contains(trigger)) {
      [...desk.querySelectorAll(":scope > .panel")].forEach(forget);
      desk.append(panel);
    } else {
      placePanel(trigger, panel);
    }
    openedBy.set(panel, trigger);
    trigger.setAttribute("aria-expanded", "true");
    trigger.setAttribute("aria-controls", panel.id);
    document.dispatchEvent(new CustomEvent("waterline:opened", { detail: panel }));
    panel.focus({ preventScroll: true });
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    panel.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
  }

  function forget(panel) {
    openedBy.get(panel)?.setAttribute("aria-expanded", "false");
    openedBy.get(panel)?.removeAttribute("aria-controls");
    panel.remove();
  }

  function close(panel) {
    panel.querySelectorAll(".panel").forEach((inner) => openedBy.delete(inner));
    const trigger = openedBy.get(panel);
    (panel.closest("tr.panel-row") && panel.parentElement.childElementCount === 1 && panel.parentElement.tagName === "TD"
      ? panel.closest("tr.panel-row")
      : panel
    ).remove();
    trigger.setAttribute("aria-expanded", "false");
    trigger.removeAttribute("aria-controls");
    (trigger.isConnected ? trigger : document.querySelector(`.number[data-node="${trigger.dataset.node}"]`))?.focus({
      preventScroll: true,
    });
  }

  function toggle(trigger) {
    const panel = document.getElementById(trigger.getAttribute("aria-controls") || "");
    if (panel) close(panel);
    else open(trigger);
  }

  // For scripts of a living page: the data behind the numbers, and what makes buttons of new links.
  function upgradeAll(root) {
    root.querySelectorAll("a.number").forEach((link) => {
      const trigger = upgrade(link);
      const panel = [...document.querySelectorAll(".panel[data-place]")].find(
        (each) => each.dataset.place === trigger.dataset.node && !openedBy.get(each)?.isConnected,
      );
      if (panel) {
        openedBy.set(panel, trigger);
        trigger.setAttribute("aria-expanded", "true");
        trigger.setAttribute("aria-controls", panel.id);
      }
    });
  }
  window.waterline = { data, make, numberButton, upgradeAll };
  upgradeAll(document);
  document.addEventListener("click", (event) => {
    const closer = event.target.closest(".panel .close");
    const trigger = event.target.closest(".number[data-node]");
    if (closer) close(closer.closest(".panel"));
    else if (trigger) {
      event.preventDefault();
      toggle(trigger);
    }
  });
  document.addEventListener("keydown", (event) => {
    const trigger = event.target.closest?.("a.number[role=button]");
    if (trigger && (event.key === " " || event.key === "Enter")) {
      event.preventDefault();
      toggle(trigger);
    }
    if (event.key !== "Escape") return;
    const within = event.target.closest?.(".panel");
    const opened = event.target.closest?.(".number[aria-controls]");
    const panel = opened ? document.getElementById(opened.getAttribute("aria-controls")) : within;
    if (panel) close(panel);
  });

  // On paper nothing can be opened, so the notes are printed in full.
  const notes = document.getElementById("all-numbers");
  let wasOpen = false;
  window.addEventListener("beforeprint", () => {
    wasOpen = notes.open;
    notes.open = true;
  });
  window.addEventListener("afterprint", () => {
    notes.open = wasOpen;
  });
  function openNotesFor(address) {
    const target = /^#n\d+$/.test(address) && document.getElementById(address.slice(1));
    if (target) notes.open = true;
    return target;
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#n']:not(.number)");
    if (link) openNotesFor(link.getAttribute("href"));
  });
  openNotesFor(window.location.hash)?.scrollIntoView?.();
})();
