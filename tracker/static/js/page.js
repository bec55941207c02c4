// On every page: menus that close, focus after an exchange, what to say when the service is out of reach.
// Everything works without it.

const message = document.getElementById("message");

function say(text) {
  if (!message) return;
  const line = document.createElement("p");
  line.className = "message--error";
  line.textContent = text;
  message.replaceChildren(line);
  message.scrollIntoView({ block: "nearest" });
}

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  if (event.target.closest("[data-print]")) {
    event.preventDefault(); // without JavaScript it is a link to the same page made for printing
    window.print();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details[data-menu][open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// The answer tells where to go on: one element with data-focus, usually the next card's heading.
document.addEventListener("htmx:after:swap", () => {
  const next = document.querySelector("[data-focus]");
  if (!next) return;
  next.removeAttribute("data-focus");
  if (!next.hasAttribute("tabindex")) next.tabIndex = -1;
  next.focus();
});

for (const trouble of ["htmx:error", "htmx:response:error"]) {
  document.addEventListener(trouble, (event) => {
    const status = event.detail?.ctx?.response?.raw?.status ?? event.detail?.ctx?.response?.status ?? 0;
    if (status < 400 || status >= 500) say(document.body.dataset.offline);
  });
}
