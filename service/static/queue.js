/* A crowd at a common link: a bit of work in place of the wait, where a browser can.

   <form data-puzzle="key" data-bits="15">, <p data-puzzle="key" data-bits="15" data-again="/q/…?…">
*/
(function () {
  "use strict";

  function solve(puzzle) {
    var key = puzzle.getAttribute("data-puzzle"), bits = Number(puzzle.getAttribute("data-bits"));

    function look(first) {
      var tries = [];
      for (var number = first; number < first + 256; number += 1) {
        tries.push(crypto.subtle.digest("SHA-256", new TextEncoder().encode(key + ":" + number)));
      }
      Promise.all(tries).then(function (hashes) {
        var found = hashes.findIndex(function (hash) { return new DataView(hash).getUint32(0) >>> (32 - bits) === 0; });
        if (found < 0) look(first + 256); else go(first + found);
      });
    }

    function go(work) {
      var again = puzzle.getAttribute("data-again");
      if (again) return location.replace(again + "&work=" + work);
      puzzle.elements.work.value = work;
      puzzle.submit();
    }

    if (window.crypto && crypto.subtle) look(0); /* closed to pages without HTTPS: they wait */
  }

  var puzzle = document.querySelector("[data-puzzle]");
  if (puzzle) solve(puzzle);
})();
