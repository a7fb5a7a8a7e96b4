"use strict";
// The search: the index is a script, because a page that is opened as a file may not fetch one.

const field = document.getElementById("search");
const list = document.getElementById("found");
const most = 20, around = 70;

function load() {
  if (load.begun) return;
  load.begun = true;
  const script = document.createElement("script");
  script.src = "search-index.js";
  script.addEventListener("load", show);
  document.head.append(script);
}

// How well a section answers: words in headings count more; zero if one word is missing.
function score(section, words) {
  const heading = `${section.heading} ${section.lecture}`.toLowerCase();
  const text = section.text.toLowerCase();
  let sum = 0;
  for (const word of words) {
    const times = Math.min(text.split(word).length - 1, 9);
    const inHeading = heading.includes(word);
    if (!times && !inHeading) return 0;
    sum += times + 20 * inHeading;
  }
  return sum;
}

// The text around the first word found, which is marked.
function excerpt(text, words) {
  const low = text.toLowerCase();
  const word = words.find((each) => low.includes(each));
  const line = document.createElement("small");
  if (word === undefined) return line;
  const at = low.indexOf(word), from = Math.max(0, at - around);
  const mark = document.createElement("mark");
  mark.textContent = text.slice(at, at + word.length);
  line.append(from ? "…" : "", text.slice(from, at), mark,
              text.slice(at + word.length, at + word.length + around), "…");
  return line;
}

function item(section, words) {
  const entry = document.createElement("li"), link = document.createElement("a");
  link.href = section.page + (section.anchor ? "#" + encodeURIComponent(section.anchor) : "");
  const heading = document.createElement("b"), lecture = document.createElement("span");
  heading.textContent = section.heading;
  lecture.textContent = section.lecture;
  link.append(heading, lecture, excerpt(section.text, words));
  link.addEventListener("click", () => { list.hidden = true; });
  entry.append(link);
  return entry;
}

function show() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  list.hidden = !words.length || !window.sections;
  if (list.hidden) return;
  const found = window.sections
    .map((section) => [score(section, words), section])
    .filter(([points]) => points > 0)
    .sort((one, other) => other[0] - one[0])
    .slice(0, most);
  list.replaceChildren(...found.map(([, section]) => item(section, words)));
  if (!found.length) list.append(field.parentElement.dataset.nothing);
}

field.addEventListener("focus", load);
field.addEventListener("input", () => { load(); show(); });
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter") list.querySelector("a")?.click();
  if (event.key === "ArrowDown") { event.preventDefault(); list.querySelector("a")?.focus(); }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") list.hidden = true;
  if (event.key === "/" && document.activeElement !== field) {
    event.preventDefault();
    field.focus();
  }
});
document.addEventListener("click", (event) => {
  if (!field.parentElement.contains(event.target)) list.hidden = true;
});
if (window.matchMedia("(max-width: 70rem)").matches) {
  document.querySelector(".contents details")?.removeAttribute("open");
}
