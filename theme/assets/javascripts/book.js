// What the book adds to Material's script. Runs before it, at the end of the page.
(() => {
  // Material takes each <link rel=alternate> for the root of a site and asks for its sitemap. These are pages.
  for (const link of document.querySelectorAll("link[rel=alternate]")) link.setAttribute("rel", " alternate");

  // Headings have the same ids in both languages: switch within the page, too.
  document.querySelector(".book-language")?.addEventListener("click", ({ currentTarget: link }) => {
    link.hash = location.hash;
  });

  const chinese = document.documentElement.lang.startsWith("zh");
  sparePage();
  searchOnDemand();
  showTarget();
  addEventListener("hashchange", showTarget);
  unfoldForPrint();
  addEventListener("load", () => setTimeout(equip)); // in a task of its own: short ones let the reader scroll

  /** Do what can wait until Material has started. */
  function equip() {
    copyFormulas();
    keepTabStops();
    nameParts();
    drawLivePictures();
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

  /** Open what is folded while the page is printed. */
  function unfoldForPrint() {
    let opened = [];
    addEventListener("beforeprint", () => {
      opened = [...document.querySelectorAll("article details:not([open])")];
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
  }

  /** Search with the book's own worker; start it, and fetch what it searches, when the reader turns to the search. */
  function searchOnDemand() {
    const settings = document.getElementById("__config");
    const config = JSON.parse(settings.textContent);
    config.search = config.search.replace(/[^/]+$/, "search.js");
    settings.textContent = JSON.stringify(config);

    const asked = new URLSearchParams(location.search);
    if (asked.has("q") || asked.has("h")) return;

    const NativeWorker = Worker;
    const { open, send } = XMLHttpRequest.prototype;
    const waiting = [];
    window.Worker = function (address) {
      const { port1: near, port2: far } = new MessageChannel(); // holds what is said until the worker is there
      near.start();
      waiting.push(() => {
        const worker = new NativeWorker(address);
        worker.onmessage = ({ data }) => far.postMessage(data);
        far.onmessage = ({ data }) => worker.postMessage(data);
      });
      return near;
    };
    XMLHttpRequest.prototype.open = function (method, address, ...others) {
      this.isSearchIndex = /\/search\/search_index\.json$/.test(address);
      open.call(this, method, address, ...others);
    };
    XMLHttpRequest.prototype.send = function (body) {
      if (this.isSearchIndex) waiting.push(() => this.send());
      else send.call(this, body);
    };
    const start = () => {
      window.Worker = NativeWorker;
      Object.assign(XMLHttpRequest.prototype, { open, send });
      for (const begin of waiting.splice(0)) begin();
    };
    const header = document.querySelector("[data-md-component=header]");
    for (const place of header.querySelectorAll("[for=__search], [data-md-component=search]")) {
      for (const sign of ["focusin", "pointerover"]) place.addEventListener(sign, start, { once: true });
    }
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
      button.title = chinese ? "复制公式的 LaTeX 源码" : "Copy the LaTeX of this formula";
      button.setAttribute("aria-label", button.title);
      button.dataset.clipboardText = formula.dataset.tex; // Material copies and says so
      formula.append(button);
    }
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
    const near = new IntersectionObserver(
      (entries) => {
        const places = entries.filter((entry) => entry.isIntersecting).map((entry) => entry.target);
        if (!places.length) return;
        for (const place of places) near.unobserve(place);
        import("./widgets/mount.js").then(({ mount }) => places.forEach(mount), console.warn); // the still ones stay
      },
      { rootMargin: "800px 0px" },
    );
    const places = document.querySelectorAll(".widget[data-widget]:not(.jp-Notebook *)"); // a notebook has none
    for (const place of places) near.observe(place);
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
      for (const nav of document.querySelectorAll(".md-code__nav:not([role])")) nav.setAttribute("role", "presentation");
      for (const note of document.querySelectorAll(".md-annotation__index:not([aria-label])")) {
        const { mdAnnotationId: number } = note.firstElementChild.dataset;
        const name = chinese ? `代码注释 ${number}` : `Note ${number} on the code`;
        note.setAttribute("aria-label", name);
        note.parentElement.setAttribute("role", "note"); // this is what the Tab key reaches
        note.parentElement.setAttribute("aria-label", name);
      }
    };
    nameNewParts();
    new MutationObserver(nameNewParts).observe(document.querySelector("article"), { childList: true, subtree: true });
  }
})();
