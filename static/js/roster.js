// Every page works without this file. It is loaded in the head, not deferred: the class below decides what is laid out, so that nothing jumps.
document.documentElement.classList.add("js");

document.addEventListener("DOMContentLoaded", () => {
  "use strict";

  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  const announcer = document.createElement("div");
  announcer.className = "visually-hidden";
  announcer.setAttribute("role", "log");
  announcer.setAttribute("aria-live", "polite");
  document.body.append(announcer);

  function announce(words) {
    const line = document.createElement("p");
    line.textContent = words;
    announcer.replaceChildren(line);
  }

  // Screen readers read a live region only when it changes, so the message is laid in again after loading.
  setTimeout(() => {
    for (const text of all("[data-flash]")) text.replaceChildren(...text.childNodes);
  }, 200);

  // Copying

  const stillCopied = new WeakMap();

  async function copy(button) {
    const source = button.dataset.copy ? document.querySelector(button.dataset.copy) : null;
    const text = source ? source.value ?? source.textContent : button.dataset.copyText;
    if (!text) return;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      if (!source?.select) return announce("Could not copy");
      source.select();
      if (!document.execCommand("copy")) return announce("Could not copy");
    }
    announce("Copied");
    const words = button.querySelector("[data-copy-words]") ?? button;
    const earlier = stillCopied.get(button);
    const label = earlier ? earlier.label : words.textContent;
    if (earlier) clearTimeout(earlier.timer);
    words.textContent = "Copied";
    const timer = setTimeout(() => {
      words.textContent = label;
      stillCopied.delete(button);
    }, 1600);
    stillCopied.set(button, { label, timer });
  }

  for (const button of all("[data-copy], [data-copy-text]")) button.hidden = false;

  // Menus

  const menus = () => all("details.menu[open], details.switcher[open]");

  function close(menu, refocus) {
    menu.open = false;
    if (refocus) menu.querySelector("summary").focus();
  }

  document.addEventListener("toggle", ({ target: menu }) => {
    if (!menu.matches?.("details.menu, details.switcher")) return;
    menu.querySelector("summary").setAttribute("aria-expanded", String(menu.open));
    menu.classList.remove("up");
    if (!menu.open) return;
    for (const other of menus()) if (other !== menu && !other.contains(menu)) close(other);
    const items = menu.querySelector(".menu-items");
    const box = items.getBoundingClientRect();
    if (box.bottom > innerHeight && menu.getBoundingClientRect().top > box.height + 8) menu.classList.add("up");
    items.querySelector("[data-filter]")?.focus();
  }, true);

  for (const summary of all("details.menu > summary, details.switcher > summary")) {
    summary.setAttribute("aria-expanded", String(summary.parentElement.open));
  }

  // Choosing rows

  function scope(box) {
    return box.closest("table, fieldset") ?? document;
  }

  function boxes(root) {
    return all("input[type=checkbox]:not([data-select-all]):not(:disabled)", root)
      .filter((box) => root.tagName !== "TABLE" || box.closest(".cell-select"));
  }

  function count() {
    for (const master of all("[data-select-all]")) {
      const list = boxes(scope(master));
      const chosen = list.filter((box) => box.checked).length;
      master.checked = chosen > 0 && chosen === list.length;
      master.indeterminate = chosen > 0 && chosen < list.length;
    }
    for (const place of all("[data-selected]")) {
      const form = place.dataset.selected;
      const chosen = all(".cell-select input:checked").filter((box) => !box.matches("[data-select-all]") && box.getAttribute("form") === form).length;
      place.textContent = `${chosen} selected`;
    }
  }

  // Confirmations

  async function ask(link) {
    const leave = () => location.assign(link.href);
    try {
      const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) return leave();
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const form = page.querySelector("[data-confirm]");
      const heading = page.querySelector("h1");
      if (!form || !heading) return leave();

      const dialog = document.createElement("dialog");
      dialog.className = "dialog";
      dialog.setAttribute("aria-labelledby", "dialog-title");
      const title = document.createElement("h2");
      title.id = "dialog-title";
      title.textContent = heading.textContent.trim();
      dialog.append(title, document.adoptNode(form));
      dialog.addEventListener("close", () => {
        dialog.remove();
        link.closest("details.menu")?.querySelector("summary").focus() ?? link.focus();
      });
      dialog.addEventListener("click", (event) => {
        if (event.target === dialog || event.target.closest("[data-cancel]")) {
          event.preventDefault();
          dialog.close();
        }
      });
      document.body.append(dialog);
      for (const menu of menus()) close(menu);
      dialog.showModal();
      dialog.querySelector("[data-cancel]")?.focus();
    } catch {
      leave();
    }
  }

  // One listener each

  document.addEventListener("click", (event) => {
    for (const menu of menus()) if (!menu.contains(event.target)) close(menu);

    const button = event.target.closest("[data-copy], [data-copy-text]");
    if (button) return copy(button);

    const dismissed = event.target.closest("[data-dismiss]");
    if (dismissed) return dismissed.closest(".flash").remove();

    if (event.target.closest("[data-clear]")) {
      for (const box of all(".cell-select input:checked")) box.checked = false;
      return count();
    }

    const link = event.target.closest("a[data-dialog]");
    if (link && event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      ask(link);
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
    for (const menu of menus()) close(menu, menu.contains(document.activeElement));
    const fold = document.querySelector(".sidebar-fold[open]");
    if (fold) close(fold, true);
  });

  document.addEventListener("change", ({ target }) => {
    if (target.matches("select[data-submit]")) return chosen(target);
    if (target.matches("[data-select-all]")) for (const box of boxes(scope(target))) box.checked = target.checked;
    if (target.matches("[type=checkbox]")) count();
  });

  document.addEventListener("input", ({ target }) => {
    if (!target.matches("[data-filter]")) return;
    const words = target.value.trim().toLocaleLowerCase();
    const items = all(`${target.dataset.filter} > *`);
    for (const item of items) item.hidden = !(item.querySelector(".switcher-name") ?? item).textContent.toLocaleLowerCase().includes(words);
    announce(`${items.filter((item) => !item.hidden).length} shown`);
  });

  // Arrow keys change a closed select one step at a time; a step is not a decision, so the keyboard gets its Save button.

  let keyed = null;
  document.addEventListener("keydown", ({ target, key }) => { if (key !== "Tab") keyed = target; });
  document.addEventListener("pointerdown", () => { keyed = null; });

  function chosen(select) {
    const save = select.form.querySelector("button.without-script");
    if (keyed === select && save) save.classList.add("shown");
    else select.form.requestSubmit();
  }

  // A second click does nothing. Disabling waits a tick, or the button's own name and value would not be sent.

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    setTimeout(() => {
      for (const control of form.elements) {
        if (control.type === "submit" && !control.disabled) {
          control.disabled = true;
          control.dataset.guarded = "yes";
        }
      }
    });
    // A download leaves the page where it is.
    setTimeout(restore, 8000);
  });

  function restore() {
    for (const form of all("form[data-sent]")) delete form.dataset.sent;
    for (const control of all("[data-guarded]")) {
      control.disabled = false;
      delete control.dataset.guarded;
    }
  }

  // A secret is shown once: the page that a browser keeps to go back to holds it no longer.

  addEventListener("pagehide", () => {
    for (const field of all("[data-once] input")) field.value = "";
    for (const code of all("[data-once] code")) code.textContent = "";
  });

  // What is shown live is asked for every few seconds, while somebody looks.

  // A page that nobody touches stops asking, or it would keep its session alive.
  let touched = Date.now();
  for (const kind of ["pointermove", "keydown"]) addEventListener(kind, () => { touched = Date.now(); }, { passive: true });

  for (const part of all("[data-live]")) {
    setInterval(async () => {
      if (Date.now() - touched > 600000) return;
      if (document.hidden || part.contains(document.activeElement)) return;
      try {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const now = page.getElementById(part.id);
        if (answer.ok && now) part.replaceChildren(...now.childNodes);
        else if (answer.ok) part.remove();
      } catch {
        // Away for a moment: asked again.
      }
    }, Number(part.dataset.live) * 1000);
  }

  addEventListener("pageshow", () => {
    restore();
    count();
  });

  count();
});
