/* Small comforts of a respondent's pages; everything works without them.

   <p data-device="4f2a…" data-saved-at="0" data-says="Сохранено в {time}"></p>  with a form on the page:
       what is typed is kept in this browser under that name, too, until <p data-sent="4f2a…"> says that it was sent
   <div data-offer hidden><p>… {time} …</p><button></div>
       is shown when this browser knows more than the page: its last words never reached us
   <form data-watched="met use">
       the page depends on these of its questions: it is asked for anew as they are answered
   <p data-up="Выше" data-down="Ниже">  before rows to be numbered: they can be moved, by buttons and by hand
   <select> of more than 15 options: searched by typing
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

  /* The page follows its answers; how, is the server's to say. It sends the page anew, and we take what has changed. */
  function follow() {
    var watched = form.getAttribute("data-watched").split(" "), looks = {}, turn = 0, soon;

    function blocks(of) { return Array.from(of.querySelectorAll(":scope > .question, :scope > .note")); }
    function carried(of) { return Array.from(of.querySelectorAll(":scope > [type=hidden]")); }
    function key(block) {
      var control = block.querySelector("[name]");
      return control ? control.name.split("-")[0] : block.id;
    }

    function look(block) { /* without what is typed */
      return block.outerHTML.replace(/ (value="[^"]*"|checked(="")?|selected(="")?)/g, "")
        .replace(/(<textarea[^>]*>)[^<]*/g, "$1");
    }

    function take(page) {
      var fresh = new DOMParser().parseFromString(page, "text/html").querySelector("form[data-watched]");
      if (!fresh) return;
      var old = {}, next = form.querySelector(".question, .note, .actions");
      blocks(form).forEach(function (block) { old[key(block)] = block; });
      blocks(fresh).forEach(function (block) {
        var name = key(block), now = look(block), there = old[name];
        if (there && (looks[name] === now || there.matches(".wrong") || there.contains(document.activeElement))) {
          next = there.nextElementSibling;
          delete old[name];
        } else {
          looks[name] = now;
          form.insertBefore(block, next);
          ease(block);
        }
      });
      Object.keys(old).forEach(function (name) { old[name].remove(); });
      carried(form).forEach(function (input) { input.remove(); });
      form.prepend.apply(form, carried(fresh));
    }

    function ask() {
      var mine = turn += 1, body = new URLSearchParams(typed());
      body.set("go", "shown");
      fetch(location.href, { method: "POST", body: body })
        .then(function (answer) { return answer.ok ? answer.text() : ""; })
        .then(function (page) { if (mine === turn) take(page); })
        .catch(function () { /* as without a script: the next page will tell */ });
    }

    blocks(form).forEach(function (block) { looks[key(block)] = look(block); });
    form.addEventListener("input", function (event) {
      if (watched.indexOf(event.target.name.split("-")[0]) < 0) return;
      turn += 1;
      clearTimeout(soon);
      soon = setTimeout(ask, 300);
    });
  }

  function made(tag, facts) {
    var element = document.createElement(tag);
    Object.keys(facts).forEach(function (name) { element.setAttribute(name, facts[name]); });
    return element;
  }

  function changed(control) { control.dispatchEvent(new Event("input", { bubbles: true })); }

  /* Numbers are written by moving the rows; whoever types them may go on typing. */
  function rank(hint) {
    var box = hint.parentNode, told = box.appendChild(made("p", { "class": "unseen", role: "status" }));

    function rows() { return Array.from(box.querySelectorAll(".numbered")); }
    function place(row) { return row.querySelector("input"); }
    function label(row) { return row.querySelector("label").textContent; }

    function sort() {
      rows().sort(function (a, b) { return (place(a).value || 99) - (place(b).value || 99); })
        .forEach(function (row) { box.insertBefore(row, told); });
    }

    function write(row) {
      rows().forEach(function (each, at) { place(each).value = at + 1; });
      told.textContent = label(row) + ": " + place(row).value;
      changed(place(row));
    }

    function step(row, name, sign, by) {
      var button = made("button", { type: "button", "aria-label": hint.getAttribute("data-" + name) + ": " + label(row) });
      button.textContent = sign;
      button.addEventListener("click", function () {
        sort();
        var all = rows(), other = all[all.indexOf(row) + by];
        if (other) box.insertBefore(other, by < 0 ? row.nextSibling : row);
        write(row);
        button.focus();
      });
      row.appendChild(button);
    }

    function drag(row) {
      var handle = row.appendChild(made("span", { "class": "handle", "aria-hidden": "true" }));
      function past(other, sign, event) {
        var at = other && other.matches(".numbered") && other.getBoundingClientRect();
        return at && sign * (event.clientY - at.top - at.height / 2) > 0;
      }
      handle.addEventListener("pointerdown", function (event) {
        event.preventDefault();
        sort();
        handle.setPointerCapture(event.pointerId);
        row.classList.add("held");
      });
      handle.addEventListener("pointermove", function (event) {
        if (!row.matches(".held")) return;
        while (past(row.nextElementSibling, 1, event)) box.insertBefore(row.nextElementSibling, row);
        while (past(row.previousElementSibling, -1, event)) box.insertBefore(row.previousElementSibling, row.nextSibling);
      });
      handle.addEventListener("lostpointercapture", function () {
        row.classList.remove("held");
        write(row);
      });
    }

    rows().forEach(function (row) {
      step(row, "up", "↑", -1);
      step(row, "down", "↓", 1);
      drag(row);
    });
  }

  /* A long list is searched by typing (the combobox of WAI-ARIA); the select itself keeps what is chosen. */
  function search(select) {
    var id = select.id, list = made("ul", { id: id + "-found", role: "listbox", "class": "found" }), at = -1;
    var input = made("input", { id: id, type: "text", role: "combobox", autocomplete: "off",
      "aria-autocomplete": "list", "aria-controls": list.id });
    ["aria-describedby", "aria-invalid"].forEach(function (name) {
      if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
    });
    list.setAttribute("aria-label", select.labels[0].textContent);

    function plain(text) { return text.trim().toLowerCase().replace(/ё/g, "е"); }
    function chosen() { return select.value ? select.selectedOptions[0].text : ""; }

    function show(open) {
      list.hidden = !open;
      input.setAttribute("aria-expanded", open);
      input.removeAttribute("aria-activedescendant");
      at = -1;
    }

    function find() {
      var words = input.value === chosen() ? [] : plain(input.value).split(/\s+/);
      list.textContent = "";
      Array.from(select.options).forEach(function (option) {
        var fits = words.every(function (word) { return plain(option.text).indexOf(word) >= 0; });
        if (!option.value || !fits) return;
        var item = made("li", { id: list.id + option.index, role: "option", "aria-selected": "false" });
        item.textContent = option.text;
        item.addEventListener("click", function () { choose(option.value); });
        list.appendChild(item);
      });
      show(list.children.length > 0);
    }

    function choose(value) {
      select.value = value;
      input.value = chosen();
      show(false);
      changed(select);
    }

    function point(by) {
      if (list.hidden) find();
      var items = list.children;
      if (!items.length) return;
      if (items[at]) items[at].setAttribute("aria-selected", "false");
      at = (at + by + items.length + (at < 0 && by < 0)) % items.length;
      items[at].setAttribute("aria-selected", "true");
      items[at].scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", items[at].id);
    }

    function leave() {
      show(false);
      if (!input.value.trim() && select.value) choose("");
      input.value = chosen();
    }

    input.addEventListener("input", find);
    input.addEventListener("click", find);
    input.addEventListener("blur", leave);
    list.addEventListener("mousedown", function (event) { event.preventDefault(); });
    input.addEventListener("keydown", function (event) {
      var deeds = { ArrowDown: function () { point(1); }, ArrowUp: function () { point(-1); }, Escape: leave,
        Enter: function () { if (at >= 0) list.children[at].click(); } };
      if (!deeds[event.key] || (list.hidden && event.key[0] !== "A")) return;
      event.preventDefault();
      deeds[event.key]();
    });
    select.id = id + "-chosen";
    select.hidden = true;
    select.after(input, list);
    input.value = chosen();
    show(false);
  }

  function ease(part) {
    part.querySelectorAll("[data-up]").forEach(rank);
    part.querySelectorAll("select").forEach(function (select) {
      if (select.options.length > 16) search(select);
    });
  }

  var sent = document.querySelector("[data-sent]");
  if (sent) forget(sent);
  if (place && form) keepTyped();
  if (form && form.hasAttribute("data-watched")) follow();
  if (form) ease(form);
})();
