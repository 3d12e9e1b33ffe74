// Sounds for an alert that was not there before. Browsers let a page sound after a press only.
"use strict";

(() => {
  const EVERY_MS = 15000;
  const box = document.getElementById("sound");
  if (!box) return;
  const board = document.getElementById("board");
  const onBoard = () => [...board.querySelectorAll("[data-alert]")].map((one) => one.dataset.alert);
  let player = null;

  const sound = () => {
    for (let turn = 0; turn < 3; turn += 1) {
      const tone = player.createOscillator();
      tone.frequency.value = turn % 2 ? 660 : 880;
      tone.connect(player.destination);
      tone.start(player.currentTime + turn * 0.4);
      tone.stop(player.currentTime + turn * 0.4 + 0.35);
    }
  };

  const look = async () => {
    try {
      const answer = await fetch(box.dataset.page, { cache: "no-store" });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const before = onBoard();
        board.replaceChildren(...page.getElementById("board").childNodes);
        if (player && onBoard().some((one) => !before.includes(one))) sound();
      }
    } catch {
      // The node is being started again: the next look finds it.
    }
    setTimeout(look, EVERY_MS);
  };

  if (window.AudioContext) {
    box.hidden = false;
    box.querySelector("button").addEventListener("click", () => {
      player = player || new AudioContext();
      player.resume();
      sound();
      box.querySelector("[role=status]").textContent = box.querySelector("[role=status]").dataset.on;
    });
  }
  setTimeout(look, EVERY_MS);
})();
