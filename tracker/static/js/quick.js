// The box for a new task on every page: «N», or the button. It shows what the line comes to while it is typed.
// Without JavaScript the button leads to a page that does the same in two steps.

const box = document.getElementById("quick");
const field = box?.querySelector("#quick-line");
const place = box?.querySelector("[data-proposal]");
const status = box?.querySelector("[data-status]");
let waiting = 0;
let asking = null;

function open() {
  if (!box || box.open) return;
  box.showModal(); // the browser keeps the focus inside, closes on Esc, and puts the focus back afterwards
  field.focus();
}

async function propose() {
  asking?.abort();
  const line = field.value.trim();
  if (!line) {
    place.replaceChildren();
    status.textContent = "";
    return;
  }
  asking = new AbortController();
  const chosen = new URLSearchParams(new FormData(box.querySelector("form")));
  chosen.delete("csrf_token");
  try {
    const answer = await fetch(`${box.dataset.address}?${chosen}`, { signal: asking.signal });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    place.innerHTML = await answer.text();
    status.textContent = place.querySelector("[data-said]")?.dataset.said ?? "";
  } catch (fault) {
    if (fault.name !== "AbortError") status.textContent = document.body.dataset.offline;
  }
}

if (box) {
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-quick]")) {
      event.preventDefault();
      open();
    }
    if (event.target.closest("[data-quick-close]")) box.close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "n" || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
    if (document.body.dataset.shortcuts === "off" || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    event.preventDefault();
    open();
  });
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(propose, 200);
  });
  place.addEventListener("change", (event) => {
    if (event.target.name === "organ") propose(); // another body has other people and meetings
  });
}
