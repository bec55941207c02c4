// The copy button of a .copy-field: hidden in the page, shown here. Without JavaScript the field is selected by hand.

for (const place of document.querySelectorAll("[data-copy]")) {
  const field = place.querySelector("input");
  const button = place.querySelector("[data-copy-button]");
  const answer = place.querySelector("output");
  button.hidden = false;
  field.addEventListener("focus", () => field.select());
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.select(); // no permission, or not https: the selection can be copied with the keyboard
      if (!document.execCommand("copy")) return;
    }
    answer.textContent = button.dataset.copied;
  });
}
