// What every page does beside being read. All of it can be done without.

/** Puts a button beside an IRI that copies it. */
function offerToCopy(code) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-label", "Copy the IRI");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  code.after(" ", button); // or the last word and the button were one
}

if (navigator.clipboard) document.querySelectorAll(".iri code").forEach(offerToCopy);

// Search: "/" leads to the box; the rest is loaded when the box is first used.
const box = document.querySelector("#q");

if (box) {
  const { search } = box.form.dataset;
  let loaded;
  const load = () => (loaded ??= import("./search.js").then(({ attach }) => attach(box)));
  box.addEventListener("focus", load, { once: true });
  if (document.activeElement === box || search === "page") load();
  document.addEventListener("keydown", (event) => {
    const writing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || writing) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
}
