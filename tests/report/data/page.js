// Runs the script of a sweep's page without a browser: `node page.js PAGE` prints every text that it shows, one per line.
"use strict";
const fs = require("fs");
const vm = require("vm");
const page = fs.readFileSync(process.argv[2], "utf8");
const part = pattern => page.match(pattern)[1];

class Element {
  constructor(name) {
    this.name = name;
    this.children = [];
    this.attributes = {};
    this.style = {};
    this.clientWidth = 600;
  }
  set textContent(text) { this.children = [String(text)]; }
  get textContent() { return this.children.map(c => typeof c === "string" ? c : c.textContent).join(""); }
  append(...children) { this.children.push(...children); }
  replaceChildren(...children) { this.children = children; }
  setAttribute(name, value) {
    if (/NaN|Infinity|undefined/.test(String(value))) throw new Error(`<${this.name} ${name}="${value}">`);
    this.attributes[name] = String(value);
  }
  getAttribute(name) { return this.attributes[name]; }
  removeAttribute(name) { delete this.attributes[name]; }
  addEventListener() {}
}
const body = new Element("body");
const byId = {data: new Element("script"), summary: new Element("p"), main: new Element("main")};
byId.data.textContent = part(/<script type="application\/json" id="data">(.*?)<\/script>/s);
const document = {
  body,
  getElementById: id => byId[id],
  createElement: name => new Element(name),
  createElementNS: (space, name) => new Element(name),
};
class ResizeObserver { observe() {} }
vm.runInNewContext(part(/<script>(.*?)<\/script>/s), {document, ResizeObserver, addEventListener() {}});

function show(element) {
  const texts = element.children.filter(c => typeof c === "string").join("");
  if (texts !== "") console.log(texts);
  element.children.filter(c => typeof c !== "string").forEach(show);
}
show(byId.summary);
show(byId.main);
