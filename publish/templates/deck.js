"use strict";
// Until reveal.js is ready all slides are laid out, unseen: formulas and heights can be measured.

const width = 1280, height = 720, room = height - 24;

// A code cell can be cut between its code and what the code shows.
function pieces(cell) {
  const output = cell.querySelector(":scope > .output_wrapper");
  if (!output) return [cell];
  const rest = cell.cloneNode(false);
  rest.removeAttribute("id");
  rest.append(output);
  cell.after(rest);
  return [cell, rest];
}

// A slide that is too high goes on below; a single piece that is too high scrolls.
function cut(slide) {
  if (slide.scrollHeight <= height) return;
  let page = slide, used = 0;
  for (const part of [...slide.children].flatMap(pieces)) {
    const high = part.offsetHeight + parseFloat(getComputedStyle(part).marginBottom);
    if (used && used + high > room) {
      const next = document.createElement("section");
      page.after(next);
      page = next;
      used = 0;
    }
    if (page !== slide) page.append(part);
    used += high;
  }
}

const images = [...document.images].map((image) => image.decode().catch(() => {}));
Promise.all([MathJax.startup.promise, ...images]).then(() => {
  document.querySelectorAll(".slides > section > section").forEach(cut);
  Reveal.initialize({
    width, height, margin: 0.02, center: false, hash: true, transition: "none",
    slideNumber: "c/t", plugins: [RevealNotes],
  });
});
