// What the pages of reports share: elements, figures, tables.
// Colours that also differ for the colour-blind; with them go shapes, so that a print without colour can be read.
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b08a00", "#56b4e9", "#8c6d46", "#777777", "#3b3b6d", "#a0518f"];
// Black or white, which on the ground of a colour has a contrast of at least 4.5 : 1.
function inkOn(ground) {
  const part = at => {
    const v = parseInt(ground.slice(at, at + 2), 16) / 255;
    return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  };
  return .2126 * part(1) + .7152 * part(3) + .0722 * part(5) > .179 ? "#000000" : "#ffffff";
}

const NS = "http://www.w3.org/2000/svg";
function svg(tag, attributes, text) {
  const e = document.createElementNS(NS, tag);
  for (const [k, v] of Object.entries(attributes ?? {})) e.setAttribute(k, v);
  if (text !== undefined) e.textContent = text;
  return e;
}
function html(tag, attributes, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(attributes ?? {})) e.setAttribute(k, v);
  e.append(...children);
  return e;
}
function short(v) {
  if (v === 0) return "0";
  const a = Math.abs(v);
  if (a >= 1e9) return `${+(v / 1e9).toPrecision(3)}G`;
  if (a >= 1e6) return `${+(v / 1e6).toPrecision(3)}M`;
  if (a >= 1e3) return `${+(v / 1e3).toPrecision(3)}k`;
  return a >= 1e-3 ? `${+v.toPrecision(3)}` : v.toExponential(2).replace(/\.?0*e/, "e");
}
// The largest of 1, 2 and 5 times a power of ten that is at most `limit`, which is above 0.
function roundBelow(limit) {
  const power = 10 ** Math.floor(Math.log10(limit));
  return [5, 2, 1].map(m => m * power).find(v => v <= limit) ?? power;
}
// Divides a rectangle among sizes, largest first, in rows along its shorter side that are as square as they can be.
function squarify(sizes, x, y, w, h, place) {
  let rest = sizes.reduce((a, b) => a + b, 0), at = 0;
  while (at < sizes.length && rest > 0) {
    const scale = w * h / rest, side = Math.min(w, h);
    const worst = (from, to) => {
      const sum = sizes.slice(from, to).reduce((a, b) => a + b, 0) * scale, depth = sum / side;
      return Math.max(...sizes.slice(from, to).map(s => Math.max(depth * depth / (s * scale), s * scale / (depth * depth))));
    };
    let end = at + 1;
    while (end < sizes.length && worst(at, end + 1) <= worst(at, end)) ++end;
    const sum = sizes.slice(at, end).reduce((a, b) => a + b, 0), depth = sum * scale / side;
    let along = 0;
    for (let i = at; i < end; ++i) {
      const length = sizes[i] / sum * side;
      if (w >= h) place(i, x, y + along, depth, length);
      else place(i, x + along, y, length, depth);
      along += length;
    }
    if (w >= h) { x += depth; w -= depth; } else { y += depth; h -= depth; }
    rest -= sum;
    at = end;
  }
}
// Figures are drawn for the width they have, and again when it changes.
const drawings = [];
function figure(title, text, draw, key, wide) {
  const place = html("div");
  const section = html("section", wide ? {class: "wide"} : {}, html("h2", {}, title), html("p", {}, text));
  if (key) section.append(key);
  section.append(place);
  document.getElementById("main").append(section);
  drawings.push(width => {
    const picture = draw(width ?? Math.max(260, place.clientWidth));
    picture.setAttribute("aria-label", title);
    place.replaceChildren(picture);
  });
}

// Names of blocks with their colours.
function blockKey(names) {
  const list = html("ul", {class: "key"});
  names.forEach((name, n) => {
    const icon = svg("svg", {viewBox: "0 0 14 14"});
    icon.append(svg("rect", {width: 14, height: 14, fill: colours[n % colours.length]}));
    list.append(html("li", {}, icon, name));
  });
  return list;
}

// Tables: a click on a heading sorts, a second one the other way round.
function table(title, text, columns, rows) {
  const body = html("tbody");
  const fill = list => body.replaceChildren(...list.map(row => html("tr", {},
    ...columns.map(c => html("td", c.text ? {class: c.text} : {}, c.show ? c.show(c.value(row)) : String(c.value(row) ?? ""))))));
  const heads = columns.map(c => {
    const button = html("button", {type: "button"}, c.name);
    const head = html("th", {scope: "col", ...(c.text ? {class: "text"} : {})}, button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach(h => h.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const order = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : String(a ?? "").localeCompare(String(b ?? ""), undefined, {numeric: true});
      fill([...rows].sort((a, b) => (down ? -1 : 1) * order(c.value(a), c.value(b))));
    });
    return head;
  });
  fill(rows);
  document.getElementById("main").append(html("section", {class: "wide", style: "break-inside:auto"}, html("h2", {}, title), html("p", {}, text),
    html("div", {class: "scroll"}, html("table", {}, html("thead", {}, html("tr", {}, ...heads)), body))));
}
const count = v => v === undefined ? "" : Math.round(v).toLocaleString("en");
const area = v => v === 0 || v >= 100 ? count(v) : short(v);
const digits = n => v => v === undefined ? "" : v.toFixed(n);

const drawAll = width => drawings.forEach(d => d(width));
let lastWidth = document.body.clientWidth;
new ResizeObserver(() => {
  if (document.body.clientWidth === lastWidth) return;
  lastWidth = document.body.clientWidth;
  drawAll();
}).observe(document.body);
addEventListener("beforeprint", () => drawAll(680));
addEventListener("afterprint", () => drawAll());
