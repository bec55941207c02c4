// «Merk alle på siden»: shown here, since without JavaScript it could do nothing.

const all = document.querySelector("[data-mark-all]");
if (all) {
  const marks = [...document.querySelectorAll('input[form="mark"][name="oppgave"]')];
  const box = all.querySelector("input");
  all.hidden = marks.length === 0;
  box.addEventListener("change", () => {
    for (const mark of marks) mark.checked = box.checked;
  });
  document.addEventListener("change", (event) => {
    if (marks.includes(event.target)) box.checked = marks.every((mark) => mark.checked);
  });
}
