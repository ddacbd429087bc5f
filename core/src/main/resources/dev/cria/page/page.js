"use strict";
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const significant = (v, n) => String(Number(v.toPrecision(n))).replace("-", "−");
  const compact = v => {
    const units = ["", "k", "M", "B", "T"];
    let size = Math.abs(v), unit = 0;
    while (size >= 999.5 && unit < units.length - 1) { size /= 1000; unit++; }
    return (v < 0 ? "−" : "") + significant(size, 3) + units[unit];
  };
  const formats = {
    plain: v => significant(v, 4),
    compact,
    percent: v => (100 * v).toFixed(1) + "%",
    scientific: v => v === 0 ? "0" : v.toExponential(2)
  };

  // One panel: its drawing that is visible now, its values, and what the pointer adds to it.
  const prepare = element => ({
    element,
    data: JSON.parse(element.querySelector("script").textContent),
    added: []
  });

  const frameOf = panel => {
    const svg = [...panel.element.querySelectorAll(":scope > svg")].find(s => s.clientWidth > 0);
    if (!svg) return null;
    const [left, top, right, bottom, x0, x1, y0, y1] = svg.dataset.frame.split(" ").map(Number);
    const log = svg.dataset.scale === "log", xLog = svg.dataset.xScale === "log";
    const share = y => log ? Math.log(y / y0) / Math.log(y1 / y0) : (y - y0) / (y1 - y0);
    const xShare = x => xLog ? Math.log(x / x0) / Math.log(x1 / x0) : (x - x0) / (x1 - x0);
    return {
      svg, left, top, right, bottom, x0, x1, xShare,
      xAt: s => xLog ? x0 * (x1 / x0) ** s : x0 + s * (x1 - x0),
      px: x => left + xShare(x) * (right - left),
      py: y => bottom - Math.min(1, Math.max(0, share(y))) * (bottom - top)
    };
  };

  const nearest = (points, x) => {
    let low = 0, high = points.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (points[middle][0] < x) low = middle; else high = middle;
    }
    return Math.abs(points[low][0] - x) <= Math.abs(points[high][0] - x) ? points[low] : points[high];
  };

  const clear = panel => {
    panel.added.forEach(node => node.remove());
    panel.added = [];
  };

  const add = (panel, parent, name, attributes) => {
    const node = document.createElementNS(SVG, name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    parent.appendChild(node);
    panel.added.push(node);
  };

  const hits = (panel, frame, x) => panel.data.series
    .filter(s => s.points.length && frame.xShare(x) >= frame.xShare(s.points[0][0]) - 0.02
      && frame.xShare(x) <= frame.xShare(s.points[s.points.length - 1][0]) + 0.02)
    .map(s => ({ series: s, point: nearest(s.points, x) }));

  const mark = (panel, x) => {
    clear(panel);
    const frame = frameOf(panel);
    if (!frame || x < frame.x0 || x > frame.x1) return;
    const at = frame.px(x);
    add(panel, frame.svg, "line", { class: "cross", x1: at, x2: at, y1: frame.top, y2: frame.bottom });
    hits(panel, frame, x).forEach(({ series, point }) => add(panel, frame.svg, "circle", {
      class: "f-" + series.ink, cx: frame.px(point[0]), cy: frame.py(point[1]), r: 4, "pointer-events": "none"
    }));
  };

  const read = (panel, x) => {
    const frame = frameOf(panel);
    if (!frame) return;
    const box = document.createElement("div");
    box.className = "read";
    box.setAttribute("role", "status");
    const line = (ink, text, kind) => {
      const row = document.createElement("div");
      if (kind) row.className = kind;
      if (ink) {
        const dot = document.createElement("i");
        dot.style.background = "var(--" + ink + ")";
        row.appendChild(dot);
      }
      row.appendChild(document.createTextNode(text));
      box.appendChild(row);
    };
    const found = hits(panel, frame, x);
    const step = found.length && found.every(f => f.point[0] === found[0].point[0]) ? found[0].point[0] : x;
    line(null, panel.data.x + " " + (Math.abs(step) >= 100 || Number.isInteger(step) ? Math.round(step).toLocaleString("en") : significant(step, 4)), "x");
    found.forEach(({ series, point }) => {
      const off = Math.abs(frame.xShare(point[0]) - frame.xShare(step)) > 1 / 200;
      line(series.ink, series.name + "  " + formats[panel.data.format](point[1])
        + (off ? "  at " + (Number.isInteger(point[0]) ? point[0].toLocaleString("en") : significant(point[0], 4)) : ""));
    });
    panel.element.appendChild(box);
    panel.added.push(box);
    const scale = frame.svg.clientWidth / frame.svg.viewBox.baseVal.width;
    const at = frame.px(x) * scale;
    const after = at + 14 + box.offsetWidth <= panel.element.clientWidth;
    box.style.left = Math.max(0, after ? at + 14 : at - 14 - box.offsetWidth) + "px";
    box.style.top = frame.top * scale + 4 + "px";
  };

  document.querySelectorAll(".panels").forEach(group => {
    const panels = [...group.querySelectorAll(".panel")].map(prepare);
    const show = (panel, x) => {
      panels.forEach(other => mark(other, x));
      read(panel, x);
      panel.x = x;
    };
    const hide = () => panels.forEach(clear);
    panels.forEach(panel => {
      panel.element.addEventListener("pointermove", event => {
        const frame = frameOf(panel);
        if (!frame) return;
        const bounds = frame.svg.getBoundingClientRect();
        const px = (event.clientX - bounds.left) / bounds.width * frame.svg.viewBox.baseVal.width;
        const share = Math.min(1, Math.max(0, (px - frame.left) / (frame.right - frame.left)));
        show(panel, frame.xAt(share));
      });
      panel.element.addEventListener("pointerleave", hide);
      panel.element.addEventListener("blur", hide);
      panel.element.addEventListener("keydown", event => {
        const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        const frame = frameOf(panel);
        if (!way || !frame) return;
        event.preventDefault();
        const from = panel.x === undefined ? frame.x1 : panel.x;
        const to = frame.xShare(from) + way / (event.shiftKey ? 10 : 100);
        show(panel, frame.xAt(Math.min(1, Math.max(0, to))));
      });
    });
  });

  // Tables that are wider than their place say so, and scroll by keys, too.
  const showWidth = () => document.querySelectorAll(".scroll").forEach(place => {
    const wide = place.scrollWidth > place.clientWidth + 1;
    const said = place.previousElementSibling?.classList.contains("sideways");
    if (wide && !said) {
      const words = document.createElement("p");
      words.className = "sideways";
      words.textContent = "More columns to the right →";
      place.before(words);
      place.tabIndex = 0;
    } else if (!wide && said) {
      place.previousElementSibling.remove();
      place.removeAttribute("tabindex");
    }
  });
  showWidth();
  window.addEventListener("resize", showWidth);

  // Tables sort by the column whose heading is pressed; numbers by value, blanks last.
  document.querySelectorAll("table").forEach(table => {
    const heads = [...table.querySelectorAll("thead th")];
    heads.forEach((head, column) => head.querySelector("button")?.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach(other => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const key = row => row.cells[column].dataset.value ?? row.cells[column].textContent;
      const body = table.tBodies[0];
      [...body.rows].sort((a, b) => {
        const [ka, kb] = [key(a), key(b)];
        if (ka === "–" || kb === "–") return (ka === "–") - (kb === "–");
        const [na, nb] = [Number(ka), Number(kb)];
        const order = Number.isNaN(na) || Number.isNaN(nb) ? ka.localeCompare(kb) : na - nb;
        return up ? order : -order;
      }).forEach(row => body.appendChild(row));
    }));
  });

  // Texts behind a slider: the state that the handle is on.
  document.querySelectorAll(".slide").forEach(slide => {
    const states = JSON.parse(slide.querySelector("script").textContent);
    const handle = slide.querySelector("input");
    const show = () => {
      const state = states[handle.value];
      slide.querySelector("output").textContent = state.step;
      slide.querySelector(".note").textContent = state.note;
      handle.setAttribute("aria-valuetext", "step " + state.step);
      slide.querySelector(".texts").replaceChildren(...state.texts.map(text => {
        const quote = document.createElement("blockquote");
        quote.textContent = text;
        return quote;
      }));
    };
    handle.addEventListener("input", show);
    show();
  });
})();
