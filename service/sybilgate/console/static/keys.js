// Keys for those who work through a long list. Nothing here is needed: every key does what a link or button does.
"use strict";
(function () {
  var rows = Array.prototype.slice.call(document.querySelectorAll("[data-row]"));
  var at = -1;
  function go(step) {
    if (!rows.length) return;
    at = Math.min(Math.max(at + step, 0), rows.length - 1);
    rows[at].querySelector("a.open").focus();
  }
  document.addEventListener("focusin", function (event) {
    var row = event.target.closest("[data-row]");
    if (row) at = rows.indexOf(row);
  });
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    if (event.key === "j") go(1);
    else if (event.key === "k") go(-1);
    else if (event.key === "o" && at >= 0) rows[at].querySelector("a.open").click();
    else if (event.key === "/") { event.preventDefault(); location.assign("/search"); }
    else if (/^[cyln]$/.test(event.key)) {
      var within = at >= 0 ? rows[at] : document;
      var found = within.querySelector('[data-key="' + event.key + '"]') || (at >= 0 ? null : undefined);
      if (found) found.click();
    }
  });
})();
