"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const map = byId("map"), lines = byId("lines"), about = byId("about"), summary = byId("summary");
  const COLUMNS = ["agents", "roles", "tools", "ends"];
  const COLUMN_OF = { agent: "agents", role: "roles", tool: "tools", "data-class": "ends", untrusted: "ends",
    internal: "ends", external: "ends", group: "ends" };
  // A column with more rows is folded into its groups; a group shows this many of its members.
  const FOLD = 60, MOST_MEMBERS = 400;
  // More lines than this say nothing, least of all where nothing is filtered.
  const MOST_LINES = 1500, MOST_LINES_OF_ALL = 250;
  // Ways to what an agent can do; other edges say something about a node alone.
  const REACH = new Set(["holds", "allows", "delegates", "reads", "ingests", "sends", "gated-by"]);
  const GRANT = new Set(["holds", "allows", "delegates"]);
  const state = { chosen: {}, unfolded: new Map(), graph: null, shown: [], rows: new Map() };

  // --- the graph -----------------------------------------------------------------------------

  function read(environment) {
    const nodes = environment.nodes.map((node, id) => ({ ...node, id, out: [], in: [], column: COLUMN_OF[node.kind] }));
    for (const [from, relation, to, gated, place] of environment.edges) {
      const edge = { from, relation, to, gated: gated === 1, place };
      nodes[from].out.push(edge);
      nodes[to].in.push(edge);
    }
    const classes = nodes.filter((node) => node.kind === "data-class");
    return { nodes, classes };
  }

  const waits = (node) => node.out.some((edge) => edge.relation === "gated-by");
  // Whether the tool behind an edge, or the edge itself, waits for an approval.
  const isGated = (edge) => edge.gated || (edge.relation === "allows" && waits(state.graph.nodes[edge.to]));

  // Nodes from which the base can be reached, and those that it reaches.
  function related(base, open) {
    const nodes = state.graph.nodes, found = new Set(base);
    for (const [side, end] of [["out", "to"], ["in", "from"]]) {
      const seen = new Set(base), waiting = [...base];
      while (waiting.length > 0) {
        for (const edge of nodes[waiting.pop()][side]) {
          if (!REACH.has(edge.relation) || (open && isGated(edge)) || seen.has(edge[end])) continue;
          seen.add(edge[end]);
          found.add(edge[end]);
          waiting.push(edge[end]);
        }
      }
    }
    return found;
  }

  // A shortest way by grants from an agent to a tool.
  function way(from, to, open) {
    const last = new Map([[from, null]]), waiting = [from];
    for (let next = 0; next < waiting.length; next += 1) {
      if (waiting[next] === to) break;
      for (const edge of state.graph.nodes[waiting[next]].out) {
        if (!GRANT.has(edge.relation) || (open && isGated(edge)) || last.has(edge.to)) continue;
        last.set(edge.to, edge);
        waiting.push(edge.to);
      }
    }
    if (!last.has(to)) return null;
    const hops = [];
    for (let edge = last.get(to); edge !== null; edge = last.get(edge.from)) hops.unshift(edge);
    return hops;
  }

  // --- filters -------------------------------------------------------------------------------

  function options(select, names, all) {
    const before = select.value;
    select.replaceChildren();
    if (all !== null) select.append(new Option(all, ""));
    for (const name of names) select.append(new Option(name, "=" + name));
    if ([...select.options].some((option) => option.value === before)) select.value = before;
  }

  const value = (id) => byId(id).value.replace(/^=/, "");

  function load() {
    const environment = data.environments.find((one) => one.name === value("environment"));
    state.graph = read(environment);
    state.unfolded.clear();
    const nodes = state.graph.nodes;
    const teams = new Set(nodes.map((node) => node.team).filter((team) => team !== undefined));
    options(byId("team"), [...teams].sort(), "All teams");
    options(byId("agent"), nodes.filter((node) => node.kind === "agent").map((node) => node.name), "All agents");
    options(byId("class"), state.graph.classes.map((node) => node.name), "All data");
    const names = new Set(nodes.map((node) => node.kind + " " + node.name));
    for (const column of Object.keys(state.chosen)) {
      if (!names.has(state.chosen[column])) delete state.chosen[column];
    }
  }

  const key = (node) => node.kind + " " + node.name;
  const chosenNode = (column) => state.graph.nodes.find((node) => key(node) === state.chosen[column]);

  // The nodes that every filter leaves, those that the search names, and whether anything is filtered.
  function visible() {
    const nodes = state.graph.nodes, open = byId("open").checked, sets = [];
    const search = byId("search").value.trim().toLowerCase();
    const found = new Set();
    const ids = (test) => nodes.filter((node) => node.column !== undefined && test(node)).map((node) => node.id);
    if (search !== "") {
      for (const id of ids((node) => node.name.toLowerCase().includes(search))) found.add(id);
      sets.push(related(found, open));
    }
    const team = value("team");
    if (team !== "") sets.push(related(ids((node) => node.team === team), open));
    const name = value("class");
    if (name !== "") {
      const rank = state.graph.classes.findIndex((node) => node.name === name);
      const classes = new Set(state.graph.classes.slice(rank).map((node) => node.id));
      const reads = (node) => node.out.some((edge) => edge.relation === "reads" && classes.has(edge.to));
      sets.push(related(ids((node) => node.kind === "tool" && reads(node)), open));
    }
    for (const column of COLUMNS) {
      const node = chosenNode(column);
      if (node !== undefined) sets.push(related([node.id], open));
    }
    if (open && sets.length === 0) sets.push(related(ids((node) => node.kind === "agent"), open));
    const left = nodes.filter((node) => node.column !== undefined && sets.every((set) => set.has(node.id)));
    return { left, found, filtered: sets.length > 0 };
  }

  // --- drawing -------------------------------------------------------------------------------

  function element(tag, text, classes) {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (classes !== undefined) made.className = classes;
    return made;
  }

  // A name that may go on in the next line behind its punctuation.
  function breakable(name) {
    const made = element("span", undefined, "name");
    for (const part of name.split(/(?<=[_:./-])/)) made.append(part, document.createElement("wbr"));
    return made;
  }

  const place = (at) => at === undefined || at === null ? "" : data.files[at[0]] + ":" + at[1];

  function mark(node) {
    const marks = [];
    if (node.effect === "write") marks.push("✎");
    if (node.effect === "destructive") marks.push("⚠");
    if (node.suspended) marks.push("⊘");
    if (node.kind === "group") marks.push("✓");
    if (node.kind === "internal" || node.kind === "external") marks.push("→");
    if (node.kind === "data-class" || node.kind === "untrusted") marks.push("◆");
    return marks.join(" ");
  }

  function spoken(node) {
    const words = [node.kind.replace("-", " "), node.name];
    if (node.effect !== undefined) words.push(node.effect);
    if (node.suspended) words.push("switched off");
    if (node.kind === "tool" && waits(node)) words.push("waits for approval");
    return words.join(", ");
  }

  function item(node, found, onPath, group) {
    const button = element("button", undefined, "item " + node.column);
    button.type = "button";
    button.dataset.key = key(node);
    button.dataset.column = node.column;
    button.tabIndex = -1;
    button.setAttribute("aria-pressed", String(state.chosen[node.column] === key(node)));
    button.setAttribute("aria-label", spoken(node));
    button.title = place(node.place);
    const marks = mark(node);
    if (marks !== "") button.append(element("span", marks));
    // Below its server a tool needs no server in its name.
    const short = node.column === "tools" && node.name.startsWith(group + ":");
    button.append(breakable(short ? node.name.slice(group.length + 1) : node.name));
    for (const [name, holds] of [["in-group", group !== null], ["found", found.has(node.id)], ["on-path", onPath.has(node.id)],
      ["suspended", node.suspended], ["destructive", node.effect === "destructive"], ["external", node.kind === "external"]]) {
      button.classList.toggle(name, Boolean(holds));
    }
    return button;
  }

  function groupOf(node, many) {
    if (node.column === "tools") return many ? node.team ?? "no team" : node.name.split(":", 1)[0];
    if (node.column === "ends") return node.kind === "group" ? "approvers" : "data and ways out";
    return node.team ?? "the organisation";
  }

  function drawColumn(column, nodes, found, onPath) {
    const box = map.querySelector(`[data-column="${column}"] .items`);
    const rows = [];
    if (nodes.length === 0) rows.push(element("p", "none", "empty"));
    const servers = new Set(nodes.map((node) => groupOf(node, false)));
    const many = servers.size > FOLD;
    const groups = new Map();
    for (const node of nodes) {
      const name = groupOf(node, many);
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(node);
    }
    const fold = nodes.length > FOLD;
    for (const [name, members] of [...groups].sort(([one], [other]) => one < other ? -1 : 1)) {
      if (groups.size === 1 && !fold) {
        for (const node of members) { const row = item(node, found, onPath, null); rows.push(row); state.rows.set(node.id, row); }
        continue;
      }
      const id = column + " " + name;
      const isOpen = state.unfolded.get(id) ?? !fold;
      const head = element("button", undefined, "group " + column);
      head.type = "button";
      head.dataset.group = id;
      head.dataset.column = column;
      head.tabIndex = -1;
      head.setAttribute("aria-expanded", String(isOpen));
      head.append(element("span", name, "name"), element("span", String(members.length), "count"));
      head.setAttribute("aria-label", name + ", " + members.length + " " + (column === "ends" ? "items" : column));
      head.classList.toggle("on-path", !isOpen && members.some((node) => onPath.has(node.id)));
      rows.push(head);
      members.forEach((node, number) => {
        if (!isOpen || number >= MOST_MEMBERS) { state.rows.set(node.id, head); return; }
        const row = item(node, found, onPath, name);
        rows.push(row);
        state.rows.set(node.id, row);
      });
      if (isOpen && members.length > MOST_MEMBERS) {
        rows.push(element("p", "and " + (members.length - MOST_MEMBERS) + " more: search or filter", "more"));
      }
    }
    box.replaceChildren(...rows);
    const first = box.querySelector("button[aria-pressed=true]") ?? box.querySelector("button");
    if (first !== null) first.tabIndex = 0;
  }

  function draw() {
    const { left, found, filtered } = visible();
    state.rows.clear();
    const hops = currentWay();
    const onPath = new Set(hops === null ? [] : hops.flatMap((hop) => [hop.from, hop.to]));
    for (const column of COLUMNS) drawColumn(column, left.filter((node) => node.column === column), found, onPath);
    state.shown = left;
    state.filtered = filtered;
    state.hops = new Set(hops ?? []);
    const count = (kind) => left.filter((node) => node.kind === kind).length;
    const all = (kind) => state.graph.nodes.filter((node) => node.kind === kind).length;
    const part = (kind, name) => filtered ? `${count(kind)} of ${all(kind)} ${name}` : `${all(kind)} ${name}`;
    state.text = [part("agent", "agents"), part("role", "roles"), part("tool", "tools")].join(", ");
    drawLines();
    drawDetails(hops);
  }

  function drawLines() {
    lines.replaceChildren();
    const origin = map.getBoundingClientRect(), boxes = new Map(), drawn = new Map();
    const box = (row) => {
      if (!boxes.has(row)) boxes.set(row, row.getBoundingClientRect());
      return boxes.get(row);
    };
    const open = byId("open").checked;
    const rowNumber = new Map();
    for (const row of state.rows.values()) if (!rowNumber.has(row)) rowNumber.set(row, rowNumber.size);
    for (const node of state.shown) {
      for (const edge of node.out) {
        if (!REACH.has(edge.relation) || (open && isGated(edge))) continue;
        const from = state.rows.get(edge.from), to = state.rows.get(edge.to);
        if (from === undefined || to === undefined || from === to) continue;
        const id = rowNumber.get(from) + " " + rowNumber.get(to);
        const known = drawn.get(id);
        const line = known ?? { from, to, gated: true, path: false };
        line.gated &&= isGated(edge) || edge.relation === "gated-by";
        line.path ||= state.hops.has(edge);
        if (known === undefined) drawn.set(id, line);
      }
    }
    const all = [...drawn.values()].sort((one, other) => Number(one.path) - Number(other.path));
    const left = !state.filtered && all.length > MOST_LINES_OF_ALL ? all.length : Math.max(0, all.length - MOST_LINES);
    for (const { from, to, gated, path } of all.slice(left)) {
      const a = box(from), b = box(to);
      const same = Math.abs(a.left - b.left) < a.width;
      const x1 = a.right - origin.left, y1 = a.top + a.height / 2 - origin.top;
      const x2 = (same ? b.right : b.left) - origin.left, y2 = b.top + b.height / 2 - origin.top;
      const bend = same ? 40 : (x2 - x1) / 2;
      const curve = document.createElementNS("http://www.w3.org/2000/svg", "path");
      curve.setAttribute("d", `M${x1} ${y1}C${x1 + bend} ${y1} ${same ? x2 + bend : x2 - bend} ${y2} ${x2} ${y2}`);
      curve.setAttribute("class", (gated ? "gated " : "") + (path ? "path" : ""));
      lines.append(curve);
    }
    summary.textContent = state.text + (left > 0 ? `; ${left} lines are not drawn: choose something or filter to see its lines` : "");
  }

  // --- details -------------------------------------------------------------------------------

  function currentWay() {
    const agent = chosenNode("agents"), tool = chosenNode("tools");
    if (agent === undefined || tool === undefined) return null;
    return way(agent.id, tool.id, byId("open").checked);
  }

  function drawDetails(hops) {
    about.replaceChildren();
    const agent = chosenNode("agents"), tool = chosenNode("tools");
    if (agent !== undefined && tool !== undefined) {
      about.append(element("h3", hops === null ? `${agent.name} does not reach ${tool.name}` : `How ${agent.name} reaches ${tool.name}`));
      const list = element("ol");
      for (const hop of hops ?? []) {
        const from = state.graph.nodes[hop.from], to = state.graph.nodes[hop.to];
        const step = element("li", `${from.name} ${hop.relation} ${to.name}${isGated(hop) ? ", with approval" : ""}`);
        step.append(element("code", place(hop.place)));
        list.append(step);
      }
      about.append(list);
    }
    for (const column of COLUMNS) {
      const node = chosenNode(column);
      if (node !== undefined) about.append(...describe(node));
    }
    if (about.childElementCount === 0) about.append(element("p", "Nothing is chosen.", "empty"));
  }

  function describe(node) {
    const parts = [element("h3", node.kind.replace("-", " ") + " " + node.name)];
    if (node.describe !== undefined) parts.push(element("p", node.describe));
    const facts = element("ul");
    const fact = (text, at) => {
      const line = element("li", text);
      if (at) line.append(element("code", place(at)));
      facts.append(line);
    };
    if (node.place) fact("declared", node.place);
    if (node.team !== undefined) fact("team " + node.team);
    if (node.effect !== undefined) fact("effect " + node.effect);
    if (node.suspended) fact("switched off here: calls are refused");
    for (const edge of node.out) {
      if (["reads", "ingests", "sends", "gated-by", "delegates"].includes(edge.relation)) {
        fact(edge.relation + " " + state.graph.nodes[edge.to].name, edge.place);
      }
    }
    for (const edge of node.in.filter((edge) => edge.relation === "provides")) {
      for (const of of state.graph.nodes[edge.from].out) {
        if (of.relation === "uses" || of.relation === "reaches") {
          fact(`its server ${of.relation} ${state.graph.nodes[of.to].name}`, of.place);
        }
      }
    }
    parts.push(facts);
    return parts;
  }

  // --- what a person does --------------------------------------------------------------------

  function choose(button) {
    const column = button.dataset.column;
    if (button.dataset.group !== undefined) {
      state.unfolded.set(button.dataset.group, button.getAttribute("aria-expanded") !== "true");
    } else if (state.chosen[column] === button.dataset.key) {
      delete state.chosen[column];
    } else {
      state.chosen[column] = button.dataset.key;
    }
    syncAgent();
    const { key: chosen, group } = button.dataset;
    draw();
    for (const row of map.querySelectorAll(`[data-column="${column}"] button`)) {
      if ((chosen !== undefined && row.dataset.key === chosen) || (group !== undefined && row.dataset.group === group)) focus(row);
    }
  }

  function syncAgent() {
    const agent = chosenNode("agents");
    byId("agent").value = agent === undefined ? "" : "=" + agent.name;
  }

  function focus(button) {
    for (const other of button.closest(".items").querySelectorAll("button")) other.tabIndex = -1;
    button.tabIndex = 0;
    button.focus();
  }

  function move(button, pressed) {
    const rows = [...button.closest(".items").querySelectorAll("button")], at = rows.indexOf(button);
    const step = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[pressed];
    if (step !== undefined) return rows[Math.min(Math.max(step, 0), rows.length - 1)];
    const side = { ArrowRight: 1, ArrowLeft: -1 }[pressed];
    if (side === undefined) return undefined;
    for (let next = COLUMNS.indexOf(button.dataset.column) + side; COLUMNS[next] !== undefined; next += side) {
      const there = map.querySelector(`[data-column="${COLUMNS[next]}"] button[tabindex="0"]`);
      if (there !== null) return there;
    }
    return undefined;
  }

  function reset() {
    state.chosen = {};
    state.unfolded.clear();
    for (const id of ["search", "team", "agent", "class"]) byId(id).value = "";
    byId("open").checked = false;
    draw();
  }

  map.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button !== null) choose(button);
  });
  map.addEventListener("keydown", (event) => {
    const button = event.target.closest("button");
    const next = button === null ? undefined : move(button, event.key);
    if (next !== undefined) { event.preventDefault(); focus(next); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") reset();
    else if (event.key === "/" && !event.target.matches("input")) { event.preventDefault(); byId("search").focus(); }
  });
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").addEventListener("reset", (event) => { event.preventDefault(); reset(); });
  byId("environment").addEventListener("change", () => { load(); syncAgent(); draw(); });
  byId("agent").addEventListener("change", () => {
    if (value("agent") === "") delete state.chosen.agents; else state.chosen.agents = "agent " + value("agent");
    draw();
  });
  for (const id of ["team", "class", "open"]) byId(id).addEventListener("change", draw);
  byId("search").addEventListener("input", draw);
  new ResizeObserver(() => drawLines()).observe(map);

  options(byId("environment"), data.environments.map((one) => one.name), null);
  load();
  draw();
})();
