// Says, while a registration is typed, whom the node knows already. Saving asks again in any case.
"use strict";

(() => {
  const PAUSE_MS = 700;
  const form = document.getElementById("household");
  const hint = document.getElementById("doubles-hint");
  if (!form?.dataset.doubles || !hint) return;
  let timer = 0;
  let asked = 0;

  const ask = async () => {
    const mine = ++asked;
    try {
      const answer = await fetch(form.dataset.doubles, { method: "POST", body: new FormData(form) });
      if (!answer.ok || mine !== asked) return;
      const told = await answer.json();
      hint.innerHTML = told.found; // escaped by the server's template
      hint.hidden = !told.found;
    } catch {
      // The node is being started again: saving looks for doubles too.
    }
  };

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });
})();
