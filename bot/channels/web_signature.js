// A name drawn with a finger: strokes on a canvas, sent as a PNG that is cut to what was drawn.
(() => {
  const page = document.getElementById("hs");
  const canvas = document.getElementById("hs-canvas");
  const send = document.getElementById("hs-send");
  const clear = document.getElementById("hs-clear");
  const said = document.getElementById("hs-said");
  const pen = canvas.getContext("2d");
  const MARGIN = 12;
  let scale = 1;
  let last = null;
  let box = null;
  let length = 0;

  function wipe() {
    scale = Math.min(window.devicePixelRatio || 1, 2);
    canvas.width = canvas.clientWidth * scale;
    canvas.height = canvas.clientHeight * scale;
    pen.lineWidth = 4 * scale;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = "#111";
    last = box = null;
    length = 0;
    send.disabled = true;
    said.textContent = "";
  }

  function place(event) {
    const at = canvas.getBoundingClientRect();
    return [(event.clientX - at.left) * scale, (event.clientY - at.top) * scale];
  }

  function stretch([x, y]) {
    box = box ? [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x), Math.max(box[3], y)] : [x, y, x, y];
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (canvas.dataset.closed) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    last = place(event);
    stretch(last);
  });

  canvas.addEventListener("pointermove", (event) => {
    if (!last) return;
    event.preventDefault();
    const here = place(event);
    pen.beginPath();
    pen.moveTo(...last);
    pen.lineTo(...here);
    pen.stroke();
    length += Math.hypot(here[0] - last[0], here[1] - last[1]);
    stretch(here);
    last = here;
    send.disabled = length < 60 * scale; // a touch by mistake is no name
  });

  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (last = null));
  clear.addEventListener("click", wipe);

  function cut() {
    const [left, top] = [Math.max(0, box[0] - MARGIN), Math.max(0, box[1] - MARGIN)];
    const [right, low] = [Math.min(canvas.width, box[2] + MARGIN), Math.min(canvas.height, box[3] + MARGIN)];
    const small = document.createElement("canvas");
    [small.width, small.height] = [Math.ceil(right - left), Math.ceil(low - top)];
    small.getContext("2d").drawImage(canvas, -left, -top);
    return new Promise((done) => small.toBlob(done, "image/png"));
  }

  send.addEventListener("click", async () => {
    send.disabled = clear.disabled = true;
    let answer = null;
    try {
      answer = await fetch(window.location.pathname, { method: "POST", body: await cut() });
    } catch {
      answer = null; // the network is away: it may be sent again
    }
    const over = answer !== null && (answer.ok || answer.status === 410);
    said.textContent = page.dataset[answer?.ok ? "sent" : over ? "gone" : "untaken"];
    if (over) canvas.dataset.closed = "yes";
    else send.disabled = clear.disabled = false;
  });

  wipe();
})();
