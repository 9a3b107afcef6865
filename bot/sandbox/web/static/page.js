// Fetches the page again when something has changed, and tells the server what one does. The server draws everything.

"use strict";

const place = () => document.body.dataset.path;
const find = (selector) => document.querySelector(selector);

// ---- drawing ---------------------------------------------------------------------------------------------------------

/** Make `from` equal to `to` and keep every element that stays, with its focus, what was entered and how far it is scrolled. */
function morph(from, to) {
  if (from.isEqualNode(to)) return;
  if (from.nodeType !== Node.ELEMENT_NODE) {
    from.data = to.data;
    return;
  }
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && name !== "open") from.removeAttribute(name);
  }
  for (const { name, value } of to.attributes) {
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  if (!from.hasAttribute("data-own")) morphChildren(from, to);
}

function morphChildren(from, to) {
  const wanted = new Set([...to.children].map((child) => child.id).filter(Boolean));
  for (const child of [...from.children]) {
    if (child.id && !wanted.has(child.id)) child.remove();
  }
  const named = new Map([...from.children].filter((child) => child.id).map((child) => [child.id, child]));
  let here = from.firstChild;
  for (const next of [...to.childNodes]) {
    const match = next.id ? named.get(next.id) : here && isAlike(here, next) && here;
    if (!match || match.nodeName !== next.nodeName) {
      from.insertBefore(document.importNode(next, true), here);
    } else {
      if (match === here) here = here.nextSibling;
      else from.insertBefore(match, here);
      morph(match, next);
    }
  }
  while (here) {
    const gone = here;
    here = here.nextSibling;
    gone.remove();
  }
}

const isAlike = (one, other) =>
  one.nodeType === other.nodeType && one.nodeName === other.nodeName && !one.id && one.name === other.name;

// ---- fetching --------------------------------------------------------------------------------------------------------

let isFetching = false;
let isStale = false;

async function refresh() {
  isStale = true;
  if (isFetching) return;
  isFetching = true;
  while (isStale) {
    isStale = false;
    try {
      await show(location.href);
    } catch {
      break; // the stream of changes says when the sandbox has stopped
    }
  }
  isFetching = false;
}

async function show(address) {
  const response = await fetch(address);
  if (!response.ok) return;
  const text = await response.text();
  if (new URL(address, location.href).href !== location.href) return; // one has gone elsewhere meanwhile
  const next = new DOMParser().parseFromString(text, "text/html");
  const isMoved = next.body.dataset.path !== place();
  const followed = isMoved ? [] : logs().filter(follows);
  const known = isMoved ? [] : logs();
  document.title = next.title;
  document.documentElement.lang = next.documentElement.lang;
  morph(document.body, next.body);
  showDialog();
  if (options.length) drawOptions();
  find(".show-channels").setAttribute("aria-expanded", String(areChannelsShown()));
  for (const log of logs()) {
    if (followed.includes(log) || !known.includes(log)) scrollToEnd(log);
  }
}

/** The messages of the channel, and those of the open thread. */
const logs = () => [...document.querySelectorAll("[role=log]")];

const ends = new WeakMap();

/** Whether one looks at the newest message, and hasn't scrolled away from it. */
const follows = (log) =>
  log.scrollHeight - log.scrollTop - log.clientHeight < 80 || Math.abs(log.scrollTop - ends.get(log)) < 2;

/** Scroll to the newest message: to its end, or to the beginning of one that is too long to be seen at once. */
function scrollToEnd(log) {
  const last = log.lastElementChild;
  const before = last.previousElementSibling;
  const top = (before?.matches(".typed") ? before : last).offsetTop - log.offsetTop;
  log.scrollTop = last.offsetHeight > log.clientHeight ? top : log.scrollHeight;
  ends.set(log, log.scrollTop);
}

async function go(address) {
  const before = place();
  notify("");
  history.pushState(null, "", address);
  try {
    await show(location.href);
  } catch {
    return notify(document.body.dataset.failed);
  }
  if (place() !== before) listen();
  (find("#panel .body") ?? find("#text"))?.focus({ preventScroll: true });
}

addEventListener("popstate", () => show(location.href).then(listen));

let changes = null;

function listen() {
  changes?.close();
  changes = new EventSource(`${place()}/changes`);
  changes.onmessage = ({ data }) => {
    notify("", true);
    if (data !== document.body.dataset.version) refresh();
  };
  changes.onerror = () => notify(document.body.dataset.stopped, true);
}

// ---- telling ---------------------------------------------------------------------------------------------------------

/** Return what the page is to do next; null if what one did was refused. */
async function tell(what, query = {}, body = null) {
  let done;
  try {
    const response = await fetch(`${place()}/${what}?${new URLSearchParams(query)}`, { method: "POST", body });
    done = await response.json();
  } catch {
    notify(document.body.dataset.failed);
    return null;
  }
  notify(done.problem || done.hint);
  if (done.opens) await go(done.opens);
  else refresh();
  return done.problem ? null : done;
}

let isAboutConnection = false;

function notify(text, aboutConnection = false) {
  if (!text && aboutConnection && !isAboutConnection) return;
  const dialog = find("dialog[open]");
  const notice = dialog?.querySelector(".problem") ?? find("#notice");
  if (notice) notice.textContent = text;
  if (!text) find("#notice").textContent = "";
  isAboutConnection = aboutConnection && Boolean(text);
}

// ---- messages and modals ---------------------------------------------------------------------------------------------

document.addEventListener("click", async (event) => {
  const target = event.target.closest("a[data-soft], button, summary");
  for (const menu of document.querySelectorAll("details.overflow[open]")) {
    if (!menu.contains(event.target) || target?.matches("a, [data-action]")) menu.open = false;
  }
  if (!target) return;
  const { dataset } = target;
  if (target.matches("a[data-soft]")) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    showChannels(false);
    await go(target.href);
  } else if (dataset.action !== undefined) await press(target);
  else if (dataset.shortcut) await busy(target, tell("shortcut", { ...whereIs(target), callback: dataset.shortcut }));
  else if (dataset.close !== undefined) closeDialog(target.closest("dialog"));
  else if (dataset.say) await busy(target, tell("say", {}, form({ text: dataset.say })));
  else if (dataset.sample !== undefined) await busy(target, tell("say", { sample: 1 }));
  else if (dataset.clock) await busy(target, tell("clock", { to: dataset.clock }));
  else if (dataset.language) await busy(target, tell("language", { to: dataset.language }));
  else if (target.matches(".show-channels")) showChannels(target.getAttribute("aria-expanded") === "false");
  else if (dataset.detach) detach(Number(dataset.detach));
});

document.addEventListener("change", async ({ target }) => {
  if (target.matches("[data-dispatch]") && target.value) await press(target, form({ [target.name]: target.value }));
  else if (target.matches(".attach input")) {
    attach(target.files);
    target.value = "";
  }
});

async function busy(element, work) {
  element.setAttribute("aria-busy", "true");
  const result = await work;
  element.removeAttribute("aria-busy");
  return result;
}

function form(fields) {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  return data;
}

function whereIs(element) {
  const view = element.closest("[data-view]");
  return view ? { view: view.dataset.view } : { ts: element.closest("[data-ts]").dataset.ts };
}

async function press(element, body = null, confirmed = {}) {
  const { action, block, value } = element.dataset;
  const query = { ...whereIs(element), action, block, ...(value === undefined ? {} : { value }), ...confirmed };
  await busy(element, tell("click", query, body).then((done) => done?.asks && ask(done.asks, element, body)));
}

/** Show the dialog in which a button asks first. It comes from the server. */
function ask(html, element, body) {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("role", "alertdialog");
  dialog.setAttribute("aria-labelledby", "confirm-title");
  dialog.append(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
  dialog.addEventListener("submit", () => press(element, body, { confirmed: 1 }));
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (element.isConnected) element.focus();
  });
  document.documentElement.append(dialog);
  dialog.showModal();
}

let opener = null;

function showDialog() {
  for (const dialog of document.querySelectorAll("dialog[data-view]:not([open])")) {
    opener ??= document.activeElement;
    dialog.showModal();
    const first = dialog.querySelector(".body :is(input, select, textarea, button, a, summary)");
    (first?.matches("input, select, textarea") ? first : dialog.querySelector(".body")).focus({ preventScroll: true });
  }
  if (!find("dialog[open]") && opener) {
    if (opener.isConnected) opener.focus();
    opener = null;
  }
}

function closeDialog(dialog) {
  if (dialog.dataset.view) tell("close", { view: dialog.dataset.view });
  else dialog.close();
}

// Escape. It doesn't bubble, so it is caught on its way down.
document.addEventListener("cancel", (event) => {
  if (!event.target.matches("dialog[data-view]")) return;
  event.preventDefault(); // the page shows no modal any more when the server has closed it
  closeDialog(event.target);
}, true);

document.addEventListener("submit", async (event) => {
  const dialog = event.target.closest("dialog[data-view]");
  if (dialog) {
    event.preventDefault();
    await busy(event.submitter ?? dialog, tell("submit", { view: dialog.dataset.view }, new FormData(event.target)));
  } else if (event.target.matches("#say, #reply")) {
    event.preventDefault();
    await send(event.target);
  }
});

const areChannelsShown = () => document.documentElement.classList.contains("channels-shown");

function showChannels(isShown) {
  document.documentElement.classList.toggle("channels-shown", isShown);
  find(".show-channels").setAttribute("aria-expanded", String(isShown));
  if (isShown) find("#channels a").focus();
}

// ---- the box to type into --------------------------------------------------------------------------------------------

const MENTION = "@Kickscale ";
let staged = [];

async function send(written) {
  const box = written.elements.text;
  const isMain = written.id === "say";
  const files = isMain ? staged : [];
  const text = box.value;
  if (!text.trim() && !files.length) return;
  const data = form({ text });
  for (const file of files) data.append("file", file);
  box.value = "";
  if (isMain) {
    staged = [];
    drawStaged();
    hideOptions();
  }
  scrollToEnd(written.closest("main, aside").querySelector("[role=log]"));
  const query = written.dataset.thread ? { thread: written.dataset.thread } : {};
  const told = await busy(written, tell("say", query, data));
  if (told === null && !box.value) {
    box.value = text; // nothing that was typed is lost
    if (isMain && !staged.length) staged = files;
    drawStaged();
  }
}

function attach(files) {
  const box = find("#text");
  if (!box || !files.length) return;
  staged.push(...files);
  if (!box.value && !place().endsWith("/kickscale")) box.value = MENTION;
  drawStaged();
  box.focus();
}

function detach(number) {
  staged.splice(number, 1);
  if (!staged.length && find("#text").value === MENTION) find("#text").value = "";
  drawStaged();
  find("#text").focus();
}

function drawStaged() {
  const list = find("#staged");
  list.replaceChildren(
    ...staged.map((file, number) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      item.textContent = file.name;
      button.type = "button";
      button.textContent = "✕";
      button.dataset.detach = number;
      button.setAttribute("aria-label", list.dataset.detach.replace("{name}", file.name));
      item.append(button);
      return item;
    }),
  );
}

for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    const isOver = kind === "dragenter" || kind === "dragover";
    document.documentElement.classList.toggle("dropping", isOver);
    if (kind === "drop") attach(event.dataTransfer.files);
  });
}

document.addEventListener("paste", (event) => {
  if (event.target.id === "text") attach(event.clipboardData.files);
});

// ---- suggestions: https://www.w3.org/WAI/ARIA/apg/patterns/combobox/ ------------------------------------------------

let options = [];
let chosen = -1;
let asked = 0;

document.addEventListener("input", async ({ target }) => {
  if (target.id !== "text") return;
  const number = ++asked;
  if (!target.value.startsWith("/")) return hideOptions();
  const response = await fetch(`${place()}/suggestions?${new URLSearchParams({ text: target.value })}`).catch(() => null);
  if (!response?.ok || number !== asked) return;
  options = await response.json();
  chosen = -1;
  drawOptions();
});

function hideOptions() {
  asked++;
  options = [];
  drawOptions();
}

function drawOptions() {
  const list = find("#options");
  const box = find("#text");
  list.hidden = !options.length;
  list.replaceChildren(
    ...options.map(({ label, note }, number) => {
      const item = document.createElement("li");
      const name = document.createElement("strong");
      const more = document.createElement("span");
      item.id = `option-${number}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(number === chosen));
      name.textContent = label;
      more.textContent = note;
      item.append(name, more);
      return item;
    }),
  );
  box.setAttribute("aria-expanded", String(options.length > 0));
  if (chosen >= 0) {
    box.setAttribute("aria-activedescendant", `option-${chosen}`);
    list.children[chosen].scrollIntoView({ block: "nearest" });
  } else box.removeAttribute("aria-activedescendant");
}

function take(number) {
  const box = find("#text");
  box.value = options[number].line;
  box.focus();
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("mousedown", (event) => {
  const item = event.target.closest("#options li");
  if (!item) return;
  event.preventDefault();
  take([...item.parentElement.children].indexOf(item));
});

document.addEventListener("keydown", (event) => {
  const box = event.target;
  if (event.key === "Escape" && areChannelsShown()) {
    showChannels(false);
    find(".show-channels").focus();
  }
  const menu = box.closest("details.overflow[open]");
  if (event.key === "Escape" && menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  if (!box.matches("#text, #reply textarea")) return;
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (box.id === "text" && options.length) {
    if (event.key in steps) {
      event.preventDefault();
      chosen = chosen < 0 && steps[event.key] < 0 ? options.length - 1 : (chosen + steps[event.key]) % options.length;
      return drawOptions();
    }
    if (event.key === "Escape") return hideOptions();
    if (event.key === "Tab" && !event.shiftKey && chosen >= 0) {
      event.preventDefault();
      return take(chosen);
    }
    if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      return take(chosen);
    }
  }
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    box.form.requestSubmit();
  }
});

document.addEventListener("focusout", ({ target }) => {
  if (target.id === "text") hideOptions();
});

logs().forEach(scrollToEnd);
showDialog();
listen();
if (matchMedia("(hover: hover)").matches) find("#text")?.focus();
