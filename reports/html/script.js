"use strict";

// Filters: each area holds one form and one table. Fields named after a data attribute of the rows must match it;
// every word of the field "find" must occur in the row.
for (const area of document.querySelectorAll("[data-filtered]")) {
  const form = area.querySelector("form");
  const shown = form.querySelector("output");
  const rows = Array.from(area.querySelector("tbody").rows);
  const nothing = document.createElement("p");
  nothing.className = "none";
  nothing.textContent = "Nothing matches.";
  let texts = null;
  let due = 0;

  const apply = () => {
    due = 0;
    // Read once, and only when somebody filters: it takes a moment with thousands of rows.
    texts ??= rows.map((row) => ((row.dataset.also ?? "") + " " + row.textContent).toLowerCase());
    const data = new FormData(form);
    const words = String(data.get("find") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    const facets = [...new Set(data.keys())]
      .filter((name) => name !== "find")
      .map((name) => [name, data.getAll(name).filter(Boolean)])
      .filter(([, chosen]) => chosen.length > 0);
    let count = 0;
    rows.forEach((row, index) => {
      const matches =
        facets.every(([name, chosen]) => chosen.includes(row.dataset[name])) &&
        words.every((word) => texts[index].includes(word));
      if (row.hidden === matches) row.hidden = !matches;
      if (matches) count += 1;
    });
    const all = words.length === 0 && facets.length === 0;
    shown.textContent = all ? "" : `${count} of ${rows.length}`;
    nothing.hidden = count > 0;
  };

  nothing.hidden = true;
  area.append(nothing);
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    due ||= requestAnimationFrame(apply);
  });
  // A browser that restores a page restores its fields, too.
  addEventListener("pageshow", apply);
}

// The number of a requirement's cases leads to them.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-find]");
  const field = document.querySelector("#cases [name=find]");
  if (!link || !field) return;
  field.form.reset();
  field.value = link.dataset.find;
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

// A link to what is folded, or within it, unfolds it.
const unfold = () => {
  const target = document.getElementById(location.hash.slice(1));
  let folded = 0;
  for (let element = target; element; element = element.parentElement) {
    if (!(element instanceof HTMLDetailsElement) || element.open) continue;
    element.open = true;
    folded += 1;
  }
  if (folded > 0) target.scrollIntoView();
};
addEventListener("hashchange", unfold);
unfold();

for (const button of document.querySelectorAll("button.copy")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const code = button.parentElement.querySelector("code");
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      // Without the right to write to the clipboard the line is selected instead.
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
    setTimeout(() => (button.textContent = "Copy"), 1500);
  });
}
