"use strict";
(() => {
  const find = (id) => document.getElementById(id);
  const data = JSON.parse(find("flame-data").textContent);
  const canvas = find("flame-canvas"), pen = canvas.getContext("2d"), mark = find("flame-mark");
  const choice = find("flame-endpoint"), search = find("flame-search"), found = find("flame-found");
  const buttons = [...document.querySelectorAll("[data-view]")];
  const [title, facts] = find("flame-detail").children;
  const ROW = 20, LEAST = 0.5, UNITS = 10000, WHOLE = -1;
  const names = data.names, lower = names.map((name) => name.toLowerCase());
  const anySamples = data.flames.some((flame) => flame.boxes.some((value, at) => at % 4 === 3 && value > 0));
  let view = "", boxes = null, zoom = 0, at = -1, wanted = "", theme = null, width = 0;

  // --- numbers, as everywhere in the report ---
  const short = (value) => {
    if (!value) return "0";
    const decimals = 2 - Math.floor(Math.log10(Math.abs(value)));
    return decimals > 0 ? String(Number(value.toFixed(Math.min(decimals, 9)))) : String(Math.round(value));
  };
  const ms = (value) => (Math.abs(value) < 10000 ? `${short(value)} ms` : `${short(value / 1000)} s`);
  const percent = (share) => (share > 0 && share < 0.0001 ? "<0.01%" : `${short(share * 100)}%`);
  const count = (value) => value.toLocaleString("en");

  // --- boxes of one picture, in parallel lists: each comes before those inside it ---
  const flame = (endpoint, phase) => data.flames.find((one) => one.endpoint === endpoint && one.phase === phase);

  function listed(phase, endpoint, weighing = phase) {
    if (endpoint !== WHOLE) return { parts: [[flame(endpoint, phase), 1]], shift: 0 };
    const weights = data.flames.filter((one) => one.phase === weighing);
    const requests = weights.reduce((sum, one) => sum + one.requests, 0);
    const parts = weights.map((one) => [flame(one.endpoint, phase), one.requests / requests]);
    return { parts, shift: 1 };
  }

  function made({ parts, shift }) {
    const made = { name: [], depth: [], ms: [], samples: [], layer: [], inside: [], end: [], x: [], cut: 0, layers: 1 + shift };
    const add = (name, depth, width, samples, layer) => {
      made.name.push(name); made.depth.push(depth); made.ms.push(width); made.samples.push(samples); made.layer.push(layer);
    };
    if (shift) add(WHOLE, 0, 0, 0, WHOLE);
    for (const [one, weight] of parts) {
      if (!one) continue;
      let layer = WHOLE;
      made.cut = Math.max(made.cut, one.cut * weight);
      for (let from = 0; from < one.boxes.length; from += 4) {
        const [name, depth, size, samples] = one.boxes.slice(from, from + 4);
        if (depth <= 1) layer = depth ? name : WHOLE;
        add(name, depth + shift, (size / UNITS) * weight, samples, layer);
        if (shift && !depth) { made.ms[0] += (size / UNITS) * weight; made.samples[0] += samples; }
      }
    }
    placed(made);
    return made;
  }

  function placed(made) {
    const around = [], next = [];
    made.deepest = 0;
    made.rows = [];
    for (let box = 0; box < made.name.length; box += 1) {
      const depth = made.depth[box];
      while (around.length > depth) made.end[around.pop()] = box;
      const outer = depth ? around[depth - 1] : -1;
      made.inside.push(outer);
      made.x.push(depth ? next[outer] : 0);
      next[box] = made.x[box];
      if (depth) next[outer] += made.ms[box];
      around.push(box);
      made.deepest = Math.max(made.deepest, depth);
      (made.rows[depth] ??= []).push(box);
    }
    while (around.length) made.end[around.pop()] = made.name.length;
  }

  function compared(made, before) {
    const known = new Map(), twins = [], paths = [];
    const key = (boxes, paths, box) => `${boxes.depth[box] ? paths[boxes.inside[box]] : ""}/${boxes.name[box]}`;
    for (let box = 0; box < before.name.length; box += 1) { paths[box] = box; known.set(key(before, paths, box), box); }
    const here = made.name.map((_, box) => `new ${box}`);
    made.name.forEach((_, box) => {
      twins[box] = known.get(key(made, here, box));
      if (twins[box] !== undefined) here[box] = twins[box];
    });
    made.before = twins.map((twin) => (twin === undefined ? 0 : before.ms[twin]));
    made.sure = made.ms.map((value, box) => Math.abs(value - made.before[box]) >= doubt(made, before, twins, box));
    // a tenth of the whole at least: a small change is not shown as a large one
    made.most = made.ms.reduce((most, value, box) => (made.depth[box] < made.layers || !made.sure[box] ? most : Math.max(most, Math.abs(value - made.before[box]))), made.ms[0] / 10);
  }

  // what two counts of samples may differ by without meaning anything; layers are measured, not counted
  function doubt(made, before, twins, box) {
    if (made.depth[box] <= made.layers) return 0;
    let layer = box;
    while (made.depth[layer] > made.layers) layer = made.inside[layer];
    const own = made.ms[box] ** 2 / Math.max(1, made.samples[box]), twin = twins[layer];
    if (twin === undefined) return 2 * Math.sqrt(own);
    if (!before.samples[twin]) return Infinity;
    const counted = twins[box] === undefined ? 0 : before.samples[twins[box]];
    return 2 * Math.sqrt(own + (before.ms[twin] / before.samples[twin]) ** 2 * Math.max(1, counted));
  }

  // --- colours ---
  const rgb = (hex) => [1, 3, 5].map((from) => parseInt(hex.slice(from, from + 2), 16));
  const mixed = (one, other, share) => one.map((value, channel) => Math.round(value + (other[channel] - value) * share));

  function dressed() {
    const style = getComputedStyle(document.documentElement), dark = matchMedia("(prefers-color-scheme:dark)").matches;
    const value = (name) => style.getPropertyValue(name).trim();
    theme = { dark, paper: dark ? [22, 22, 20] : [251, 250, 247], ink: value("--ink"), soft: value("--soft"), fills: new Map() };
    theme.plain = mixed(theme.paper, dark ? [255, 255, 255] : [40, 34, 20], dark ? 0.14 : 0.1);
    theme.font = `12px ${getComputedStyle(find("flame-detail")).fontFamily}`;
  }

  function fill(box) {
    let color = theme.plain;
    if (boxes.before) {
      const change = boxes.ms[box] - boxes.before[box], share = boxes.most ? Math.min(1, Math.sqrt(Math.abs(change) / boxes.most)) : 0;
      if (boxes.depth[box] >= boxes.layers && boxes.sure[box]) color = mixed(color, change > 0 ? [198, 62, 46] : [44, 108, 168], share < 0.04 ? 0 : share * 0.92);
    } else if (boxes.layer[box] !== WHOLE) {
      color = rgb(data.colors[boxes.layer[box]]);
      // the code inside a layer is paler than the layer, neighbours differ a little
      if (boxes.depth[box] > boxes.layers) color = mixed(color, theme.paper, 0.38 + (boxes.name[box] % 4) * 0.06);
    }
    const faded = wanted && !matches(box);
    const key = color.join() + faded;
    if (!theme.fills.has(key)) {
      const shown = faded ? mixed(color, theme.paper, 0.8) : color;
      const bright = (0.299 * shown[0] + 0.587 * shown[1] + 0.114 * shown[2]) > 140;
      theme.fills.set(key, [`rgb(${shown})`, faded ? theme.soft : bright ? "#1d1c1a" : "#fff"]);
    }
    return theme.fills.get(key);
  }

  // --- the picture ---
  const matches = (box) => (boxes.name[box] === WHOLE ? false : lower[boxes.name[box]].includes(wanted));
  const label = (box) => (boxes.name[box] === WHOLE ? "all requests" : names[boxes.name[box]]);

  function caption(box) {
    if (boxes.depth[box] > boxes.layers) return label(box);
    const unseen = boxes.depth[box] === boxes.layers && anySamples && !boxes.samples[box];
    return `${label(box)}  ${ms(boxes.ms[box])}${unseen ? ", no samples" : ""}`;
  }

  function span(box) {
    const scale = width / (boxes.ms[zoom] || 1);
    if (box <= zoom && boxes.end[box] > zoom) return [0, width];
    return [(boxes.x[box] - boxes.x[zoom]) * scale, boxes.ms[box] * scale];
  }

  function draw() {
    pen.clearRect(0, 0, width, canvas.height);
    pen.font = theme.font;
    pen.textBaseline = "middle";
    const letter = pen.measureText("abcdefghijklmnopqrstuvwxyz").width / 26;
    const last = boxes.end[zoom];
    for (let box = 0; box < last;) {
      const [left, wide] = span(box);
      if (boxes.end[box] <= zoom || wide < LEAST) { box = boxes.end[box]; continue; }
      drawn(box, left, wide, letter);
      box += 1;
    }
    marked();
  }

  function drawn(box, left, wide, letter) {
    const [color, ink] = fill(box), top = boxes.depth[box] * ROW;
    pen.globalAlpha = box < zoom ? 0.55 : 1;
    pen.fillStyle = color;
    pen.fillRect(left, top, Math.max(wide - (wide > 3 ? 1 : 0), LEAST), ROW - 1);
    if (wide > 26) {
      pen.fillStyle = ink;
      pen.fillText(cut(caption(box), wide - 10, letter), left + 5, top + ROW / 2);
    }
    pen.globalAlpha = 1;
  }

  function cut(text, room, letter) {
    let kept = text.length * letter * 0.8 > room ? text.slice(0, Math.ceil(room / letter / 0.8)) : text;
    while (kept && pen.measureText(kept === text ? text : kept + "…").width > room) kept = kept.slice(0, Math.min(kept.length - 1, Math.floor(kept.length * 0.95)));
    return kept === text ? text : kept.length > 1 ? kept + "…" : "";
  }

  function sized() {
    width = canvas.parentElement.clientWidth;
    const sharp = window.devicePixelRatio || 1, height = (boxes.deepest + 1) * ROW;
    canvas.width = Math.round(width * sharp);
    canvas.height = Math.round(height * sharp);
    canvas.style.height = `${height}px`;
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
  }

  // --- what is pointed at ---
  function marked() {
    const shown = at >= 0 && (at >= zoom ? at < boxes.end[zoom] : boxes.end[at] > zoom);
    mark.hidden = !shown;
    if (shown) {
      const [left, wide] = span(at);
      Object.assign(mark.style, { left: `${left}px`, top: `${boxes.depth[at] * ROW}px`, width: `${Math.max(wide - 1, 3)}px`, height: `${ROW - 1}px` });
    }
    told(shown ? at : zoom);
  }

  function told(box) {
    const text = label(box), parts = /^(.*) \((.*):(\w+)\)$/s.exec(text), told = [];
    title.textContent = parts ? parts[1] : text;
    if (parts) told.push(/^\d+$/.test(parts[3]) ? `${parts[2]}:${parts[3]}` : parts[2]);
    if (boxes.layer[box] !== WHOLE) told.push(boxes.depth[box] === boxes.layers ? "layer" : `in ${names[boxes.layer[box]]}`);
    const inside = boxes.depth[box] > boxes.layers;
    told.push(`${inside ? "about " : ""}${ms(boxes.ms[box])} per request`, `${percent(boxes.ms[box] / (boxes.ms[0] || 1))} of the whole`);
    if (boxes.before) {
      const change = boxes.ms[box] - boxes.before[box];
      told.push(boxes.sure[box] ? `${change < 0 ? "\u2212" : "+"}${ms(Math.abs(change))} against localhost` : "too few samples to tell from localhost");
    }
    if (anySamples && boxes.depth[box] >= boxes.layers) told.push(boxes.samples[box] ? `${count(boxes.samples[box])} ${boxes.samples[box] === 1 ? "sample" : "samples"}` : "no samples");
    facts.textContent = told.join(" \u00b7 ");
  }

  function under(event) {
    const frame = canvas.getBoundingClientRect();
    const x = event.clientX - frame.left, row = boxes.rows[Math.floor((event.clientY - frame.top) / ROW)] || [];
    let low = 0, high = row.length - 1;
    const depth = Math.floor((event.clientY - frame.top) / ROW);
    if (depth <= boxes.depth[zoom]) { // the boxes around the zoomed one fill the width
      let box = zoom;
      while (box >= 0 && boxes.depth[box] > depth) box = boxes.inside[box];
      return box;
    }
    while (low <= high) {
      const middle = (low + high) >> 1, [left, wide] = span(row[middle]);
      if (x < left) high = middle - 1;
      else if (x >= left + wide) low = middle + 1;
      else return wide < LEAST ? -1 : row[middle];
    }
    return -1;
  }

  function pointed(box) { if (box !== at) { at = box; marked(); } }
  function zoomed(box) { zoom = box; at = -1; draw(); at = box; }

  // --- actions ---
  function searched() {
    wanted = search.value.trim().toLowerCase();
    found.textContent = "";
    if (wanted) {
      let total = 0, hits = 0;
      for (let box = 0, past = 0; box < boxes.name.length; box += 1) {
        if (!matches(box)) continue;
        hits += 1;
        if (box >= past) { total += boxes.ms[box]; past = boxes.end[box]; }
      }
      found.textContent = hits ? `${ms(total)} match, ${percent(total / (boxes.ms[0] || 1))} of the whole` : "nothing matches";
    }
    draw();
  }

  function shown() {
    const endpoint = Number(choice.value), has = (phase) => (endpoint === WHOLE ? data.flames.some((one) => one.phase === phase) : flame(endpoint, phase));
    const possible = { localhost: has("localhost"), monday: has("monday"), difference: has("localhost") && has("monday") };
    if (!possible[view]) view = possible.monday ? "monday" : "localhost";
    for (const button of buttons) {
      button.disabled = !possible[button.dataset.view];
      button.setAttribute("aria-pressed", String(button.dataset.view === view));
    }
    boxes = made(listed(view === "localhost" ? "localhost" : "monday", endpoint));
    if (view === "difference") compared(boxes, made(listed("localhost", endpoint, "monday")));
    zoom = 0; at = -1;
    find("flame-note").textContent = [
      view === "difference" ? "Widths are Monday\u2019s. Red takes longer than on localhost, blue shorter; the deeper the colour, the more. Grey: no difference that can be told." : "",
      boxes.cut > 0 ? `Boxes below ${ms(boxes.cut)} may be left out.` : "",
    ].join(" ").trim();
    sized();
    searched();
  }

  function moved(event) {
    const from = at >= 0 ? at : zoom, row = boxes.rows[boxes.depth[from]], place = row.indexOf(from);
    const seen = (box) => box !== undefined && span(box)[1] >= LEAST && (box >= zoom ? box < boxes.end[zoom] : boxes.end[box] > zoom);
    const steps = {
      ArrowUp: () => boxes.inside[from], Home: () => 0,
      ArrowDown: () => { // into the widest box inside
        let best = -1;
        for (let box = from + 1; box < boxes.end[from]; box = boxes.end[box]) if (best < 0 || boxes.ms[box] > boxes.ms[best]) best = box;
        return best;
      },
      ArrowRight: () => row[place + 1] ?? -1, ArrowLeft: () => row[place - 1] ?? -1,
    };
    if (event.key === "Enter" || event.key === " ") zoomed(from);
    else if (event.key === "Escape") { zoomed(0); }
    else if (event.key === "/") search.focus();
    else if (steps[event.key]) { const to = steps[event.key](); if (to >= 0 && seen(to)) pointed(to); }
    else return;
    event.preventDefault();
  }

  canvas.addEventListener("mousemove", (event) => pointed(under(event)));
  canvas.addEventListener("mouseleave", () => pointed(-1));
  canvas.addEventListener("click", (event) => { const box = under(event); if (box >= 0) zoomed(box); });
  canvas.addEventListener("keydown", moved);
  canvas.addEventListener("blur", () => pointed(-1));
  search.addEventListener("input", searched);
  search.addEventListener("keydown", (event) => { if (event.key === "Escape") { search.value = ""; searched(); } });
  choice.addEventListener("change", shown);
  for (const button of buttons) button.addEventListener("click", () => { view = button.dataset.view; shown(); });
  find("flame-reset").addEventListener("click", () => { search.value = ""; zoom = 0; searched(); });
  window.addEventListener("resize", () => { sized(); draw(); });
  matchMedia("(prefers-color-scheme:dark)").addEventListener("change", () => { dressed(); draw(); });
  find("flame").hidden = false;
  dressed();
  shown();
})();
