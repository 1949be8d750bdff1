/* Small comforts of the staff's pages; everything works without them.

   <div data-follow="/runs/7/events" aria-live="polite"><p data-shows="text">…</p></div>
       every event is a JSON object: {"text": "…"} fills the part that shows "text"; the end of the stream reloads the page
   <button type="button" data-copy="https://…" data-copied="Скопировано" hidden>Скопировать ссылку</button>
   <button type="button" data-print hidden>Напечатать</button>
*/
(function () {
  "use strict";

  function each(selector, act) {
    Array.prototype.forEach.call(document.querySelectorAll(selector), act);
  }

  function follow(place) {
    var source = new EventSource(place.getAttribute("data-follow"));
    var opened = false;
    source.onopen = function () { opened = true; };
    source.onmessage = function (event) {
      var news = JSON.parse(event.data);
      Object.keys(news).forEach(function (name) {
        var part = place.querySelector('[data-shows="' + name + '"]');
        if (part) part.textContent = news[name];
      });
    };
    /* The stream ends when the work does; the page then shows the outcome, or follows again. */
    source.onerror = function () {
      if (!opened) return;
      source.close();
      location.reload();
    };
  }

  /* The clipboard proper is closed to pages without HTTPS, and many schools have none inside. */
  function copyByHand(text) {
    var area = document.createElement("textarea");
    area.value = text;
    area.className = "unseen";
    document.body.appendChild(area);
    area.select();
    document.execCommand("copy");
    document.body.removeChild(area);
  }

  function copy(button) {
    var text = button.getAttribute("data-copy");
    var done = function () {
      button.textContent = button.getAttribute("data-copied");
      button.focus();
    };
    if (!navigator.clipboard) return copyByHand(text), done();
    navigator.clipboard.writeText(text).then(done, function () { copyByHand(text); done(); });
  }

  function offer(selector, act) {
    each(selector, function (button) {
      button.hidden = false;
      button.addEventListener("click", function () { act(button); });
    });
  }

  if (window.EventSource) each("[data-follow]", follow);
  offer("[data-copy]", copy);
  offer("[data-print]", function () { window.print(); });
})();
