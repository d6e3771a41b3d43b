"use strict";
// Saves a view as a PNG: the element is drawn by the browser itself, as it is seen.
(() => {
  const SCALE = 2;

  // What is drawn is said beside each element: a page that was opened from a disk may not read its
  // own style sheet.
  const KEPT = [
    "display", "position", "box-sizing", "width", "height", "min-width", "max-width", "margin", "padding", "overflow",
    "grid-template-columns", "grid-column", "gap", "align-items", "flex-wrap", "flex", "clip-path", "vertical-align",
    "border-top", "border-right", "border-bottom", "border-left", "border-radius", "border-collapse",
    "color", "background-color", "opacity", "font-family", "font-size", "font-weight", "font-style", "line-height",
    "font-variant-numeric", "letter-spacing", "text-align", "text-decoration-line", "white-space", "overflow-wrap",
    "list-style-type", "fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "stroke-linecap",
  ];

  const dress = (from, to) => {
    const style = getComputedStyle(from);
    for (const name of KEPT) to.style.setProperty(name, style.getPropertyValue(name));
    [...from.children].forEach((child, place) => dress(child, to.children[place]));
  };

  const copyOf = (element) => {
    const copy = element.cloneNode(true);
    dress(element, copy);
    copy.style.margin = "0";
    const drawn = element.querySelectorAll("canvas");
    copy.querySelectorAll("canvas").forEach((canvas, place) => {
      const image = document.createElement("img");
      image.src = drawn[place].toDataURL();
      image.style.display = "block";
      image.width = drawn[place].clientWidth;
      image.height = drawn[place].clientHeight;
      canvas.replaceWith(image);
    });
    for (const left of copy.querySelectorAll(".copies, summary")) left.remove();
    return copy;
  };

  const svgOf = (element) => {
    const box = element.getBoundingClientRect();
    const [width, height] = [Math.ceil(box.width), Math.ceil(box.height)];
    const body = document.createElement("body");
    body.style.margin = "0";
    body.append(copyOf(element));
    body.setAttribute("xmlns", "http://www.w3.org/1999/xhtml");
    const inner = new XMLSerializer().serializeToString(body);
    const text = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">`
      + `<foreignObject width="100%" height="100%">${inner}</foreignObject></svg>`;
    return { width, height, url: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}` };
  };

  const save = async (button) => {
    const element = document.getElementById(button.dataset.picture);
    const { width, height, url } = svgOf(element);
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = width * SCALE;
    canvas.height = height * SCALE;
    const pen = canvas.getContext("2d");
    pen.fillStyle = getComputedStyle(document.body).backgroundColor;
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    const link = document.createElement("a");
    link.href = canvas.toDataURL("image/png");
    link.download = `${document.body.dataset.name || "kpis"}-${element.id}.png`;
    link.click();
  };

  for (const button of document.querySelectorAll("[data-picture]")) {
    button.hidden = false;
    button.addEventListener("click", () => save(button).catch(() => {
      button.textContent = "PNG: this browser cannot";
      button.disabled = true;
    }));
  }
})();
