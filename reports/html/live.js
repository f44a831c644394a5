
// A run while it runs: everything comes from live.json, once a second, and becomes text.
{
  const SVG = "http://www.w3.org/2000/svg";
  const WIDTH = 500, HEIGHT = 220, LEFT = 64, RIGHT = 14, TOP = 10, BOTTOM = 30;
  const state = document.getElementById("state");
  const root = document.getElementById("profiles");
  const sections = new Map();

  const element = (name, properties = {}, ...children) => {
    const made = document.createElement(name);
    Object.assign(made, properties);
    made.append(...children);
    return made;
  };
  const drawn = (name, attributes, text) => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    if (text !== undefined) made.textContent = text;
    return made;
  };

  const digits = (value) => Number(value.toPrecision(3)).toLocaleString("en", { maximumFractionDigits: 6 }).replaceAll(",", "\u202f");
  const rate = (value) => digits(value) + "/s";
  const percent = (value) => digits(value * 100) + " %";
  const time = (seconds) => {
    if (seconds === null || seconds === undefined) return "–";
    if (seconds >= 1) return digits(seconds) + " s";
    return seconds >= 1e-3 ? digits(seconds * 1e3) + " ms" : digits(seconds * 1e6) + " µs";
  };
  const clock = (seconds) => (seconds < 120 ? digits(seconds) + " s" : seconds < 7200 ? digits(seconds / 60) + " min" : digits(seconds / 3600) + " h");

  const counted = (traffic) => Object.values(traffic.outcomes).reduce((sum, count) => sum + count, 0);
  const failed = (traffic) => counted(traffic) - (traffic.outcomes.success ?? 0);
  const share = (traffic) => (counted(traffic) > 0 ? failed(traffic) / counted(traffic) : null);

  // Ticks of an axis from none to the highest value, and of a logarithmic one around all values.
  const evenly = (highest) => {
    const wanted = (highest > 0 ? highest : 1) / 4;
    const size = 10 ** Math.floor(Math.log10(wanted));
    const step = [1, 2, 2.5, 5, 10].map((digit) => digit * size).find((each) => each >= wanted * 0.999);
    return Array.from({ length: Math.max(1, Math.ceil((highest / step) * 0.999)) + 1 }, (_, index) => index * step);
  };
  const byDecades = (values) => {
    const [least, most] = values.length > 0 ? [Math.min(...values), Math.max(...values)] : [1e-3, 1e-2];
    const decades = Array.from({ length: 10 }, (_, index) => index - 6);
    const ticks = (digits) => {
      const all = decades.flatMap((decade) => digits.map((digit) => digit * 10 ** decade));
      const from = all.findLastIndex((tick) => tick <= least * 0.95);
      const to = all.findIndex((tick) => tick >= most * 1.05);
      return all.slice(Math.max(0, from), to < 0 ? undefined : to + 1);
    };
    const fine = ticks([1, 2, 5]);
    return fine.length > 7 ? ticks([1]) : fine;
  };

  // A line holds its level within each part, and is interrupted where a part has no value.
  const path = (parts, pick, x, y) => {
    const pieces = [];
    let goesOn = false;
    for (const part of parts) {
      const value = pick(part);
      if (value === null || value === undefined) {
        goesOn = false;
        continue;
      }
      const points = [`${x(part.second)},${y(value)}`, `${x(part.second + part.seconds)},${y(value)}`];
      if (goesOn) pieces.at(-1).push(...points);
      else pieces.push(points);
      goesOn = true;
    }
    return pieces.map((piece) => piece.join(" "));
  };

  const chart = (title, profile, parts, lines, label, scale) => {
    const values = lines.flatMap(([, , pick]) => parts.map(pick)).filter((value) => value !== null && value !== undefined);
    const isTime = scale === "logarithmic";
    const ticks = isTime ? byDecades(values.filter((value) => value > 0)) : evenly(Math.max(0, ...values));
    const place = (value) => (isTime ? Math.log10(Math.max(value, 1e-6)) : value);
    const [from, to] = [place(ticks[0]), place(ticks.at(-1))];
    const until = Math.max(profile.second, 1, ...parts.map((part) => part.second + 1));
    const x = (second) => (LEFT + (Math.min(second, until) / until) * (WIDTH - LEFT - RIGHT)).toFixed(1);
    const y = (value) => (HEIGHT - BOTTOM - ((place(value) - from) / (to - from || 1)) * (HEIGHT - TOP - BOTTOM)).toFixed(1);
    const svg = drawn("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": title });
    if (profile.warm_up_s > 0) {
      svg.append(drawn("rect", { class: "ink-warm-up", x: LEFT, y: TOP, width: x(profile.warm_up_s) - LEFT, height: HEIGHT - TOP - BOTTOM }));
    }
    for (const tick of ticks) {
      svg.append(drawn("line", { class: "ink-grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(tick), y2: y(tick) }));
      svg.append(drawn("text", { class: "ink-text", x: LEFT - 6, y: Number(y(tick)) + 4, "text-anchor": "end" }, tick === 0 ? "0" : label(tick)));
    }
    for (const [part, anchor] of [[0, "start"], [0.5, "middle"], [1, "end"]]) {
      svg.append(drawn("text", { class: "ink-text", x: x(part * until), y: HEIGHT - 10, "text-anchor": anchor }, part === 0 ? "0" : clock(part * until)));
    }
    for (const [ink, , pick] of lines) {
      for (const points of path(parts, pick, x, y)) svg.append(drawn("polyline", { class: ink, points }));
    }
    const legend = element("ul", { className: "legend" });
    for (const [ink, name] of lines) legend.append(element("li", { className: ink, textContent: name }));
    const caption = element("figcaption", {}, element("h3", { textContent: title }), legend);
    return element("figure", { className: "chart" }, caption, svg);
  };

  const charts = (profile) => {
    const parts = profile.timeline;
    // The part that is under way has not all of its seconds yet.
    const lasted = (part) => Math.max(1, Math.min(part.seconds, profile.second - part.second));
    const response = (name) => (part) => part.response[name];
    return [
      chart("Rate", profile, parts, [
        ["ink-due", "due", (part) => part.due / lasted(part)],
        ["ink-answered", "answered well", (part) => (part.outcomes.success ?? 0) / lasted(part)],
      ], rate),
      chart("Response time", profile, parts, [
        ["ink-response-median", "p50", response("p50_s")],
        ["ink-response-middle", "p95", response("p95_s")],
        ["ink-response-high", "p99", response("p99_s")],
        ["ink-response-highest", "p99.9", response("p99_9_s")],
      ], time, "logarithmic"),
      chart("Failed", profile, parts, [["ink-wrong-answer", "share of requests", (part) => share(part)]], percent),
      chart("In flight", profile, parts, [["ink-service-high", "most at the end of a second", (part) => part.in_flight]], digits),
    ];
  };

  const table = (profile) => {
    const { now, judged } = profile;
    const each = (pick) => [now ? pick(now) : "–", counted(judged) > 0 ? pick(judged) : "–"];
    const quantile = (name) => each((traffic) => time(traffic.response[name]));
    const rows = [
      ["due", now ? rate(now.due / now.seconds) : "–", digits(judged.due)],
      ["answered well", now ? rate((now.outcomes.success ?? 0) / now.seconds) : "–", digits(judged.outcomes.success ?? 0)],
      ["in flight", digits(profile.in_flight), ""],
      ["p50", ...quantile("p50_s")],
      ["p95", ...quantile("p95_s")],
      ["p99", ...quantile("p99_s")],
      ["p99.9", ...quantile("p99_9_s")],
      ["failed", ...each((traffic) => percent(share(traffic) ?? 0))],
    ];
    for (const kind of ["statuses", "failures"]) {
      const names = new Set([now, judged].flatMap((traffic) => Object.keys(traffic?.[kind] ?? {})));
      // One status alone says nothing new.
      if (kind === "statuses" && names.size < 2) continue;
      for (const name of [...names].sort()) {
        const title = kind === "statuses" ? "status " + name : "no answer: " + name.replaceAll("_", " ");
        rows.push([title, ...each((traffic) => percent(traffic[kind][name]?.share ?? 0))]);
      }
    }
    rows.push(["generator late, p99", now ? time(now.lateness.p99_s) : "–", time(profile.lateness.p99_s)]);
    const body = element("tbody");
    for (const [name, ...cells] of rows) {
      const row = element("tr", { className: name === "failed" && failed(now ?? judged) > 0 ? "failed" : "" });
      row.append(element("th", { scope: "row", textContent: name }), ...cells.map((textContent) => element("td", { textContent })));
      body.append(row);
    }
    const title = (textContent) => element("th", { scope: "col", textContent });
    const head = element("thead", {}, element("tr", {}, title(""), title(now ? `last ${now.seconds} s` : "now"), title("judged so far")));
    return element("table", { className: "values" }, head, body);
  };

  const show = (run) => {
    const running = run.profiles.filter((profile) => profile.state === "running").length;
    const over = run.profiles.filter((profile) => profile.state === "over").length;
    state.textContent = run.over ? "The run is over." : `${running} running, ${over} over, ${run.profiles.length - running - over} waiting.`;
    run.profiles.forEach((profile, index) => {
      if (profile.state === "waiting") return;
      if (!sections.has(index)) {
        sections.set(index, element("article", { className: "profile" }));
        // The latest is the first.
        root.prepend(sections.get(index));
      }
      const warm = profile.state === "running" && profile.second < profile.warm_up_s ? ", warm-up" : "";
      const progress = `${profile.state}${warm}, ${clock(profile.second)} of ${clock(profile.lasts_s)}`;
      const parts = [element("h2", { textContent: profile.title }), element("p", { textContent: progress }), table(profile)];
      if (profile.timeline.length > 0) parts.push(element("div", { className: "charts" }, ...charts(profile)));
      sections.get(index).replaceChildren(...parts);
    });
  };

  const fetched = async () => {
    try {
      const answer = await fetch("live.json", { cache: "no-store" });
      if (!answer.ok) throw new Error(answer.statusText);
      show(await answer.json());
    } catch {
      state.textContent = "The run is over, or can't be reached: this is what was fetched last.";
    }
    setTimeout(fetched, 1000);
  };
  fetched();
}
