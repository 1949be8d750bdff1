/* Passkeys: the browser makes or shows one, the form takes it to the service. Nothing else is sent or kept.

   <form method="post" data-passkey="create" data-options="{…}" data-failed="…" hidden>   or data-passkey="get"
     <input type="hidden" name="credential">  <p role="status" data-said></p>
   <div data-without-passkeys>what is shown where the browser has none</div>
*/
(function () {
  "use strict";

  var can = window.PublicKeyCredential && PublicKeyCredential.parseCreationOptionsFromJSON;
  if (!can) return;

  function ask(form) {
    var told = JSON.parse(form.getAttribute("data-options"));
    return form.getAttribute("data-passkey") === "create"
      ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(told) })
      : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(told) });
  }

  function submit(event) {
    var form = event.currentTarget;
    event.preventDefault();
    form.querySelector("[data-said]").textContent = "";
    ask(form).then(function (credential) {
      form.elements.credential.value = JSON.stringify(credential.toJSON());
      form.submit();
    }).catch(function () {
      form.querySelector("[data-said]").textContent = form.getAttribute("data-failed");
    });
  }

  document.querySelectorAll("form[data-passkey]").forEach(function (form) {
    form.hidden = false;
    form.addEventListener("submit", submit);
  });
  document.querySelectorAll("[data-without-passkeys]").forEach(function (part) { part.hidden = true; });
})();
