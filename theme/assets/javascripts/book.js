// What the book adds to Material's script. Runs before it, at the end of the page.
(() => {
  // Material takes each <link rel=alternate> for the root of a site and asks for its sitemap. These are pages.
  for (const link of document.querySelectorAll("link[rel=alternate]")) link.setAttribute("rel", " alternate");

  // Headings have the same ids in both languages: switch to what is being read.
  for (const link of document.querySelectorAll(".book-language")) {
    link.addEventListener("click", () => (link.hash = placeInSight()));
  }

  const words = document.currentScript.dataset;
  const COUNTING = 2500; // ms
  const HOLD_MILLISECONDS = 1_500;
  const PROMPT = "\0"; // stands for the prompt of a command; no code holds it
  sparePage();
  searchOnDemand();
  showTarget();
  addEventListener("hashchange", showTarget);
  unfoldForPrint();
  addEventListener("load", () => setTimeout(stay));
  addEventListener("load", () => setTimeout(equip)); // in a task of its own: short ones let the reader scroll

  /** Do what can wait until Material has started. */
  function equip() {
    copyFormulas();
    keepTabStops();
    nameParts();
    drawLivePictures();
    countUp();
    explainValues();
  }

  /**
   * Keep Material, as it starts, from making the browser style the whole page three times more for colors that the page
   * has already (see theme/main.html), and from listening for every folded part (see showTarget and unfoldForPrint).
   */
  function sparePage() {
    const { body, head } = document;
    const content = document.querySelector("[data-md-component=content]");
    body.setAttribute = function (name, value) {
      if (name !== "data-md-color-switching") Element.prototype.setAttribute.call(this, name, value);
    };
    head.appendChild = function (child) {
      return child.name === "color-scheme" ? child : Node.prototype.appendChild.call(this, child);
    };
    content.querySelectorAll = function (selectors) {
      return selectors === "details" ? [] : Element.prototype.querySelectorAll.call(this, selectors);
    };
    addEventListener("load", () => {
      delete body.setAttribute;
      delete head.appendChild;
      delete content.querySelectorAll;
    });
  }

  /** Return what is being read: what the address names while it is in sight, else the last heading above the middle. */
  function placeInSight() {
    const top = (place) => place.getBoundingClientRect().top;
    const named = document.getElementById(location.hash.slice(1));
    if (named && top(named) >= 0 && top(named) < innerHeight) return location.hash;
    if (scrollY < innerHeight / 4) return ""; // one has not begun to read
    const headings = [...document.querySelectorAll("article :is(h2, h3, h4)[id]")];
    const read = headings.reverse().find((heading) => heading.checkVisibility() && top(heading) < innerHeight / 2);
    return read ? `#${read.id}` : "";
  }

  /** Let what was read stay there without a network (sw.js): first what came with the page, then what it may need. */
  function stay() {
    if (!navigator.serviceWorker || location.protocol === "file:") return; // such as on a host without encryption
    const root = new URL(`${words.root}/`, location);
    const tell = async (files) => {
      const { active } = await navigator.serviceWorker.ready;
      active.postMessage(files.map((file) => new URL(file, root).href).filter((url) => url.startsWith(root)));
    };
    navigator.serviceWorker.register(new URL("sw.js", root)).then(() => {
      tell([location.href, ...performance.getEntriesByType("resource").map(({ name }) => name)]);
      if (!navigator.connection?.saveData) addEventListener("scroll", () => tell(needed()), { once: true });
    }, console.warn);
  }

  /** Return where the rest of what the page may need lies: pictures, live ones with words and data, the search. */
  function needed() {
    const scripts = document.querySelector("script[data-root]").src.replace(/[^/]*$/, "");
    const places = [...document.querySelectorAll(".widget[data-widget]:not(.asked)")];
    const live = ["widgets/mount.js", "../stylesheets/widgets.css", "words/kit.json"];
    live.push(...places.map(({ dataset }) => `words/${dataset.widget}.json`));
    const search = ["workers/search.js", "../../search/search_index.json", "../../search/glossary.json"];
    const files = [...(places.length ? live : []), ...search].map((file) => new URL(file, scripts).href);
    const data = places.map(({ dataset }) => dataset.source).filter(Boolean);
    const pictures = [...document.querySelectorAll("article img")].map(({ src }) => src);
    return [...pictures, ...data.map((file) => new URL(file, document.baseURI).href), ...files];
  }

  /** Open what is folded while the page is printed, but for what stands there already, and for badges. */
  function unfoldForPrint() {
    let opened = [];
    addEventListener("beforeprint", () => {
      opened = [...document.querySelectorAll("article details:not([open], .whole-script, .block-badge)")];
      for (const folded of opened) folded.open = true;
    });
    addEventListener("afterprint", () => {
      for (const folded of opened) folded.open = false;
    });
  }

  /** Open what is folded, and turn to the tabs, around the place the address names. */
  function showTarget() {
    const target = document.getElementById(location.hash.slice(1));
    let hidden = false;
    for (let folded = target?.closest("details"); folded; folded = folded.parentElement.closest("details")) {
      hidden ||= !folded.open;
      folded.open = true;
    }
    for (let tab = target?.closest(".tabbed-block"); tab; tab = tab.parentElement.closest(".tabbed-block")) {
      const choices = tab.closest(".tabbed-set").querySelectorAll(":scope > input");
      const choice = choices[[...tab.parentElement.children].indexOf(tab)];
      hidden ||= !choice.checked;
      choice.checked = true;
    }
    if (hidden) target.scrollIntoView();
    if (target) hold(target);
  }

  /**
   * Stay at a place while what is above it is laid out, until the reader moves: Firefox would drift away from it, and
   * Chromium does not reach in the same frame what it has just unfolded far away.
   */
  function hold(target) {
    const reach = () => target.scrollIntoView({ behavior: "instant" });
    const sizes = new ResizeObserver(() => (reach(), requestAnimationFrame(reach)));
    const end = () => sizes.disconnect();
    sizes.observe(document.querySelector("article"));
    for (const sign of ["wheel", "touchstart", "pointerdown", "keydown"]) {
      addEventListener(sign, end, { once: true, passive: true });
    }
    setTimeout(end, HOLD_MILLISECONDS);
  }

  /** Start the search's worker, which fetches what it searches, when the reader turns to the search. */
  function searchOnDemand() {
    const field = document.querySelector("[data-md-component=search-query]");
    for (const sign of ["input", "compositionend"]) {
      field.addEventListener(sign, () => field.dispatchEvent(new Event("keyup"))); // Material listens for keys alone
    }
    const asked = new URLSearchParams(location.search);
    if (!asked.has("h")) document.forms.search.removeAttribute("name"); // Material does not fetch the index itself
    const meta = document.querySelector(".md-search-result__meta");
    const offline = window.bookSearch; // of a copy to read from a folder (book/publish/downloads.py)
    const inFolder = location.protocol === "file:" && !offline;
    if (inFolder) meta.textContent = words.searchFile;

    const NativeWorker = Worker;
    window.Worker = function (address) {
      window.Worker = NativeWorker;
      const { port1: near, port2: far } = new MessageChannel(); // holds what is said until the worker is there
      near.start();
      const wait = new AbortController();
      const start = () => {
        wait.abort();
        const worker = new NativeWorker(offline ? URL.createObjectURL(new Blob([offline])) : address);
        worker.onmessage = ({ data }) => {
          if (data.isFailure) meta.textContent = words.searchFailed;
          else far.postMessage(data);
        };
        far.onmessage = ({ data }) => worker.postMessage(data);
      };
      if (asked.has("q") || asked.has("h")) start();
      else if (!inFolder) {
        const header = document.querySelector("[data-md-component=header]");
        for (const place of header.querySelectorAll("[for=__search], [data-md-component=search]")) {
          for (const sign of ["focusin", "pointerover"]) place.addEventListener(sign, start, { signal: wait.signal });
        }
      }
      return near;
    };
  }

  /** Give formulas to the clipboard as TeX: those within a copied selection, and each displayed one by a button. */
  function copyFormulas() {
    document.addEventListener("copy", (event) => {
      const selection = getSelection();
      if (!selection.rangeCount || selection.isCollapsed) return;
      const copied = document.createElement("div");
      copied.append(selection.getRangeAt(0).cloneContents());
      const formulas = copied.querySelectorAll("[data-tex]");
      if (!formulas.length) return;
      for (const formula of formulas) {
        const mark = formula.localName === "div" ? "$$" : "$";
        formula.replaceChildren(mark + formula.dataset.tex + mark);
      }
      event.clipboardData.setData("text/html", copied.innerHTML);
      copied.className = "book-copied";
      document.body.append(copied); // only what is laid out knows its line breaks
      event.clipboardData.setData("text/plain", copied.innerText);
      copied.remove();
      event.preventDefault();
    });

    const displayed = document.querySelectorAll("div.arithmatex[data-tex]");
    for (const formula of displayed) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "formula-copy";
      button.textContent = "LaTeX";
      button.title = words.copyFormula;
      button.setAttribute("aria-label", button.title);
      button.dataset.clipboardText = formula.dataset.tex; // Material copies and says so
      formula.append(button);
    }
  }

  /** Of a session, let the button copy the commands, without prompts and without what was printed. */
  function copyCommands(code) {
    if (!code?.querySelector(".gp")) return;
    const session = code.cloneNode(true);
    for (const prompt of session.querySelectorAll(".gp")) {
      const isPrompt = /\s$/.test(prompt.textContent) || /^\s/.test(prompt.nextSibling?.textContent); // not that of %pip
      if (isPrompt) prompt.textContent = PROMPT;
    }
    if (!session.textContent.includes(PROMPT)) return;
    let goesOn = false;
    const commands = session.textContent.split("\n").filter((line) => {
      const isTyped = line.startsWith(PROMPT) || goesOn;
      goesOn = isTyped && line.endsWith("\\");
      return isTyped;
    });
    code.dataset.copy = commands.map((line) => line.replace(/^(?:\0 )?\0/, "")).join("\n"); // Material looks for it
  }

  /** Let the keyboard reach what scrolls sideways, and only that; told of a box once it comes near (see .offscreen). */
  function keepTabStops() {
    const seen = new ResizeObserver((entries) => {
      for (const { target: box } of entries) box.tabIndex = box.scrollWidth > box.clientWidth ? 0 : -1;
    });
    const observe = (boxes) => document.querySelectorAll(boxes).forEach((box) => seen.observe(box));
    observe(".arithmatex > [tabindex]");
    observe(".md-typeset__scrollwrap"); // Material has put them around tables
  }

  /** Draw live pictures shortly before they come into sight; what draws them is fetched then, and on no other page. */
  function drawLivePictures() {
    const module = new URL("widgets/mount.js", document.querySelector("script[data-root]").src).href;
    const draw = (places) => // where that fails, the still ones stay
      import(globalThis.bookFile?.(module) ?? module).then(({ mount }) => Promise.all(places.map(mount)), console.warn);
    const near = new IntersectionObserver(
      (entries) => {
        const places = entries.filter((entry) => entry.isIntersecting).map((entry) => entry.target);
        if (!places.length) return;
        for (const place of places) near.unobserve(place);
        draw(places);
      },
      { rootMargin: "800px 0px" },
    );
    const places = document.querySelectorAll(".widget[data-widget]:not(.jp-Notebook *)"); // a notebook has none
    for (const place of places) {
      if (place.matches(".asked")) place.addEventListener("click", drawAsked, { once: true });
      else near.observe(place);
    }

    /** What weighs more than its page comes when it is asked for; its link leads to the page that has it all. */
    function drawAsked(event) {
      event.preventDefault();
      const place = event.currentTarget;
      draw([place]).then(() => place.querySelector("canvas")?.focus());
    }
  }

  /** Let a large number grow to its value when the reader comes to it; the value itself is what the page says. */
  function countUp() {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const near = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        const said = target.textContent;
        const last = Number(said.replaceAll(",", ""));
        const grow = (now) => {
          const part = Math.min((now - began) / COUNTING, 1);
          target.textContent = part < 1 ? Math.round(last * part ** 3).toLocaleString("en") : said;
          if (part < 1) requestAnimationFrame(grow);
        };
        const began = performance.now();
        requestAnimationFrame(grow);
      }
    });
    document.querySelectorAll(".book-count .value").forEach((value) => near.observe(value));
  }

  /** Let a computed number say, when one clicks, touches or presses Enter on it, from what it comes and where that is. */
  function explainValues() {
    const values = document.querySelectorAll("article .value[data-value]:not(:is(a, summary, button, .book-count) *)");
    if (!values.length || !HTMLElement.prototype.showPopover) return; // the title says it, too
    const shown = document.createElement("div");
    shown.className = "value-origin";
    shown.popover = "auto";
    document.body.append(shown);
    for (const value of values) {
      value.tabIndex = 0;
      value.role = "button";
      value.addEventListener("click", () => open(value));
      value.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        open(value);
      });
    }

    function open(value) {
      const code = document.createElement("code");
      code.textContent = value.dataset.value;
      shown.replaceChildren(value.title.replace(value.dataset.value, ""), code);
      if (value.dataset.from) {
        const link = document.createElement("a");
        link.href = value.dataset.from;
        link.textContent = words.valuePlace;
        link.addEventListener("click", () => shown.hidePopover());
        shown.append(link);
      }
      shown.showPopover({ source: value });
      const { left, bottom, top } = value.getBoundingClientRect();
      const { offsetWidth: width, offsetHeight: height } = shown;
      shown.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
      shown.style.top = `${bottom + height + 8 < innerHeight ? bottom + 6 : top - height - 6}px`;
      shown.querySelector("a")?.focus({ preventScroll: true });
    }
  }

  /** Name for screen readers what Material leaves without a name. */
  function nameParts() {
    const search = document.querySelector("[data-md-component=search]");
    search?.setAttribute("aria-label", search.querySelector("input").ariaLabel);
    for (const nav of document.querySelectorAll("nav[aria-labelledby]")) {
      if (document.getElementById(nav.getAttribute("aria-labelledby"))?.textContent.trim()) continue;
      nav.removeAttribute("aria-labelledby");
      nav.setAttribute("aria-label", nav.querySelector(".md-nav__title").textContent.trim());
    }
    const nameNewParts = () => {
      for (const nav of document.querySelectorAll(".md-code__nav:not([role])")) {
        nav.setAttribute("role", "presentation");
        copyCommands(nav.nextElementSibling);
      }
      for (const note of document.querySelectorAll(".md-annotation__index:not([aria-label])")) {
        const { mdAnnotationId: number } = note.firstElementChild.dataset;
        const name = words.codeNote.replace("{}", number);
        note.setAttribute("aria-label", name);
        note.parentElement.setAttribute("role", "note"); // this is what the Tab key reaches
        note.parentElement.setAttribute("aria-label", name);
      }
    };
    nameNewParts();
    new MutationObserver(nameNewParts).observe(document.querySelector("article"), { childList: true, subtree: true });
  }
})();
