// A camera and a keyboard scanner for the pages on which documents are checked. Without it the
// same form takes a text or a picture.
"use strict";

(() => {
  const form = document.querySelector("form.scan");
  if (!form) return;
  const payload = form.elements.payload;
  const inPlace = "many" in form.dataset;

  // --- what was read is sent; on the page for many the camera goes on

  const send = async (texts) => {
    payload.value = texts[0];
    if (!inPlace) {
      for (const text of texts.slice(1)) {
        const more = document.createElement("input");
        Object.assign(more, { type: "hidden", name: "payload", value: text });
        form.append(more);
      }
      return form.requestSubmit();
    }
    const filled = new FormData(form);
    for (const text of texts.slice(1)) filled.append("payload", text);
    await exchange(filled);
  };

  const exchange = async (filled) => {
    const answer = await fetch(form.action, { method: "POST", body: filled });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.querySelector("form.scan");
    if (!next) return location.reload();
    for (const id of ["given", "bus"]) {
      document.getElementById(id).replaceWith(page.getElementById(id));
    }
    for (const name of ["form_id", "csrf_token"]) {
      form.elements[name].value = next.elements[name].value;
    }
    payload.value = "";
    form.elements.picture.value = "";
    payload.focus();
  };

  if (inPlace) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      exchange(new FormData(form)).catch(() => form.submit());
    });
  }

  // --- a scanner types faster than people do, and ends with Enter; lines of a passport have one
  // in their middle, so that a moment's silence is what tells the end

  const FAST_MS = 35, SILENCE_MS = 250, SIGNS_MIN = 10;
  let begun = 0, signs = 0, last = 0, silence;
  payload.addEventListener("keydown", (event) => {
    clearTimeout(silence);
    const now = event.timeStamp;
    if (now - last > SILENCE_MS) [begun, signs] = [now, 0];
    last = now;
    if (event.key.length === 1) signs += 1;
    const isScanned = signs >= SIGNS_MIN && (now - begun) / signs < FAST_MS;
    if (event.key === "Enter" && isScanned) {
      silence = setTimeout(() => form.requestSubmit(), SILENCE_MS);
    }
  });

  // --- the camera: views go to the node, one at a time, until it reads a code in one

  const camera = document.getElementById("camera");
  if (!navigator.mediaDevices?.getUserMedia) return; // not over plain HTTP from another machine
  const [video, said, button] = ["video", "p", "button"].map((tag) => camera.querySelector(tag));
  const VIEW_PIXELS = 1280, PAUSE_MS = 120, SAME_AGAIN_MS = 4000;
  const canvas = document.createElement("canvas");
  let stream = null, seen = "", seenAt = 0;
  camera.hidden = false;

  const stop = () => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    video.hidden = true;
    button.hidden = false;
  };

  const trouble = () => {
    stop();
    said.textContent = camera.dataset.problem;
  };

  const look = async () => {
    const scale = Math.min(1, VIEW_PIXELS / Math.max(video.videoWidth, video.videoHeight, 1));
    canvas.width = video.videoWidth * scale;
    canvas.height = video.videoHeight * scale;
    if (!canvas.width) return [];
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    const view = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    const filled = new FormData();
    filled.append("csrf_token", form.elements.csrf_token.value);
    filled.append("view", view, "view.jpg");
    const answer = await fetch(camera.dataset.view, { method: "POST", body: filled });
    if (answer.redirected) location.reload();
    const told = await answer.json();
    if (told.problem && told.problem !== "picture_waits") throw new Error(told.problem);
    return told.texts ?? [];
  };

  const isNew = (texts) => {
    const all = texts.join("\n"), now = performance.now();
    const same = all === seen && now - seenAt < SAME_AGAIN_MS;
    [seen, seenAt] = [all, now];
    return !same;
  };

  const watch = async () => {
    try {
      while (stream) {
        const texts = await look();
        if (stream && texts.length && isNew(texts)) {
          await send(texts);
          if (!inPlace) return stop();
        }
        await new Promise((done) => setTimeout(done, PAUSE_MS));
      }
    } catch {
      trouble();
    }
  };

  button.addEventListener("click", async () => {
    try {
      const wanted = { facingMode: "environment", width: { ideal: 1920 } };
      stream = await navigator.mediaDevices.getUserMedia({ video: wanted });
      video.srcObject = stream;
      await video.play();
    } catch {
      return trouble();
    }
    button.hidden = true;
    video.hidden = false;
    said.textContent = camera.dataset.looking;
    watch();
  });
})();
