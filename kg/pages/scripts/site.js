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
  code.after(button);
}

if (navigator.clipboard) document.querySelectorAll(".iri code").forEach(offerToCopy);
