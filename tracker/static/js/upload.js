// The drop zone: choose, drop or paste a file, see its name, and how far the sending has come.
// Without JavaScript the browser's own file control and a plain POST do the same.

const form = document.querySelector("form[data-upload]");
if (form) prepare(form);

function prepare(form) {
  const zone = form.querySelector("[data-drop]");
  const input = zone.querySelector("input[type=file]");

  input.addEventListener("change", () => show(form, zone, input));
  for (const kind of ["dragenter", "dragover"]) {
    zone.addEventListener(kind, (event) => {
      event.preventDefault();
      zone.classList.add("drop-zone--over");
    });
  }
  for (const kind of ["dragleave", "drop"]) {
    zone.addEventListener(kind, () => zone.classList.remove("drop-zone--over"));
  }
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    take(event.dataTransfer.files);
  });
  // A file beside the zone must not replace the page.
  for (const kind of ["dragover", "drop"]) window.addEventListener(kind, (event) => event.preventDefault());
  document.addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length) {
      event.preventDefault();
      take(event.clipboardData.files);
    }
  });
  form.addEventListener("submit", (event) => {
    if (form.dataset.sending !== undefined) {
      event.preventDefault();
      return;
    }
    if (!input.files.length) return; // pasted text: the plain POST is as good
    event.preventDefault();
    if (!tooBig(form, input)) send(form, event.submitter);
  });

  function take(files) {
    if (!files.length) return;
    const one = new DataTransfer();
    one.items.add(files[0]);
    input.files = one.files;
    show(form, zone, input);
    input.focus();
  }
}

function show(form, zone, input) {
  const name = zone.querySelector("[data-file-name]");
  const [file] = input.files;
  name.hidden = !file;
  name.textContent = file ? `${file.name} (${size(file.size)})` : "";
  progress(form).place.hidden = true;
  if (file) tooBig(form, input);
}

function size(bytes) {
  const number = (value) => value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
  return bytes < 1_000_000 ? `${number(Math.ceil(bytes / 1000))} kB` : `${number(bytes / 1_000_000)} MB`;
}

function progress(form) {
  const place = form.querySelector("[data-progress]");
  return { place, text: place.querySelector("[data-progress-text]"), bar: place.querySelector("progress") };
}

function tell(form, text, { bar = false } = {}) {
  const now = progress(form);
  now.place.hidden = false;
  now.bar.hidden = !bar;
  now.text.className = bar ? "" : "ds-validation-message";
  now.text.textContent = text;
}

function tooBig(form, input) {
  const big = input.files[0].size > Number(input.dataset.maxBytes);
  if (big) tell(form, progress(form).place.dataset.tooBig);
  return big;
}

function send(form, submitter) {
  const { place, bar, text } = progress(form);
  const request = new XMLHttpRequest();
  form.dataset.sending = "";
  tell(form, place.dataset.sending, { bar: true });
  bar.value = 0;
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total;
  });
  request.upload.addEventListener("load", () => {
    bar.removeAttribute("value"); // from here on nobody knows how long
    text.textContent = place.dataset.reading;
  });
  request.addEventListener("load", () => {
    delete form.dataset.sending;
    if (request.status < 400) location.assign(target(request));
    else refuse(form, request);
  });
  request.addEventListener("error", () => {
    delete form.dataset.sending;
    tell(form, place.dataset.offline);
  });
  request.open("POST", form.action);
  request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
  request.send(new FormData(form, submitter));
}

// A 303 has been followed already; an answer in JSON names the place itself.
function target(request) {
  if (!request.getResponseHeader("Content-Type")?.startsWith("application/json")) return request.responseURL;
  return JSON.parse(request.responseText).location;
}

// The answer is the page with its errors, or just the errors: they take the place of the old ones.
function refuse(form, request) {
  const answer = new DOMParser().parseFromString(request.responseText, "text/html");
  const errors = answer.querySelector("[data-errors]") ?? answer.querySelector(".ds-error-summary");
  const place = document.querySelector("[data-errors]");
  if (!errors || !place) {
    const said = answer.querySelector("main p, body p");
    tell(form, said?.textContent.trim() || progress(form).place.dataset.offline);
    return;
  }
  progress(form).place.hidden = true;
  place.replaceChildren(...(errors.matches("[data-errors]") ? errors.childNodes : [errors]));
  const summary = place.querySelector(".ds-error-summary") ?? place;
  summary.tabIndex = -1;
  summary.focus();
}
