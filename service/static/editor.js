/* The editor of questionnaires with a little more comfort: what is typed is saved after a pause, and the preview and
   the list of what is to be put right follow. Everything works by its buttons without this file.

   <form data-autosave data-saving="…" data-failed="…">   a part of a draft; the page that answers its post is
       the same page, of which #saved, #undoing, #todo, #seen and #conditions are taken over
   [data-reloads] a menu whose choice changes the whole form
   [data-swaps]   a menu whose choice changes the menus beside it: saved at once
*/
(function () {
  "use strict";

  var PAUSE = 900;
  var form = document.querySelector("form[data-autosave]");
  if (!form || !window.fetch || !window.FormData || !window.DOMParser) return;

  var unsaved = document.getElementById("unsaved");
  var timer = null, busy = false, again = false, changed = false, swapped = false, pressed = null;

  function say(text) { if (unsaved) unsaved.textContent = text; }

  function posted() {
    var data = new URLSearchParams();
    new FormData(form).forEach(function (value, name) { data.append(name, value); });
    data.append("auto", "1");
    return data;
  }

  /* The part of the page that the server has written anew, unless somebody is typing there. */
  function take(page, id, evenHere) {
    var old = document.getElementById(id), fresh = page.getElementById(id);
    if (!old || !fresh || old.outerHTML === fresh.outerHTML) return;
    var focused = document.activeElement && old.contains(document.activeElement) && document.activeElement.id;
    if (focused && !evenHere) return;
    old.replaceWith(document.importNode(fresh, true));
    var back = focused && document.getElementById(focused);
    if (back) back.focus();
  }

  function followed(text) {
    var page = new DOMParser().parseFromString(text, "text/html");
    var seen = page.getElementById("seen"), saved = page.getElementById("saved");
    if (!seen || !saved) throw new Error("another page");
    document.getElementById("seen").value = seen.value;
    document.getElementById("saved").textContent = saved.textContent;
    take(page, "todo", true);
    take(page, "undoing", true);
    take(page, "conditions", swapped);
    swapped = false;
    var look = document.getElementById("look");
    if (look && look.contentWindow) look.contentWindow.location.reload();
  }

  function save() {
    timer = null;
    if (busy) { again = true; return; }
    busy = true;
    changed = false;
    say(form.getAttribute("data-saving"));
    fetch(form.action || location.href, { method: "POST", body: posted(), credentials: "same-origin" })
      .then(function (answer) {
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.text();
      })
      .then(function (text) { followed(text); say(""); })
      .catch(function () { changed = true; say(form.getAttribute("data-failed")); })
      .then(function () {
        busy = false;
        if (pressed) pressed.click();
        else if (again) { again = false; save(); }
      });
  }

  function later(wait) {
    changed = true;
    if (timer) clearTimeout(timer);
    timer = setTimeout(save, wait);
  }

  form.addEventListener("input", function (event) {
    if (event.target.hasAttribute("data-swaps") || event.target.tagName === "SELECT") return;
    later(PAUSE);
  });
  form.addEventListener("change", function (event) {
    if (event.target.hasAttribute("data-reloads")) { changed = false; form.submit(); return; }
    swapped = swapped || event.target.hasAttribute("data-swaps");
    later(event.target.tagName === "SELECT" ? 0 : PAUSE);
  });
  /* A button that is pressed while something is being saved waits for it, or we would overtake ourselves. */
  form.addEventListener("submit", function (event) {
    if (timer) clearTimeout(timer);
    if (busy && !pressed) { pressed = event.submitter; event.preventDefault(); return; }
    changed = false;
  });
  window.addEventListener("beforeunload", function (event) {
    if (changed) { event.preventDefault(); event.returnValue = ""; }
  });
})();
