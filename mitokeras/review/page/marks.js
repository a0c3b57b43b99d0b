// Drawing figures on the field and on the map of the slide.

export const COLOURS = {
  mitosis: "#00a878",
  "not mitosis": "#3d4352",
  unsure: "#56b4e9",
  model: "#f0e442",
  rejected: "#c9cdd4",
  ink: "#1f2430",
  region: "#0072b2",
};

export const colourOf = (one) =>
  one.label ? COLOURS[one.label] : one.accepted ? COLOURS.model : COLOURS.rejected;

// Strokes a path twice: dark or white below, so that it is seen on pale and dark tissue.
function stroke(context, colour, width, draw) {
  const below = colour === COLOURS["not mitosis"] || colour === COLOURS.region ? "#fff" : COLOURS.ink;
  for (const [style, wide] of [[below, width + 2], [colour, width]]) {
    context.strokeStyle = style;
    context.lineWidth = wide;
    context.beginPath();
    draw();
    context.stroke();
  }
}

export function drawFigure(context, one, x, y, radius) {
  const colour = colourOf(one);
  stroke(context, colour, one.label || one.accepted ? 2.5 : 1.25, () => {
    if (one.added !== undefined) {
      context.moveTo(x, y - radius);
      for (const [dx, dy] of [[1, 0], [0, 1], [-1, 0]]) context.lineTo(x + dx * radius, y + dy * radius);
      context.closePath();
    } else if (one.label === "not mitosis") {
      const [near, far] = [radius * 0.45, radius * 0.85];
      for (const [dx, dy] of [[1, 1], [1, -1], [-1, -1], [-1, 1]]) {
        context.moveTo(x + near * dx, y + near * dy);
        context.lineTo(x + far * dx, y + far * dy);
      }
    } else if (one.label === "unsure") {
      context.rect(x - radius * 0.8, y - radius * 0.8, radius * 1.6, radius * 1.6);
    } else {
      context.arc(x, y, one.label || one.accepted ? radius : radius * 0.7, 0, 2 * Math.PI);
    }
  });
  if (one.atypical) {
    stroke(context, colour, 2.5, () => context.arc(x, y, radius * 1.3, 0, 2 * Math.PI));
  }
}

export function drawCurrent(context, x, y, side) {
  stroke(context, "#ffffff", 2.5, () => {
    for (const [sx, sy] of [[-1, -1], [1, -1], [1, 1], [-1, 1]]) {
      context.moveTo(x + sx * side, y + sy * side * 0.55);
      context.lineTo(x + sx * side, y + sy * side);
      context.lineTo(x + sx * side * 0.55, y + sy * side);
    }
  });
}

export function drawOutline(context, points, closed) {
  if (!points.length) return;
  stroke(context, COLOURS.region, 2.5, () => {
    context.moveTo(...points[0]);
    for (const point of points.slice(1)) context.lineTo(...point);
    if (closed) context.closePath();
  });
  if (closed) return;
  for (const [x, y] of points) {
    context.fillStyle = COLOURS.region;
    context.fillRect(x - 4, y - 4, 8, 8);
  }
}

export function drawCross(context, x, y) {
  stroke(context, "#ffffff", 1.5, () => {
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(x + 5 * dx, y + 5 * dy);
      context.lineTo(x + 14 * dx, y + 14 * dy);
    }
  });
}

export function drawScale(context, umPerPx, width, height) {
  const most = (width / 4) * umPerPx;
  const power = 10 ** Math.floor(Math.log10(most));
  const um = power * (most / power >= 5 ? 5 : most / power >= 2 ? 2 : 1);
  const long = um / umPerPx;
  const text = um >= 1000 ? `${um / 1000} mm` : `${um} µm`;
  context.fillStyle = "#ffffffd9";
  context.fillRect(8, height - 36, Math.max(long, 52) + 16, 28);
  context.fillStyle = COLOURS.ink;
  context.fillRect(16, height - 16, long, 3);
  context.font = "13px system-ui, sans-serif";
  context.fillText(text, 16, height - 21);
}

// Fits a canvas to its place on the page, in the pixels of the screen.
export function prepared(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}
