// How the desk draws an item: the trace, the side panel, the pair. desk.js, which is joined to this file,
// holds the items and takes the keys.
// Everything that comes from data goes through textContent; nothing here ever writes HTML.

const FLAG_WORDS = { agree: "agree", disagree: "disagree", unsure: "unsure" };
const FLAG_MARKS = { agree: "✔", disagree: "✖", unsure: "?" };
const THEN_WORDS = { keep: "keep it", fix: "fix it", drop: "drop it", flip: "swap the sides" };
const PRESSED_WORDS = { left: "left is better", right: "right is better", equal: "equal", both_bad: "both bad" };
const LEVEL_MARKS = { reject: "✖", fix: "◆", warn: "▲", judge: "●" };
const MANY_STEPS = 12; // from here on, steps that are off the screen are not laid out
// Controls, soft hyphen, zero-width and bidi characters, lone surrogates: shown by their code.
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|[\ud800-\udfff]/gu;

// ---- elements ---------------------------------------------------------------------------------------

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.append(...inert(text));
  return made;
}

function put(parent, ...children) {
  parent.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return parent;
}

function inert(value) {
  const text = String(value);
  HIDDEN.lastIndex = 0;
  if (!HIDDEN.test(text)) return [document.createTextNode(text)];
  HIDDEN.lastIndex = 0; // matchAll begins where the last test ended
  const parts = [];
  let done = 0;
  for (const match of text.matchAll(HIDDEN)) {
    if (match.index > done) parts.push(document.createTextNode(text.slice(done, match.index)));
    const code = document.createElement("i");
    code.className = "xs-hidden";
    code.textContent = "U+" + match[0].codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
    parts.push(code);
    done = match.index + match[0].length;
  }
  if (done < text.length) parts.push(document.createTextNode(text.slice(done)));
  return parts;
}

function button(act, label, key, look = "", title = "") {
  const made = element("button", `xd-button ${look}`);
  made.type = "button";
  made.dataset.act = act;
  if (key) put(made, element("kbd", "", key));
  put(made, element("span", "", label));
  if (title) made.title = title;
  made.setAttribute("aria-label", key ? `${label} (key ${key})` : label);
  if (key && key.length === 1) made.setAttribute("aria-keyshortcuts", key);
  return made;
}

function chip(look, text) {
  return element("span", `xs-chip xs-${look}`, text);
}

// Counts of Python are in characters, those of JavaScript in halves: texts with letters beyond the basic
// plane are cut by characters.
function slicer(text) {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 0xd800 && code <= 0xdbff) {
      const letters = Array.from(text);
      return (start, end) => letters.slice(start, end).join("");
    }
  }
  return (start, end) => text.slice(start, end);
}

function saidBlock(said, className, where, place) {
  const block = element("div", className);
  if (where) block.dataset.where = where;
  if (!said || (!said.text && !said.cut)) return block;
  const slice = slicer(said.text);
  let done = 0;
  for (const [start, end, own] of said.marks || []) {
    put(block, ...inert(slice(done, start)));
    const mark = element("mark", own ? "xd-own" : "", slice(start, end));
    if (place) mark.dataset.mark = `${place}|${start}`;
    put(block, mark);
    done = end;
  }
  put(block, ...inert(slice(done, undefined)));
  if (said.cut) put(block, wholeButton(`… ${said.cut.toLocaleString("en")} more characters: show all`));
  return block;
}

function wholeButton(label) {
  const made = element("button", "xd-link", label);
  made.type = "button";
  made.dataset.act = "whole";
  return made;
}

// ---- the trace --------------------------------------------------------------------------------------

function traceView(view) {
  if (view.samples) return put(element("div", "xs-trace xd-trace-inner"), samplesView(view.samples));
  const { trace } = view;
  const isLong = (trace.steps || []).length > MANY_STEPS;
  const root = element("div", isLong ? "xs-trace xd-trace-inner xd-many" : "xs-trace xd-trace-inner");
  const task = element("section", "xs-card xs-task");
  put(task, element("h4", "", "Request"), saidBlock(trace.query, "xs-text", "the request", "query|-1|-1"));
  put(root, task);
  for (const [title, said] of trace.instructions || []) {
    put(root, folded(title, () => [saidBlock(said, "xs-text xs-mono", "the instruction", "instruction|-1|-1")]));
  }
  put(root, toolList(trace, view.tool));
  for (const step of trace.steps || []) put(root, stepView(step));
  if (view.pair) put(root, pairView(view));
  return root;
}

function folded(title, fill, isOpen = false) {
  const made = document.createElement("details");
  const body = element("div");
  put(made, element("summary", "", title), body);
  const once = () => {
    if (made.open && !body.childNodes.length) put(body, ...fill());
  };
  made.addEventListener("toggle", once);
  if (isOpen) {
    made.open = true;
    once();
  }
  return made;
}

function toolList(trace, asked) {
  if (trace.tools_stated === false) return element("p", "xs-note", "The source does not say which tools there were.");
  const tools = trace.tools || [];
  const count = trace.tool_count || 0;
  const fill = () => {
    const rows = tools.map((tool) => {
      const row = element("div", tool.name === asked ? "xd-tool xd-asked" : "xd-tool");
      put(row, element("code", "", tool.name));
      if (tool.call_count) put(row, chip("plain", `called ${tool.call_count}×`));
      put(row, element("p", "", tool.words || ""));
      for (const line of tool.parameters || []) put(row, element("div", "xd-parameter", line));
      return row;
    });
    if (count > tools.length) rows.push(element("p", "xs-note", `and ${count - tools.length} more`));
    return rows;
  };
  return folded(`${count} ${count === 1 ? "tool" : "tools"} on offer`, fill, Boolean(asked));
}

function stepView(step) {
  const section = element("section", "xs-step xd-step");
  section.dataset.step = step.index;
  section.tabIndex = -1;
  const rail = element("div", step.is_focus ? "xs-rail xd-here" : "xs-rail");
  put(rail, element("b", "", step.index + 1));
  const body = element("div", "xs-body");
  if (step.is_outline) {
    const line = element("button", "xd-outline", step.outline);
    line.type = "button";
    line.dataset.act = "whole";
    line.title = "Show this step in full";
    put(body, line);
    section.classList.add("xd-far");
  } else {
    fillStep(body, step);
  }
  return put(section, rail, body);
}

function fillStep(body, step) {
  const number = step.index + 1;
  if (step.thought) put(body, saidBlock(step.thought, "xs-thought", `the thought of step ${number}`));
  (step.calls || []).forEach((call) => put(body, callView(call)));
  (step.observations || []).forEach((seen, place) => {
    const box = element("div", "xs-observation");
    box.dataset.seen = `${step.index}|${place}`;
    put(box, element("h4", "", seen.name ? `Observation · ${seen.name}` : "Observation"));
    put(box, saidBlock(seen.content, "xd-pre", `observation, step ${number}`, `observation|${step.index}|${place}`));
    put(body, box);
  });
  if (step.user) {
    put(body, element("h4", "", "User"));
    put(body, saidBlock(step.user, "xs-user", `the user, step ${number}`, `user|${step.index}|-1`));
  }
}

function callView(call, differing = []) {
  const card = element("section", call.is_focus ? "xs-call xd-focus" : "xs-call");
  const head = element("header");
  put(head, element("code", "", call.name || "(no name)"));
  if (call.is_offered === false) put(head, chip("reject", "✖ not on offer"));
  if (call.is_focus) put(head, element("span", "xd-eye", "in question"));
  put(card, head);
  if (call.tool_words) put(card, element("p", "xd-toolwords", call.tool_words));
  if (call.unreadable) {
    put(card, element("h4", "xd-pad", "Arguments as the source wrote them: not readable"));
    put(card, saidBlock(call.unreadable, "xd-pre xd-pad"));
  }
  const rows = call.rows || [];
  if (!rows.length && !call.unreadable) return put(card, element("p", "xs-note xd-pad", "called without arguments"));
  const list = element("div", "xd-rows");
  for (const row of rows) put(list, argumentRow(row, differing.includes(row.name)));
  return put(card, list);
}

function argumentRow(row, differs) {
  const looks = { place: "xd-place", missing: "xd-missing", unknown: "xd-unknown" };
  const line = element("div", `xd-row ${looks[row.look] || ""} ${differs ? "xd-differs" : ""}`);
  const name = put(element("div", "xs-arg"), ...inert(row.name));
  if (row.look === "place") name.prepend(element("span", "xd-pointer", "▶ "));
  const value = row.look === "missing" ? element("div", "xs-gap", "not given") : saidBlock(row.value, "xs-val");
  const from = element("div", "xd-from");
  for (const origin of row.origins || []) put(from, originLink(origin));
  if (row.more_origins) put(from, element("div", "", `and ${row.more_origins} more values`));
  const declared = element("div", "xs-declared", row.declared || "");
  if (row.described) put(declared, element("div", "xd-described", row.described));
  return put(line, name, value, from, declared);
}

function originLink(origin) {
  const path = origin.path ? `${origin.path} ` : "";
  if (origin.is_grounded === false) return element("div", "xs-from xs-none", `${path}✖ nothing supports it`);
  const words = `${path}↖ ${origin.where}`;
  const title = origin.words ? `“${origin.words}” (${origin.how || "found"})` : origin.how || "";
  if (!["query", "user", "observation", "instruction"].includes(origin.source)) {
    const plain = element("div", "xs-from", `${path}${origin.where}`);
    plain.title = title;
    return plain;
  }
  const link = element("button", "xd-link xs-from", words);
  link.type = "button";
  link.title = title;
  link.dataset.act = "origin";
  link.dataset.target = [origin.source, origin.step ?? -1, origin.observation ?? -1, origin.start ?? -1].join("|");
  return link;
}

function pairView(view) {
  const { pair } = view;
  const box = element("section", "xd-pair");
  box.dataset.pair = "yes";
  const left = element("div", "xd-sidehead");
  const right = element("div", "xd-sidehead");
  put(left, element("h3", "", "Left"), saidBlock(pair.left_thought, "xs-thought"));
  put(right, element("h3", "", "Right"), saidBlock(pair.right_thought, "xs-thought"));
  put(box, left, right);
  put(box, ...callRows(pair.rows));
  if (!(pair.rows || []).length) put(box, element("p", "xs-note", "Neither side calls a tool."));
  return box;
}

// Two samples: what is asked, what is on offer, what is called. Marked is what the other one has not.
function samplesView(samples) {
  const box = element("section", "xd-pair");
  box.dataset.pair = "yes";
  for (const [title, side] of [["One", samples.left], ["The other", samples.right]]) {
    const head = element("div", "xd-sidehead");
    const record = element("a", "", "the whole record");
    record.href = `trajectory?id=${encodeURIComponent(side.trajectory_id)}&version=${side.version}`;
    record.target = "_blank";
    put(head, element("h3", "", title), saidBlock(side.request, "xs-text", "the request"));
    put(head, element("h4", "", "Tools on offer"), saidBlock(side.tools, "xs-text xs-mono", "the tools"), record);
    put(box, head);
  }
  put(box, ...callRows(samples.rows));
  if (!(samples.rows || []).length) put(box, element("p", "xs-note", "Neither calls a tool."));
  return box;
}

function callRows(rows) {
  const names = {
    same: "same call",
    "other arguments": "other arguments",
    "other tool": "other tool",
    "left only": "only left",
    "right only": "only right",
  };
  return (rows || []).flatMap((row) => [
    element("div", `xd-rowkind xd-kind-${row.kind.replace(" ", "-")}`, names[row.kind] || row.kind),
    sideCell(row.left, row),
    sideCell(row.right, row),
  ]);
}

function sideCell(call, row) {
  const cell = element("div", "xd-cell");
  put(cell, call ? callView(call, row.differing || []) : element("p", "xd-nothing", "no call here"));
  return cell;
}

// ---- the side panel ---------------------------------------------------------------------------------

function sideView(desk, item) {
  const { view } = item;
  const side = element("div", "xd-side-inner");
  const head = element("div", "xd-title");
  if (view.level) put(head, chip(view.level, `${LEVEL_MARKS[view.level] || ""} ${view.level}`));
  put(head, element("h2", "", view.guideline.title));
  put(side, head);
  put(side, element("p", "xd-question", view.guideline.question));
  if (view.says) put(side, element("blockquote", "xd-says", view.says));
  put(side, whereButton(view));
  if (view.judge) put(side, judgeCard(view.judge));
  else if (view.is_judge_hidden) put(side, element("p", "xs-note", "What the judge says is shown after your answer."));
  if (view.answer !== "pair") put(side, meanings(view));
  if ((view.changed_since || []).length) put(side, changedCard(view));
  if ((view.near_names || []).length) put(side, nearNames(view));
  if ((view.repairs || []).length) put(side, repairList(view));
  else if (view.no_repair_reason) put(side, element("p", "xs-note", `No repair is offered: ${view.no_repair_reason}`));
  if (view.edit_text) put(side, row(button("edit", "Edit by hand", "E"), familyButton(desk, view)));
  put(side, guidelineBox(desk, view));
  const after = element("div", "xd-after");
  side.append(after);
  fillAfter(desk, item, after);
  const way = element("p", "xd-way");
  const link = element("a", "", `item ${view.item_no}`);
  link.href = `${desk.base}?item=${view.item_no}`;
  link.target = "_blank";
  put(way, "Permalink: ", link);
  if (!view.is_judge_hidden && view.answer !== "pair" && !view.samples) {
    const record = element("a", "", "the whole record");
    record.href = `trajectory?id=${encodeURIComponent(view.trajectory_id)}&version=${view.version}`;
    record.target = "_blank";
    put(way, " · ", record);
  }
  return put(side, way);
}

function row(...children) {
  return put(element("div", "xd-line"), ...children);
}

function whereButton(view) {
  const made = element("button", "xd-link xd-where", view.where ? `↳ ${view.where}` : "");
  made.type = "button";
  made.dataset.act = "place";
  return view.where ? made : null;
}

function meanings(view) {
  const list = element("dl", "xd-meanings");
  const words = view.guideline;
  if (view.answer === "rating") return null;
  put(list, element("dt", "", "Agree"), element("dd", "", words.agree));
  put(list, element("dt", "", "Disagree"), element("dd", "", words.disagree));
  return list;
}

function judgeCard(judge) {
  const card = element("div", "xd-card");
  const score = judge.score === null || judge.score === undefined ? "" : `${judge.score} of ${judge.scale_high ?? 5}`;
  put(card, element("h4", "", `The judge · ${judge.model}`));
  put(card, element("p", "", [judge.verdict, score].filter(Boolean).join(" · ")));
  if (judge.is_scripted) put(card, element("p", "xd-warn", "scripted model (for trying out), not a real judgement"));
  if (judge.rationale) put(card, element("p", "xd-words", judge.rationale));
  return card;
}

function changedCard(view) {
  const card = element("div", "xd-card xd-warned");
  put(card, element("h4", "", "Changed since it was drawn"));
  for (const entry of view.changed_since) put(card, element("p", "", `${entry.at} ${entry.person}: ${entry.words}`));
  return put(card, element("p", "xs-note", "Your answer is about the version shown here; it can no longer be mended from here."));
}

function nearNames(view) {
  const box = element("div", "xd-near");
  put(box, element("h4", "", "Nearest names on offer"));
  for (const name of view.near_names) put(box, element("code", "", name), " ");
  return box;
}

function repairList(view) {
  const box = element("div", "xd-repairs");
  put(box, element("h4", "", "Repairs, each tried: it brings no error"));
  view.repairs.forEach((repair, index) => {
    const made = element("button", "xd-repair");
    made.type = "button";
    made.dataset.act = "repair";
    made.dataset.index = index;
    const key = index === 0 ? "F" : view.answer === "flag" ? String(index + 1) : "";
    const head = element("div", "xd-repairhead");
    if (key) put(head, element("kbd", "", key));
    put(head, element("span", "", repair.summary));
    put(made, head);
    for (const change of repair.changes.slice(0, 3)) put(made, changeLine(change));
    const brought = (repair.introduced || []).length;
    if (brought) put(made, element("div", "xs-note", `brings ${brought} remark${brought > 1 ? "s" : ""}`));
    made.setAttribute("aria-label", key ? `${repair.summary} (key ${key})` : repair.summary);
    put(box, made);
  });
  return box;
}

function changeLine(change) {
  const line = element("div", "xs-diff");
  if (change.before) put(line, element("div", "xs-minus", `− ${change.before}`));
  if (change.after) put(line, element("div", "xs-plus", `+ ${change.after}`));
  if (!change.before && !change.after) put(line, element("div", "xs-place", change.place));
  return line;
}

function familyButton(desk, view) {
  if (!view.family || !view.may_fix_family || !desk.mayFixFamily) return null;
  return button("family", "Fix all like this …", "", "", "Preview and mend the whole family of this finding");
}

function guidelineBox(desk, view) {
  const made = folded(
    "Guideline",
    () => {
      const parts = [];
      if (desk.guideline) parts.push(element("p", "xd-words", desk.guideline));
      for (const [heading, words] of view.guideline.sections || []) {
        parts.push(element("h4", "", heading), element("p", "xd-words", words));
      }
      if (!parts.length) parts.push(element("p", "xs-note", "Nothing more is written about this yet."));
      return parts;
    },
    desk.showGuideline,
  );
  made.classList.add("xd-guideline");
  return made;
}

function answerWords(answer) {
  const words = [];
  if (answer.pressed) words.push(PRESSED_WORDS[answer.pressed] || answer.pressed);
  if (answer.preference) words.push(`${answer.preference.replace("_", " ")} side`.replace("equal side", "equal").replace("both bad side", "both bad"));
  if (answer.flag) words.push(`${FLAG_MARKS[answer.flag]} ${FLAG_WORDS[answer.flag]}`);
  if (answer.rating !== null && answer.rating !== undefined) words.push(`${answer.rating} of 5`);
  if (answer.repair || answer.edit || answer.act_no) words.push(answer.edit ? "edited" : "mended");
  else if (answer.disposition) words.push(THEN_WORDS[answer.disposition] || answer.disposition);
  if (answer.reason) words.push(answer.reason);
  return words.join(", ") || "answered";
}

// What may be seen after the vote: the judge, the others, the source of the sides, comments.
function fillAfter(desk, item, box) {
  box.replaceChildren();
  const shown = item.reveal;
  if (!shown) return;
  if (shown.mine) put(box, element("p", "xd-mine", `Your answer: ${answerWords(shown.mine)}`));
  if (shown.judge && !item.view.judge) put(box, judgeCard(shown.judge));
  if (shown.chosen_side) {
    const reason = shown.pair_reason ? `; the other differs by: ${shown.pair_reason}` : "";
    put(box, element("p", "xs-note", `The ${shown.chosen_side} side stands in the data as chosen${reason}.`));
  }
  if ((shown.others || []).length) {
    put(box, element("h4", "", "Others answered"));
    for (const other of shown.others) {
      put(box, element("p", "", `${other.person}: ${answerWords(other)}${other.note ? ` — ${other.note}` : ""}`));
    }
  }
  if ((shown.comments || []).length) {
    put(box, element("h4", "", "Comments"));
    for (const remark of shown.comments) {
      const line = element("p", "xd-comment");
      put(line, element("b", "", remark.person), element("small", "", ` ${remark.at}`), element("br"), ...inert(remark.words));
      put(box, line);
    }
  }
}
