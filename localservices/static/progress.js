// Keeps the figures of the home page fresh while it is open. The page needs it for nothing else.
"use strict";

(() => {
  const EVERY_MS = 3000;
  const progress = document.getElementById("progress");
  if (!progress) return;

  const valueAt = (told, path) => path.split(".").reduce((inner, name) => inner?.[name], told);

  const show = (told) => {
    for (const cell of document.querySelectorAll("[data-live]")) {
      const value = valueAt(told, cell.dataset.live);
      if (typeof value !== "number") continue;
      const shown = "kb" in cell.dataset ? Math.round(value / 1000) : value;
      cell.textContent = cell.textContent.replace(/\d+/, shown);
    }
    const lanes = Object.values(told.lanes);
    const waits = lanes.some((lane) => lane.waiting > 0);
    const waited = !["all_held", "nothing_yet"].includes(progress.dataset.state);
    // Sentences are written by the server: when one of them would change, it is asked for all.
    if (String(told.link.up) !== progress.dataset.up || waits !== waited) location.reload();
  };

  const look = async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch("/api/status", { cache: "no-store" });
        if (answer.redirected || !answer.ok) return location.reload();
        show(await answer.json());
      } catch {
        // The node is being started again: the next look finds it.
      }
    }
    setTimeout(look, EVERY_MS);
  };
  setTimeout(look, EVERY_MS);
})();
