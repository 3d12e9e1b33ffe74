// Fills in where this device is. The form works without it: coordinates can be typed or clicked.
"use strict";

(() => {
  const box = document.getElementById("position");
  if (!box || !window.isSecureContext || !navigator.geolocation) return;
  const said = box.querySelector("[role=status]");
  box.hidden = false;
  box.querySelector("button").addEventListener("click", () => {
    said.textContent = said.dataset.wait;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        document.getElementById("at").value =
          `${coords.latitude.toFixed(5)}, ${coords.longitude.toFixed(5)}`;
        document.getElementById("accuracy_m").value =
          String(Math.min(65535, Math.ceil(coords.accuracy)));
        said.textContent = said.dataset.done;
      },
      () => { said.textContent = said.dataset.failed; },
      { enableHighAccuracy: true, timeout: 30000, maximumAge: 60000 },
    );
  });
})();
