// The review page: letters and digits for those who have many proposals to go through, and the place in the
// minutes that belongs to the card in hand. Never a key for «Send». Off with data-shortcuts="off" on the body.

const smooth = matchMedia("(prefers-reduced-motion: no-preference)").matches ? "smooth" : "auto";
const CARD = ".card, .row";
let hovering = 0;

document.addEventListener("keydown", (event) => {
  const proposals = event.target.closest?.(".proposals");
  if (!proposals || document.body.dataset.shortcuts === "off" || event.repeat || event.isComposing) return;
  if (event.ctrlKey || event.metaKey || event.altKey || inField(event.target)) return;
  if (press(event.key.toLowerCase(), proposals, event.target.closest(CARD))) event.preventDefault();
});

// Focus marks the card and its place; hovering only shows the place.
document.addEventListener("focusin", (event) => {
  const card = cardOf(event.target);
  if (!card) return;
  for (const other of document.querySelectorAll(".card--current")) other.classList.remove("card--current");
  if (card.matches(".card")) card.classList.add("card--current");
  showPlace(card);
});
document.addEventListener("pointerover", (event) => {
  if (event.pointerType !== "mouse") return;
  const card = cardOf(event.target);
  clearTimeout(hovering);
  if (card) hovering = setTimeout(() => showPlace(card), 150);
});

// From a mark in the minutes to the card's heading, so that the keyboard goes on from there.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".mark__ref");
  const card = link && document.getElementById(link.hash.slice(1));
  if (card) setTimeout(() => focus(heading(card)));
});

function inField(element) {
  if (element.isContentEditable || element.matches("textarea, select")) return true;
  return element.matches("input") && !element.matches("[type=radio], [type=checkbox], [type=submit], [type=button]");
}

function press(key, proposals, card) {
  if (key === "j" || key === "k") return step(proposals, key === "j" ? 1 : -1);
  if (key === "?") return openShortcuts();
  if (/^[1-9]$/.test(key)) return choose(card, Number(key));
  if (key === "escape") return click(card?.querySelector('[data-key="escape"]'));
  if (!"gehvz".includes(key)) return false;
  const own = card?.querySelector(`[data-key="${key}"]`);
  return click(own ?? (key === "z" ? proposals.querySelector('[data-key="z"]') : null));
}

function step(proposals, by) {
  const cards = [...proposals.querySelectorAll("[data-card]")].filter((one) => one.getClientRects().length);
  if (!cards.length) return false;
  const active = document.activeElement;
  const here = cards.findIndex((one) => one === active || (one.closest(CARD) ?? one).contains(active));
  let next = here + by;
  if (here < 0) { // between cards: the first one after, or the last one before
    const after = cards.findIndex((one) => active.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
    next = by > 0 ? (after < 0 ? cards.length - 1 : after) : (after < 0 ? cards.length : after) - 1;
  }
  const card = cards[Math.min(Math.max(next, 0), cards.length - 1)];
  focus(heading(card));
  (card.closest(CARD) ?? card).scrollIntoView({ block: "nearest", behavior: smooth });
  return true;
}

function choose(card, number) {
  const choices = card?.querySelectorAll(".answer-line, .ds-chip");
  return click(choices?.[number - 1]);
}

function click(element) {
  if (!element) return false;
  element.click();
  return true;
}

function openShortcuts() {
  const list = document.getElementById("shortcuts");
  if (!list) return false;
  list.open = true;
  list.querySelector("summary").focus();
  return true;
}

function heading(card) {
  return card.matches("h2, h3, h4") ? card : (card.querySelector("h2, h3, h4") ?? card);
}

function focus(element) {
  if (!element.hasAttribute("tabindex")) element.tabIndex = -1;
  element.focus({ preventScroll: true });
}

function cardOf(element) {
  const card = element.closest?.(CARD);
  return card?.id && card.closest(".proposals") ? card : null;
}

// The marks of a card: #k-<card id>, and whatever it links to in the minutes.
function marksOf(card) {
  const links = [...card.querySelectorAll('a[href^="#k-"]')].map((link) => link.hash.slice(1));
  return [...new Set([`k-${card.id}`, ...links])].map((id) => document.getElementById(id)).filter(Boolean);
}

function showPlace(card) {
  const marks = marksOf(card);
  for (const other of document.querySelectorAll(".mark--current")) other.classList.remove("mark--current");
  if (!marks.length) return;
  for (const mark of marks) mark.classList.add("mark--current");
  const source = marks[0].closest(".source");
  if (!source || source.scrollHeight <= source.clientHeight) return; // not a pane of its own: leave the page still
  const [place, pane] = [marks[0].getBoundingClientRect(), source.getBoundingClientRect()];
  if (place.top > pane.top + 96 && place.bottom < pane.bottom - 24) return;
  source.scrollTo({ top: source.scrollTop + place.top - pane.top - pane.height / 3, behavior: smooth });
}
