"use strict";
// Saves copies that a page holds inside of itself as they are meant: unpacked. Without it, or in a
// browser that cannot unpack, the link itself saves the packed file.
(() => {
  if (!("DecompressionStream" in window)) return;

  const unpacked = async (link) => {
    const packed = Uint8Array.from(atob(link.href.split(",")[1]), (char) => char.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).blob();
  };

  const save = async (link) => {
    const url = URL.createObjectURL(await unpacked(link));
    const saved = document.createElement("a");
    saved.href = url;
    saved.download = link.download.replace(/\.gz$/, "");
    saved.click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  };

  for (const link of document.querySelectorAll('a[download$=".gz"]')) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      save(link);
    });
  }
})();
