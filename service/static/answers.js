/* Small comforts of a respondent's pages; everything works without them.

   <p data-device="4f2a…" data-saved-at="0" data-says="Сохранено в {time}"></p>  with a form on the page:
       what is typed is kept in this browser under that name, too, until <p data-sent="4f2a…"> says that it was sent
   <div data-offer hidden><p>… {time} …</p><button></div>
       is shown when this browser knows more than the page: its last words never reached us
   <form data-puzzle="key" data-bits="15">, <p data-puzzle="key" data-bits="15" data-again="/q/…?…">
       a crowd at a common link: a bit of work in place of the wait
*/
(function () {
  "use strict";

  var OURS = ["ticket", "page", "go", "-shown"];
  var place = document.querySelector("[data-device]");
  var form = document.querySelector("main form");

  function clock(moment) {
    var at = new Date(moment);
    var time = at.toLocaleTimeString("ru", { hour: "2-digit", minute: "2-digit" });
    return at.toDateString() === new Date().toDateString() ? time : time + " (" + at.toLocaleDateString("ru") + ")";
  }

  function recall(name) {
    try { return JSON.parse(localStorage.getItem(name)); } catch (error) { return null; }
  }

  function typed() {
    var pairs = [];
    new FormData(form).forEach(function (value, name) {
      if (typeof value === "string") pairs.push([name, value]);
    });
    return pairs;
  }

  function answers(pairs) {
    return JSON.stringify(pairs.filter(function (pair) {
      return pair[1].trim() && OURS.indexOf(pair[0]) < 0;
    }).sort());
  }

  function keepTyped() {
    var name = place.getAttribute("data-device"), saved = place.getAttribute("data-saved-at"), soon;

    function keep() {
      try {
        localStorage.setItem(name, JSON.stringify({ at: Date.now(), after: saved, typed: typed() }));
        place.textContent = place.getAttribute("data-says").replace("{time}", clock(Date.now()));
      } catch (error) { /* a browser that keeps nothing says nothing */ }
    }

    function bring(known) {
      var ticket = form.elements.ticket.value;
      form.textContent = "";
      form.enctype = "application/x-www-form-urlencoded";
      known.typed.filter(function (pair) { return pair[0] !== "ticket" && pair[0] !== "go"; })
        .concat([["ticket", ticket], ["go", "here"]])
        .forEach(function (pair) {
          var input = document.createElement("input");
          input.type = "hidden";
          input.name = pair[0];
          input.value = pair[1];
          form.appendChild(input);
        });
      form.submit();
    }

    function offer() {
      var known = recall(name), box = document.querySelector("[data-offer]");
      if (!known || answers(known.typed) === answers(typed())) return;
      if (known.after !== saved && known.at < Number(saved)) return;
      var said = box.querySelector("p");
      said.textContent = said.textContent.replace("{time}", clock(known.at));
      box.querySelector("button").addEventListener("click", function () { bring(known); });
      box.hidden = false;
    }

    form.addEventListener("input", function () {
      clearTimeout(soon);
      soon = setTimeout(keep, 400);
    });
    form.addEventListener("submit", keep);
    window.addEventListener("pagehide", function () { if (soon) keep(); });
    setTimeout(offer, 0); /* after the browser has put back what it remembers by itself */
  }

  function forget(sent) {
    try { localStorage.removeItem(sent.getAttribute("data-sent")); } catch (error) { /* nothing was kept */ }
  }

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

  var sent = document.querySelector("[data-sent]"), puzzle = document.querySelector("[data-puzzle]");
  if (sent) forget(sent);
  if (puzzle) solve(puzzle);
  if (place && form) keepTyped();
})();
