// Everything but passkeys works without this file. With it: what is typed is kept while it is typed, a page with
// unsaved words asks before it goes, what is done is ticked off in place, Ctrl+K finds, and nobody
// is signed out unawares.
"use strict";

const KEEP_EVERY = 15000;
const WARN_BEFORE = 120000;
const dirty = new Set();

// One line at the foot of the window, which screen readers read when they have finished.
const line = document.createElement("p");
line.className = "app-status";
line.setAttribute("role", "status");
document.body.append(line);
const tell = (words) => { line.textContent = words; };

const wordsOf = (form) => new URLSearchParams(new FormData(form));
const send = (address, form) => fetch(address, { method: "POST", body: wordsOf(form) });

// What is half written.
async function keep(form) {
  dirty.delete(form);
  try {
    const answer = await send(form.dataset.draft, form);
    if (!answer.ok || answer.redirected) throw new Error();
    tell(await answer.text());
    stay();
  } catch {
    dirty.add(form);
    tell("Not kept yet. It is tried again.");
  }
}

addEventListener("input", (event) => {
  const form = event.target.closest("form[data-draft]");
  if (form) dirty.add(form);
});
setInterval(() => [...dirty].forEach(keep), KEEP_EVERY);
addEventListener("beforeunload", (event) => { if (dirty.size) event.preventDefault(); });

// What is done with one click. The answer is the page itself, so every count on it is right.
const here = window.trustedTypes
  ? window.trustedTypes.createPolicy("tracker", { createHTML: (words) => words })
  : { createHTML: (words) => words };
const buttons = () => [...document.querySelectorAll("form[data-in-place] button")];

async function done(form) {
  if (form.dataset.sent) return;
  form.dataset.sent = "yes";
  const place = buttons().indexOf(form.querySelector("button"));
  try {
    const answer = await send(form.action, form);
    if (!answer.ok) throw new Error();
    if (new URL(answer.url).pathname !== location.pathname) return location.assign(answer.url);
    const page = new DOMParser().parseFromString(here.createHTML(await answer.text()), "text/html");
    document.querySelector("main").replaceWith(page.querySelector("main"));
    tell(document.querySelector(".app-flash p")?.textContent ?? "");
    (buttons()[place] ?? buttons()[place - 1] ?? document.querySelector("main")).focus();
    stay();
  } catch {
    form.submit();
  }
}

// A double click is one Done: by its second half the next row may have come to lie there.
addEventListener("click", (event) => {
  if (event.detail > 1 && event.target.closest("form[data-in-place]")) event.preventDefault();
});

addEventListener("submit", (event) => {
  dirty.delete(event.target);
  if ("inPlace" in event.target.dataset && !dirty.size) {
    event.preventDefault();
    done(event.target);
  }
});

addEventListener("keydown", (event) => {
  const find = document.getElementById("find");
  if (find && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    find.focus();
  }
});

// Two minutes before the sign-in is over. Anything that the tracker answers makes it last again.
const until = document.querySelector("[data-lasts]");
const warning = document.createElement("dialog");
let timer;

function stay() {
  clearTimeout(timer);
  warning.close();
  if (until) timer = setTimeout(() => warning.showModal(), until.dataset.lasts * 1000 - WARN_BEFORE);
}

if (until) {
  const words = document.createElement("h2");
  words.id = "warning";
  words.textContent = "You will be signed out in 2 minutes";
  const button = document.createElement("button");
  button.className = "app-btn app-btn--primary";
  button.textContent = "Stay signed in";
  button.addEventListener("click", async () => {
    await fetch("/", { redirect: "manual" });
    stay();
  });
  warning.className = "app-dialog";
  warning.setAttribute("aria-labelledby", words.id);
  warning.append(words, button);
  document.body.append(warning);
  stay();
}

// Passkeys. The form is shown only where this browser can use them.
const passkeys = window.PublicKeyCredential?.parseRequestOptionsFromJSON;
const parts = {
  get: (asked) => ({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) }),
  create: (asked) => ({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) }),
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.hidden = !passkeys;
  form.previousElementSibling.hidden = Boolean(passkeys);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { name } = form.elements;
    if (name && !name.value.trim()) return form.submit(); // the answer says what is missing
    const kind = form.dataset.passkey;
    try {
      const found = await navigator.credentials[kind](parts[kind](JSON.parse(form.dataset.options)));
      form.elements.answer.value = JSON.stringify(found);
      form.submit();
    } catch {
      tell("That did not work. Try once more, or use another way.");
    }
  });
}
