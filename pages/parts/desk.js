// The review desk: holds the next items, shows one at a time, and keeps every press until it is acknowledged.
// desk_drawing.js, which stands before this file, draws the items.

const DWELL_MS = 250; // an item counts as seen when it has been on the screen this long
const RESEND_MS = 4000;
const RENEW_MS = 240000; // leases are renewed while somebody sits here and reads
const CHECK_AFTER_MS = 220;
const MOST_BACK = 20;

const desks = new WeakMap();

class Desk {
  constructor(root, data) {
    this.root = root;
    this.key = data.desk_key;
    this.base = data.base;
    this.isSingle = data.is_single;
    this.guideline = data.guideline || "";
    this.reasons = data.reasons || [];
    this.mayFixFamily = data.may_fix_family;
    this.items = new Map(); // item_no -> {lease, view, reveal, trace, side}
    this.order = []; // what the server says is mine to answer, first to last
    this.trail = []; // what was answered here, the latest last
    this.current = 0;
    this.wanted = 0; // an item to be shown as soon as it is here
    this.shownAt = 0; // when the current item came onto the screen; 0: it is not there yet
    this.awayMs = 0;
    this.thens = new Map(); // item_no -> disposition chosen by hand
    this.notes = new Map(); // item_no -> note for the next answer
    this.side = ""; // pair: which side was chosen while the reason is asked for
    this.sideAt = 0;
    this.problems = [];
    this.progress = null;
    this.problem = "";
    this.showGuideline = false;
    this.overlay = "";
    this.number = 0;
    this.taken = -1; // number of the last reply that was taken in
    this.asked = 0; // number of the message that waits for its reply
    this.askedAt = 0;
    this.silentSince = 0; // since when nothing that was sent has been answered
    this.question = null;
    this.wantsWhole = 0;
    this.isTicketLost = false; // the server wants to know anew who sits here
    this.outbox = this.readOutbox();
    this.isDirty = this.outbox.length > 0; // what an earlier page could not get acknowledged is sent again
    this.buildFrame(data);
    this.listen();
  }

  // ---- what is kept in this tab until it is acknowledged ----

  readOutbox() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.key) || "[]");
      return Array.isArray(kept) ? kept : [];
    } catch {
      return [];
    }
  }

  keepOutbox() {
    try {
      if (this.outbox.length) sessionStorage.setItem(this.key, JSON.stringify(this.outbox));
      else sessionStorage.removeItem(this.key);
    } catch {
      // A full or closed storage only costs the safety of a reload.
    }
  }

  // ---- the frame ----

  buildFrame(data) {
    this.root.classList.add("xd-desk");
    this.root.setAttribute("role", "region");
    this.root.setAttribute("aria-label", "Review desk");
    this.top = element("header", "xd-top");
    this.name = element("div", "xd-name", data.name);
    this.bar = element("div", "xd-progress");
    this.bar.append(element("i", ""));
    this.facts = element("div", "xd-facts");
    this.saved = element("div", "xd-saved");
    this.saved.setAttribute("role", "status");
    put(this.top, this.name, this.bar, this.facts, this.saved);
    put(this.top, button("guideline", "Guideline", "G"), button("help", "Keys", "H"));
    this.strip = element("div", "xd-strip");
    this.strip.setAttribute("role", "status");
    this.strip.setAttribute("aria-live", "polite");
    this.body = element("div", "xd-body");
    this.trace = element("main", "xd-trace");
    this.trace.tabIndex = 0;
    this.trace.setAttribute("aria-label", "Record");
    this.aside = element("aside", "xd-side");
    this.aside.setAttribute("aria-label", "Question");
    put(this.body, this.trace, this.aside);
    this.foot = element("footer", "xd-bar");
    this.foot.setAttribute("aria-label", "Answer");
    this.cover = element("div", "xd-cover");
    this.cover.hidden = true;
    this.root.replaceChildren(this.top, this.strip, this.body, this.foot, this.cover);
  }

  listen() {
    this.onKey = (event) => this.takeKey(event);
    document.addEventListener("keydown", this.onKey, true);
    this.root.addEventListener("click", (event) => this.takeClick(event));
    this.onHide = () => this.noteVisibility();
    document.addEventListener("visibilitychange", this.onHide);
    this.timer = setInterval(() => this.tick(), 1000);
  }

  leave() {
    document.removeEventListener("keydown", this.onKey, true);
    document.removeEventListener("visibilitychange", this.onHide);
    clearInterval(this.timer);
  }

  isHere() {
    return this.root.isConnected;
  }

  tick() {
    if (!this.isHere()) {
      this.leave();
      return;
    }
    const waiting = this.asked && performance.now() - this.askedAt;
    if (waiting > RESEND_MS && (this.outbox.length || !this.order.length || this.isDirty)) {
      this.asked = 0;
      this.send();
    } else if (!this.asked && performance.now() - this.askedAt > RENEW_MS && !document.hidden) {
      this.send();
    }
    this.drawSaved();
  }

  noteVisibility() {
    if (document.hidden) {
      this.hiddenAt = performance.now();
    } else if (this.hiddenAt) {
      this.awayMs += performance.now() - this.hiddenAt;
      this.hiddenAt = 0;
    }
  }

  // ---- talking to the server ----

  // What was pressed goes out after the next item is painted: the person comes first.
  send() {
    this.isDirty = true;
    if (this.asked || this.isSending) return;
    this.isSending = true;
    afterPaint(() => {
      this.isSending = false;
      if (!this.asked && this.isHere()) this.sendNow();
    });
  }

  sendNow() {
    this.isDirty = false;
    this.number = Math.max(Date.now(), this.number + 1);
    this.asked = this.number;
    this.askedAt = performance.now();
    this.silentSince ||= this.askedAt;
    const message = { number: this.number, have: [...this.items.keys()], entries: this.outbox };
    if (this.question) message.check = this.question;
    if (this.wantsWhole) message.whole = this.wantsWhole;
    this.exchange(message);
  }

  // A failed exchange leaves everything as it is: `tick` sends it again.
  async exchange(message) {
    try {
      const answer = await fetch(this.address, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Desk-Ticket": this.ticket },
        body: JSON.stringify(message),
      });
      const said = await answer.json();
      if (!this.isHere()) return;
      if (answer.ok) this.receive(said);
      else this.takeRefusal(message.number, answer.status, said.problem || "");
    } catch {
      // The server or the way to it is away; the head says that answers wait.
    }
  }

  takeRefusal(number, status, problem) {
    if (number < this.asked) return;
    if (status === 401) {
      this.isTicketLost = true;
      this.setStateValue("visit", number); // the page is drawn again, and brings a ticket that counts
      return;
    }
    this.problem = problem;
    this.say(problem);
    if (!this.current) {
      this.asked = 0;
      this.drawEnd();
    }
  }

  // What the page says, each time it is drawn.
  meet(data, setStateValue) {
    this.setStateValue = setStateValue;
    this.address = data.address;
    this.ticket = data.ticket;
    this.isReadOnly = Boolean(data.read_only);
    this.readOnlyWords = data.read_only || "";
    this.drawBar();
    if (this.isTicketLost) this.asked = 0;
    if ((!this.current || this.isTicketLost) && !this.asked) this.send();
    this.isTicketLost = false;
  }

  receive(reply) {
    if (reply.number <= this.taken) return;
    this.taken = reply.number;
    this.silentSince = 0;
    if (reply.number >= this.asked) this.asked = 0;
    for (const receipt of reply.receipts || []) this.takeReceipt(receipt);
    this.keepOutbox();
    for (const held of reply.items || []) this.hold(held);
    this.takeOrder(reply.order || []);
    this.problem = reply.problem || "";
    if (reply.progress) this.progress = reply.progress;
    if (reply.check) this.takeCheck(reply.check);
    if (reply.whole) this.takeWhole(reply.whole);
    this.settle();
    const isMissing = this.order.some((number) => !this.items.has(number));
    if (this.isDirty || (isMissing && (reply.items || []).length)) this.send();
  }

  hold(held) {
    const known = this.items.get(held.view.item_no);
    if (known && !this.isSingle) {
      known.lease = held.lease;
      return;
    }
    const item = { lease: held.lease, view: held.view, reveal: held.reveal || null };
    this.items.set(held.view.item_no, item);
    if (this.isSingle && this.current === held.view.item_no) this.redraw();
  }

  takeOrder(order) {
    for (const claim of order) {
      const item = this.items.get(claim.item_no);
      if (item) item.lease = claim.lease;
    }
    // What stood here keeps its place, so that an item that was opened again is not moved to the end.
    const mine = new Set(order.map((claim) => claim.item_no));
    for (const entry of this.outbox) if (entry.kind === "undo" && entry.item_no) mine.add(entry.item_no);
    this.order = [...new Set([...this.order.filter((number) => mine.has(number)), ...mine])];
    const kept = new Set([...this.order, ...this.trail, this.current, this.wanted]);
    for (const number of [...this.items.keys()]) if (!kept.has(number)) this.items.delete(number);
  }

  takeReceipt(receipt) {
    const index = this.outbox.findIndex((entry) => entry.entry_id === receipt.entry_id);
    if (index < 0) return;
    const [entry] = this.outbox.splice(index, 1);
    const item = this.items.get(receipt.item_no);
    if (receipt.state === "refused") {
      this.problems.push({ item_no: entry.item_no, words: receipt.reason || "It was refused.", kind: entry.kind });
      this.trail = this.trail.filter((number) => number !== entry.item_no);
      if (item) item.answer = null;
      this.drawProblems();
      return;
    }
    if (receipt.reveal && item) {
      item.reveal = receipt.reveal;
      if (item.after) fillAfter(this, item, item.after);
    }
    if (entry.kind === "answer" && item) item.act = receipt.act_no || 0;
    if (entry.kind === "undo") {
      if (receipt.reason) this.problems.push({ item_no: receipt.item_no, words: receipt.reason, kind: "undo" });
      if (item) {
        item.lease = receipt.lease;
        item.reveal = null;
        item.answer = null;
        if (item.after) fillAfter(this, item, item.after);
      }
      if (!entry.item_no || entry.item_no !== receipt.item_no) this.wanted = receipt.item_no;
      this.trail = this.trail.filter((number) => number !== receipt.item_no);
    }
    if (this.lastEntry && this.lastEntry.entry_id === receipt.entry_id) this.drawStrip();
  }

  takeWhole(view) {
    const item = this.items.get(view.item_no);
    if (this.wantsWhole === view.item_no) this.wantsWhole = 0;
    if (!item) return;
    item.view = view;
    item.trace = null;
    item.sidePanel = null;
    if (this.current === view.item_no) this.redraw();
  }

  // ---- which item is shown ----

  pendingKind(number) {
    let kind = "";
    for (const entry of this.outbox) if (entry.item_no === number && entry.kind !== "comment") kind = entry.kind;
    return kind;
  }

  line() {
    return this.order.filter((number) => {
      const pending = this.pendingKind(number);
      return this.items.has(number) && pending !== "answer" && pending !== "skip";
    });
  }

  path() {
    const open = this.line();
    const back = this.trail.filter((number) => this.items.has(number) && !open.includes(number));
    const path = [...back, ...open];
    if (this.current && !path.includes(this.current) && this.items.has(this.current)) path.splice(back.length, 0, this.current);
    return path;
  }

  settle() {
    if (this.wanted && this.items.has(this.wanted)) {
      const wanted = this.wanted;
      this.wanted = 0;
      this.show(wanted);
    } else if (!this.current || !this.items.has(this.current)) {
      this.show(this.line()[0] || (this.isSingle ? this.order[0] : 0) || 0);
    }
    this.drawTop();
    this.drawBar();
    this.prepare();
  }

  show(number) {
    this.current = number;
    this.shownAt = 0;
    this.awayMs = 0;
    this.side = "";
    delete this.root.dataset.painted;
    this.root.dataset.item = number;
    if (!number) {
      this.drawEnd();
      return;
    }
    this.redraw();
  }

  // Draw the current item; it counts as seen from the frame after it was painted.
  redraw() {
    const number = this.current;
    const item = this.items.get(number);
    this.body.hidden = false;
    this.root.classList.remove("xd-ended");
    this.body.classList.toggle("xd-wide", item.view.answer === "pair" || item.view.answer === "same");
    this.drawn(item);
    letStand(this.trace, item.trace);
    letStand(this.aside, item.sidePanel);
    this.drawBar();
    requestAnimationFrame(() => this.current === number && this.takePosition(item));
    this.noteShown(number);
  }

  // Right before it is painted, when everything else is drawn: asking earlier where things stand makes the
  // browser lay the page out more than once.
  takePosition(item) {
    this.aside.scrollTop = 0;
    this.scrollToPlace(item);
    const active = document.activeElement;
    if (!this.root.contains(active) && !isEditable(active)) this.trace.focus({ preventScroll: true });
  }

  noteShown(number) {
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        if (this.current !== number || this.shownAt) return;
        this.shownAt = performance.now();
        this.root.dataset.painted = number;
      }),
    );
  }

  drawn(item) {
    if (!item.trace) item.trace = traceView(item.view);
    if (!item.sidePanel) {
      item.sidePanel = sideView(this, item);
      item.after = item.sidePanel.querySelector(".xd-after");
    }
  }

  // Draw what comes next before it is asked for, and lay it out where it will stand, unseen.
  prepare() {
    const next = this.following();
    const item = this.items.get(next);
    if (!item || next === this.current || (item.trace && item.trace.isConnected)) return;
    const later = window.requestIdleCallback || ((work) => setTimeout(work, 30));
    later(() => {
      if (this.items.get(next) !== item || next === this.current || this.following() !== next) return;
      this.drawn(item);
      standBy(this.trace, item.trace);
      standBy(this.aside, item.sidePanel);
    });
  }

  // What is drawn of the current item's record: what stands by for the next one is no part of it.
  get record() {
    const item = this.items.get(this.current);
    return (item && item.trace) || this.trace;
  }

  following() {
    const open = this.line();
    const at = open.indexOf(this.current);
    if (at >= 0) return open[at + 1] || open[at - 1] || 0;
    return open[0] || 0;
  }

  goOn() {
    const open = this.line();
    const position = this.place ?? 0;
    this.show(open[Math.min(position, open.length - 1)] || open[0] || 0);
    this.prepare();
  }

  move(offset) {
    const path = this.path();
    const next = path[path.indexOf(this.current) + offset];
    if (next) this.show(next);
    else this.say(offset > 0 ? "This is the last item you hold." : "There is nothing before it.");
    this.drawTop();
  }

  scrollToPlace(item) {
    const target =
      this.record.querySelector(".xd-place, .xd-missing, .xd-unknown") ||
      this.record.querySelector(".xd-focus, .xd-asked") ||
      (item.view.step >= 0 && this.record.querySelector(`[data-step="${item.view.step}"]`)) ||
      this.record.querySelector("[data-pair]");
    this.trace.scrollTop = 0;
    if (!target) return;
    const box = target.getBoundingClientRect();
    const frame = this.trace.getBoundingClientRect();
    if (box.bottom > frame.bottom - 24) this.trace.scrollTop = box.top - frame.top - frame.height / 3;
  }

  step(offset) {
    const steps = [...this.record.querySelectorAll("[data-step]")];
    if (!steps.length) return;
    const at = steps.indexOf(this.record.querySelector(".xd-at"));
    const start = at >= 0 ? at : steps.findIndex((step) => step.querySelector(".xd-focus")) - (offset > 0 ? 1 : -1);
    const next = steps[Math.min(Math.max(start + offset, 0), steps.length - 1)];
    for (const other of steps) other.classList.toggle("xd-at", other === next);
    next.scrollIntoView({ block: "nearest" });
    next.focus({ preventScroll: true });
  }

  // ---- answering ----

  isReady() {
    if (!this.current || this.overlay) return false;
    if (!this.shownAt || performance.now() - this.shownAt < DWELL_MS) {
      this.refuse("That was too fast: nothing was recorded.");
      return false;
    }
    return true;
  }

  refuse(words) {
    this.say(words);
    this.foot.classList.remove("xd-shake");
    void this.foot.offsetWidth;
    this.foot.classList.add("xd-shake");
  }

  // What the person could see when they pressed: an answer names the item and the lease it was given under.
  entry(kind, item, fields) {
    const seconds = this.shownAt ? Math.max(0, performance.now() - this.shownAt - this.awayMs) / 1000 : 0;
    return {
      kind,
      entry_id: newId(),
      item_no: item ? item.view.item_no : 0,
      lease: item && !this.isChange(item) ? item.lease : "",
      seconds: Math.round(seconds * 100) / 100,
      ...fields,
    };
  }

  isChange(item) {
    return Boolean(item.answer || (item.reveal && item.reveal.mine));
  }

  answer(fields) {
    const item = this.items.get(this.current);
    const number = this.current;
    const note = this.notes.get(number);
    const then = this.thens.get(number);
    const entry = this.entry("answer", item, fields);
    if (note) entry.note = note;
    if (then && !entry.repair && !entry.edit) entry.disposition = then;
    this.place = Math.max(0, this.line().indexOf(number));
    const isBack = this.trail.includes(number);
    this.outbox.push(entry);
    this.keepOutbox();
    this.notes.delete(number);
    this.thens.delete(number);
    item.answer = entry;
    this.lastEntry = entry;
    this.trail = [...this.trail.filter((other) => other !== number), number].slice(-MOST_BACK);
    if (!this.isSingle) this.goOn();
    else this.drawBar();
    this.drawStrip();
    this.drawTop();
    if (isBack) this.say("Your answer was changed.");
    this.send();
  }

  flag(flag) {
    const item = this.items.get(this.current);
    if (!this.isReady()) return;
    const { view } = item;
    if (view.answer === "pair" || (view.answer === "rating" && !view.judge && flag !== "unsure")) {
      this.refuse(view.answer === "pair" ? "Choose a side: 1, 2, E or B." : "Rate it from 1 to 5.");
      return;
    }
    const fields = { flag, disposition: view.guideline.usual[flag] || "" };
    const evidence = this.selectedWords();
    if (evidence) fields.evidence = evidence;
    this.answer(fields);
  }

  selectedWords() {
    const chosen = window.getSelection();
    const words = chosen ? chosen.toString().trim() : "";
    if (!words || !this.trace.contains(chosen.anchorNode)) return null;
    const node = chosen.anchorNode.nodeType === 1 ? chosen.anchorNode : chosen.anchorNode.parentElement;
    const where = node.closest("[data-where]");
    return { words: words.slice(0, 2000), where: where ? where.dataset.where : "" };
  }

  rate(value) {
    if (!this.isReady()) return;
    this.answer({ rating: value, disposition: value >= 3 ? "keep" : "drop" });
  }

  drop() {
    const { view } = this.items.get(this.current);
    if (!this.isReady()) return;
    if (view.answer === "pair") this.answer({ pressed: "both_bad" });
    else if (view.answer === "same") this.refuse("Which one goes is decided with the cluster.");
    else this.answer({ flag: view.guideline.wrong_flag || "", disposition: "drop" });
  }

  repair(index) {
    const { view } = this.items.get(this.current);
    if (!this.isReady()) return;
    const chosen = (view.repairs || [])[index];
    if (view.answer === "same") this.refuse("Answer with A (the same), D (different) or U (unsure).");
    else if (!chosen) this.refuse("There is no such repair; E edits by hand.");
    else this.answer({ flag: view.guideline.wrong_flag || "", disposition: "fix", repair: chosen.key });
  }

  choose(side) {
    if (!this.isReady()) return;
    if (side === "equal" || side === "both_bad") {
      this.answer({ pressed: side });
      return;
    }
    this.side = side;
    this.sideAt = performance.now();
    this.drawBar();
  }

  reason(index) {
    if (performance.now() - this.sideAt < DWELL_MS) {
      this.refuse("That was too fast: the reason was not recorded.");
      return;
    }
    const pressed = this.side;
    const reason = index < 0 ? "" : this.reasons[index];
    if (reason === undefined) return;
    if (!this.isReady()) return;
    this.side = "";
    this.answer({ pressed, reason });
  }

  skip() {
    if (!this.isReady() || this.isSingle) return;
    const item = this.items.get(this.current);
    if (this.isChange(item)) {
      this.move(1);
      return;
    }
    const entry = this.entry("skip", item, {});
    this.place = Math.max(0, this.line().indexOf(this.current));
    this.outbox.push(entry);
    this.keepOutbox();
    this.lastEntry = entry;
    this.goOn();
    this.drawStrip();
    this.drawTop();
    this.send();
  }

  undo() {
    if (this.overlay || this.isSingle) return;
    const undoable = this.progress ? this.progress.my_undoable_count : 0;
    if (!this.trail.length && !undoable) {
      this.say("There is no answer to take back.");
      return;
    }
    const number = this.trail[this.trail.length - 1] || 0;
    this.trail = this.trail.slice(0, -1);
    this.outbox.push({ kind: "undo", entry_id: newId(), item_no: number });
    this.keepOutbox();
    const item = this.items.get(number);
    if (item) {
      item.before = item.answer;
      item.answer = null;
      item.reveal = null;
      if (item.after) fillAfter(this, item, item.after);
      if (!this.order.includes(number)) this.order = [number, ...this.order];
      this.show(number);
    }
    this.lastEntry = null;
    this.say("Your last answer is taken back.");
    this.drawTop();
    this.send();
  }

  setThen(value) {
    if (value) this.thens.set(this.current, value);
    else this.thens.delete(this.current);
    this.drawBar();
  }

  turnThen() {
    const choices = ["", ...this.dispositions()];
    const now = this.thens.get(this.current) || "";
    this.setThen(choices[(choices.indexOf(now) + 1) % choices.length]);
  }

  // What a pair means for the data follows from the side that was chosen, and of two near-duplicates nothing
  // follows: there is nothing else to say.
  dispositions() {
    const item = this.items.get(this.current);
    return item && ["pair", "same"].includes(item.view.answer) ? [] : ["keep", "fix", "drop"];
  }

  // ---- editing ----

  openEditor() {
    const item = this.items.get(this.current);
    if (!item || this.overlay || !this.shownAt) return;
    if (!item.view.edit_text) {
      this.refuse(item.view.answer === "pair" ? "A pair is not edited here." : "There is no call here to edit.");
      return;
    }
    this.editCall = item.view.edit_call ?? -1;
    this.openCover("edit");
    const panel = element("div", "xd-panel xd-editor");
    put(panel, element("h2", "", `Edit item ${item.view.item_no}`));
    const scope = element("div", "xd-line");
    if (this.editCall >= 0) put(scope, button("edit-call", "This call", "", "xd-on"), button("edit-step", "All calls of the step", ""));
    const area = element("textarea", "xd-area");
    area.spellcheck = false;
    area.setAttribute("aria-label", "The call as JSON");
    area.value = item.view.edit_text;
    const result = element("div", "xd-result");
    result.setAttribute("role", "status");
    result.setAttribute("aria-live", "polite");
    const buttons = element("div", "xd-line");
    const save = button("save", "Save and go on", "Ctrl+Enter", "xd-main");
    save.disabled = true;
    put(buttons, save, button("close", "Cancel", ""));
    put(panel, scope, area, result, buttons);
    this.cover.replaceChildren(panel);
    this.area = area;
    this.result = result;
    this.saveButton = save;
    this.check = null;
    this.wantsSave = false;
    area.addEventListener("input", () => this.askCheck());
    area.focus();
    put(result, element("p", "xs-note", "Change the JSON: it is checked as you type, and can be saved when it brings no error."));
  }

  changeScope(call) {
    const item = this.items.get(this.current);
    this.editCall = call;
    this.area.value = call >= 0 ? item.view.edit_text : item.view.step_text;
    for (const other of this.cover.querySelectorAll('[data-act^="edit-"]')) {
      other.classList.toggle("xd-on", (other.dataset.act === "edit-call") === call >= 0);
    }
    this.askCheck();
    this.area.focus();
  }

  askCheck() {
    this.saveButton.disabled = true;
    this.check = null;
    this.result.classList.add("xd-stale");
    clearTimeout(this.checkTimer);
    this.checkTimer = setTimeout(() => {
      this.questionNumber = (this.questionNumber || 0) + 1;
      this.question = { number: this.questionNumber, item_no: this.current, text: this.area.value, call: this.editCall };
      this.send();
    }, CHECK_AFTER_MS);
  }

  takeCheck(reply) {
    if (this.overlay !== "edit" || reply.number !== this.questionNumber) return;
    if (!this.question || this.area.value !== this.question.text) return;
    this.question = null;
    this.check = reply.check;
    this.drawCheck(reply.check);
    if (this.wantsSave) this.save();
  }

  drawCheck(check) {
    const parts = [];
    this.saveButton.disabled = Boolean(check.refused);
    if (check.refused) {
      const words = element("p", "xd-refused", `✖ Cannot be saved: ${check.refused}`);
      if (check.line) {
        const go = button("goto", `Go to line ${check.line}`, "");
        go.dataset.line = check.line;
        go.dataset.column = check.column || 1;
        parts.push(words, go);
      } else parts.push(words);
    } else parts.push(element("p", "xd-fine", "✔ It fits the schema and brings no error."));
    for (const [title, list, look] of [
      ["Findings it clears", check.cleared || [], "good"],
      ["Findings it brings", check.introduced || [], "reject"],
    ]) {
      if (!list.length) continue;
      parts.push(element("h4", "", `${title}: ${list.length}`));
      for (const [level, words] of list) {
        parts.push(put(element("p", "xd-finding"), chip(look === "good" ? "good" : level, level), " ", ...inert(words)));
      }
    }
    if ((check.changes || []).length) parts.push(element("h4", "", "What changes"));
    for (const change of check.changes || []) {
      const line = changeLine(change);
      line.prepend(element("div", "xs-place", change.place));
      parts.push(line);
    }
    this.result.classList.remove("xd-stale");
    this.result.replaceChildren(...parts);
  }

  save() {
    if (this.overlay === "note") {
      this.keepNote();
      return;
    }
    if (this.overlay !== "edit") return;
    if (!this.check) {
      this.wantsSave = true; // as soon as the check of this text is there
      if (!this.question) this.askCheck();
      return;
    }
    this.wantsSave = false;
    if (this.check.refused) {
      this.area.focus();
      return;
    }
    const { view } = this.items.get(this.current);
    const text = this.area.value;
    this.closeCover();
    this.answer({ flag: view.guideline.wrong_flag || "", disposition: "fix", edit: text, edit_call: this.editCall });
  }

  goToLine(line, column) {
    const lines = this.area.value.split("\n");
    const at = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0) + column - 1;
    this.area.focus();
    this.area.setSelectionRange(at, at + 1);
  }

  // ---- notes, help, guideline ----

  openNote() {
    if (!this.current || this.overlay) return;
    this.openCover("note");
    const panel = element("div", "xd-panel");
    put(panel, element("h2", "", `Note on item ${this.current}`));
    this.area = element("textarea", "xd-area xd-short");
    this.area.maxLength = 10000;
    this.area.setAttribute("aria-label", "Note");
    this.area.value = this.notes.get(this.current) || "";
    put(panel, this.area, element("p", "xs-note", "A note is stored with your answer. A comment stands beside the item at once; others read it after they have voted."));
    put(panel, row(button("note-keep", "Keep for my answer", "Ctrl+Enter", "xd-main"), button("comment", "Post as a comment", ""), button("close", "Cancel", "")));
    this.cover.replaceChildren(panel);
    this.area.focus();
  }

  keepNote() {
    const words = this.area.value.trim();
    if (words) this.notes.set(this.current, words);
    else this.notes.delete(this.current);
    this.closeCover();
    this.drawBar();
  }

  postComment() {
    const words = this.area.value.trim();
    const number = this.current;
    this.closeCover();
    if (!words) return;
    this.outbox.push({ kind: "comment", entry_id: newId(), item_no: number, words });
    this.keepOutbox();
    this.say("Your comment is posted.");
    this.send();
  }

  openHelp() {
    this.openCover("help");
    const panel = element("div", "xd-panel");
    put(panel, element("h2", "", "Keys"));
    const list = element("dl", "xd-keys");
    const item = this.items.get(this.current);
    for (const [key, words] of keysFor(item && item.view)) put(list, put(element("dt"), element("kbd", "", key)), element("dd", "", words));
    put(panel, list, row(button("close", "Close", "H", "xd-main")));
    this.cover.replaceChildren(panel);
    panel.querySelector("button").focus();
  }

  turnGuideline() {
    this.showGuideline = !this.showGuideline;
    for (const box of this.root.querySelectorAll(".xd-guideline")) box.open = this.showGuideline;
    for (const item of this.items.values()) {
      if (item.sidePanel) item.sidePanel.querySelector(".xd-guideline").open = this.showGuideline;
    }
    const box = this.aside.querySelector(".xd-guideline");
    if (box && this.showGuideline) box.scrollIntoView({ block: "nearest" });
  }

  openCover(name) {
    this.overlay = name;
    this.cover.hidden = false;
    this.cover.setAttribute("role", "dialog");
    this.cover.setAttribute("aria-modal", "true");
  }

  closeCover() {
    this.overlay = "";
    this.question = null;
    clearTimeout(this.checkTimer);
    this.cover.hidden = true;
    this.cover.replaceChildren();
    this.trace.focus({ preventScroll: true });
  }

  // ---- keys and clicks ----

  takeKey(event) {
    if (!this.isHere()) {
      this.leave();
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && this.overlay) {
      event.preventDefault();
      event.stopPropagation();
      if (!event.repeat) this.save();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isEditable(event.target) || isElsewhere(event.target, this.root)) return;
    const act = this.actOf(event.key);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.repeat && !["KeyJ", "KeyK"].includes(event.code)) return; // a held key is one press
    this.act(act[0], act[1]);
  }

  actOf(key) {
    const letter = key.length === 1 ? key.toLowerCase() : key;
    if (this.overlay) return this.overlay === "help" && (letter === "h" || key === "Enter") ? ["close"] : null;
    if (letter === "h") return ["help"];
    if (letter === "z") return ["undo"];
    if (!this.current) return null;
    const common = { s: ["skip"], n: ["note"], j: ["step", 1], k: ["step", -1], g: ["guideline"], x: ["drop"], t: ["turn"] };
    common.ArrowRight = ["move", 1];
    common.ArrowLeft = ["move", -1];
    const { view } = this.items.get(this.current);
    if (view.answer === "pair") return this.pairAct(letter) || common[letter] || common[key] || null;
    const own = { a: ["flag", "agree"], d: ["flag", "disagree"], u: ["flag", "unsure"], f: ["repair", 0], e: ["edit"] };
    if (/^[1-9]$/.test(letter)) {
      if (view.answer === "rating") return Number(letter) <= 5 ? ["rate", Number(letter)] : null;
      return ["repair", Number(letter) - 1];
    }
    return own[letter] || common[letter] || common[key] || null;
  }

  pairAct(letter) {
    if (this.side) {
      if (letter === "Backspace") return ["unchoose"];
      if (letter === "0" || letter === "Enter") return ["reason", -1];
      if (/^[1-9]$/.test(letter)) return ["reason", Number(letter) - 1];
      return ["nothing"];
    }
    return { 1: ["choose", "left"], 2: ["choose", "right"], e: ["choose", "equal"], b: ["choose", "both_bad"] }[letter];
  }

  takeClick(event) {
    const target = event.target.closest("[data-act]");
    if (!target || target.disabled) return;
    const { act, value } = target.dataset;
    if (act === "origin") this.goToOrigin(target.dataset.target);
    else if (act === "goto") this.goToLine(Number(target.dataset.line), Number(target.dataset.column));
    else if (act === "repair") this.act("repair", Number(target.dataset.index ?? value));
    else this.act(act, value);
  }

  act(name, value) {
    const acts = {
      flag: () => this.flag(value),
      rate: () => this.rate(Number(value)),
      drop: () => this.drop(),
      repair: () => this.repair(value),
      choose: () => this.choose(value),
      reason: () => this.reason(Number(value)),
      unchoose: () => ((this.side = ""), this.drawBar()),
      nothing: () => this.refuse("Name the reason with its number, or 0 for none."),
      skip: () => this.skip(),
      undo: () => this.undo(),
      move: () => this.move(Number(value)),
      step: () => this.step(Number(value)),
      turn: () => this.turnThen(),
      then: () => this.setThen(value),
      edit: () => this.openEditor(),
      "edit-call": () => this.changeScope(this.items.get(this.current).view.edit_call),
      "edit-step": () => this.changeScope(-1),
      save: () => this.save(),
      note: () => this.openNote(),
      "note-keep": () => this.keepNote(),
      comment: () => this.postComment(),
      help: () => this.openHelp(),
      close: () => this.closeCover(),
      guideline: () => this.turnGuideline(),
      whole: () => this.askWhole(),
      place: () => this.scrollToPlace(this.items.get(this.current)),
      family: () => this.askFamily(),
      again: () => this.send(),
      forget: () => ((this.problems = []), this.drawProblems()),
      back: () => this.items.has(Number(value)) && this.show(Number(value)),
    };
    if (acts[name]) acts[name]();
  }

  askWhole() {
    this.wantsWhole = this.current;
    this.say("Loading the whole record …");
    this.send();
  }

  askFamily() {
    this.setStateValue("family", { item_no: this.current, number: Date.now() });
  }

  goToOrigin(target) {
    const [source, step, observation, start] = target.split("|");
    const mark =
      this.record.querySelector(`[data-mark="${CSS.escape(`${source}|${step}|${observation}|${start}`)}"]`) ||
      this.record.querySelector(`[data-seen="${CSS.escape(`${step}|${observation}`)}"]`) ||
      this.record.querySelector(`[data-step="${CSS.escape(step)}"]`);
    if (!mark) return;
    for (let box = mark.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    mark.scrollIntoView({ block: "center" });
    mark.classList.remove("xd-flash");
    void mark.offsetWidth;
    mark.classList.add("xd-flash");
  }

  // ---- what is written around the item ----

  say(words) {
    this.strip.replaceChildren(element("span", "xd-words", words));
  }

  drawStrip() {
    const entry = this.lastEntry;
    if (!entry) return;
    const line = element("span", "xd-last");
    const pending = this.outbox.includes(entry);
    if (entry.kind === "skip") {
      this.strip.replaceChildren(element("span", "", `Item ${entry.item_no} put off.`));
      return;
    }
    put(line, chip(pending ? "plain" : "good", pending ? "saving" : "✔ saved"));
    put(line, element("span", "", ` item ${entry.item_no}: ${answerWords(entry)}`));
    const item = this.items.get(entry.item_no);
    const shown = item && item.reveal;
    if (shown && shown.judge) put(line, element("span", "xd-soft", ` · the judge: ${judgeWords(shown.judge)}`));
    if (shown && (shown.others || []).length) {
      put(line, element("span", "xd-soft", ` · others: ${shown.others.map(answerWords).join("; ")}`));
    }
    put(line, button("undo", "Undo", "Z", "xd-small"));
    this.strip.replaceChildren(line);
  }

  drawProblems() {
    if (!this.problems.length) {
      this.strip.replaceChildren();
      return;
    }
    const box = element("div", "xd-problems");
    box.setAttribute("role", "alert");
    for (const problem of this.problems.slice(-3)) {
      const line = element("div", "");
      const what = problem.kind === "undo" ? "" : "was not stored: ";
      put(line, element("b", "", `Item ${problem.item_no} `), ...inert(`${what}${problem.words}`));
      if (this.items.has(problem.item_no)) {
        const back = button("back", "Back to it", "", "xd-small");
        back.dataset.value = problem.item_no;
        put(line, back);
      }
      put(box, line);
    }
    put(box, button("forget", "Understood", "", "xd-small"));
    this.strip.replaceChildren(box);
  }

  drawTop() {
    const made = this.progress;
    if (!made) return;
    const wanted = made.wanted_count || 1;
    const pending = this.outbox.filter((entry) => entry.kind === "answer").length;
    this.bar.firstChild.style.width = `${Math.min(100, (100 * made.verdict_count) / wanted)}%`;
    this.bar.title = `${made.verdict_count} of ${wanted} answers of the whole queue`;
    this.bar.setAttribute("role", "progressbar");
    this.bar.setAttribute("aria-valuenow", made.verdict_count);
    this.bar.setAttribute("aria-valuemax", wanted);
    this.bar.setAttribute("aria-label", "Answers of the whole queue");
    const mine = made.my_verdict_count + pending;
    const due = Math.max(0, made.my_due_count - pending);
    const pace = made.my_seconds_each === null || made.my_seconds_each === undefined ? "" : seconds(made.my_seconds_each);
    const facts = [
      [mine, "answered by you"],
      [due, "left for you"],
      [`${made.verdict_count}/${made.wanted_count}`, "of the queue"],
    ];
    if (pace) facts.push([pace, "each"]);
    this.facts.replaceChildren(
      ...facts.map(([value, words]) => put(element("span", "xd-fact"), element("b", "", value), element("small", "", words))),
    );
    this.drawSaved();
  }

  drawSaved() {
    const count = this.outbox.length;
    const late = this.silentSince && performance.now() - this.silentSince > RESEND_MS;
    const words = !count ? "✔ all saved" : late ? `⚠ ${count} not saved yet, trying again` : `${count} on the way`;
    if (this.saved.textContent !== words) {
      this.saved.textContent = words;
      this.saved.className = `xd-saved ${count ? (late ? "xd-late" : "xd-waiting") : ""}`;
    }
  }

  drawEnd() {
    this.root.classList.add("xd-ended");
    this.trace.replaceChildren();
    this.aside.replaceChildren();
    this.body.hidden = true;
    const made = this.progress;
    const box = element("div", "xd-end");
    if (this.problem) put(box, element("h2", "", "Nothing can be answered here now"), element("p", "", this.problem));
    else if (!made || this.asked) put(box, element("h2", "", "One moment …"));
    else {
      put(box, element("h2", "", made.my_verdict_count ? "That was all for you, thank you." : "Nothing is due for you here."));
      put(box, element("p", "", `You gave ${made.my_verdict_count} answers here; an item that came twice counts once for the queue, which has ${made.verdict_count} of ${made.wanted_count}.`));
    }
    put(box, row(button("again", "Look again", "", "xd-main"), button("undo", "Undo the last answer", "Z")));
    this.foot.replaceChildren(box);
  }

  drawBar() {
    const item = this.items.get(this.current);
    if (!item) {
      if (!this.current) this.drawEnd();
      return;
    }
    const { view } = item;
    const path = this.path();
    const head = element("div", "xd-which");
    put(head, element("b", "", `Item ${view.item_no}`));
    put(head, element("small", "", `${path.indexOf(this.current) + 1} of ${path.length} here`));
    const answered = item.answer || (item.reveal && item.reveal.mine);
    if (answered) put(head, chip("plain", `you: ${answerWords(answered)}`));
    else if (item.before) put(head, chip("plain", `was: ${answerWords(item.before)}`));
    if (this.notes.has(this.current)) put(head, chip("judge", "✎ note"));
    const answers = element("div", "xd-answers");
    if (this.isReadOnly) put(answers, element("p", "xs-note", this.readOnlyWords));
    else if (view.answer === "pair") this.pairButtons(answers);
    else if (view.answer === "rating") this.ratingButtons(answers, view);
    else this.flagButtons(answers, view);
    const more = element("div", "xd-more");
    if (!this.isReadOnly) {
      if (this.dispositions().length) put(more, this.thenChoice());
      if (!this.isSingle) put(more, button("skip", "Skip", "S"), button("undo", "Undo", "Z"));
      put(more, button("note", "Note", "N"));
    }
    const back = button("move", "", "←", "xd-small", "Previous item");
    back.dataset.value = -1;
    const on = button("move", "", "→", "xd-small", "Next item");
    on.dataset.value = 1;
    if (!this.isSingle) put(more, back, on);
    // What is the same for this item as for the last one stays: it need not be laid out again.
    const known = [...this.foot.children];
    const parts = [head, answers, more].map((made, at) => (known[at] && known[at].isEqualNode(made) ? known[at] : made));
    parts.forEach((part, at) => {
      if (!known[at]) this.foot.append(part);
      else if (known[at] !== part) known[at].replaceWith(part);
    });
  }

  flagButtons(box, view) {
    const usual = view.guideline.usual || {};
    const then = this.thens.get(this.current);
    const isSame = view.answer === "same";
    for (const [flag, key, words] of [
      ["agree", "A", isSame ? "Agree: the same" : "Agree"],
      ["disagree", "D", isSame ? "Disagree: different" : "Disagree"],
      ["unsure", "U", "Unsure"],
    ]) {
      const made = button("flag", `${FLAG_MARKS[flag]} ${words}`, key, `xd-${flag}`, view.guideline[flag] || "");
      made.dataset.value = flag;
      put(made, element("small", "", THEN_WORDS[then || usual[flag]] || ""));
      put(box, made);
    }
    if ((view.repairs || []).length) {
      const made = button("repair", "◆ Accept the repair", "F", "xd-fix", view.repairs[0].summary);
      made.dataset.value = 0;
      put(made, element("small", "", "mended at once"));
      put(box, made);
    }
    if (!isSame) put(box, this.dropButton());
  }

  dropButton() {
    const made = button("drop", "✖ Drop", "X", "xd-drop", "Take the record out of the data");
    put(made, element("small", "", "out of the data"));
    return made;
  }

  ratingButtons(box, view) {
    for (let value = 1; value <= 5; value += 1) {
      const made = button("rate", ["useless", "bad", "so-so", "good", "very good"][value - 1], String(value), "xd-rate");
      made.dataset.value = value;
      put(box, made);
    }
    const flags = view.judge ? [["agree", "A"], ["disagree", "D"], ["unsure", "U"]] : [["unsure", "U"]];
    for (const [flag, key] of flags) {
      const made = button("flag", `${FLAG_MARKS[flag]} ${flag[0].toUpperCase()}${flag.slice(1)}`, key, `xd-${flag}`);
      made.dataset.value = flag;
      put(box, made);
    }
    put(box, this.dropButton());
  }

  pairButtons(box) {
    if (this.side) {
      put(box, element("b", "xd-ask", `${this.side === "left" ? "Left" : "Right"} is better. What is wrong with the other side?`));
      this.reasons.forEach((reason, index) => {
        const made = button("reason", reason, String(index + 1));
        made.dataset.value = index;
        put(box, made);
      });
      const none = button("reason", "no reason", "0");
      none.dataset.value = -1;
      put(box, none, button("unchoose", "Choose again", "⌫"));
      return;
    }
    for (const [pressed, key, words, small] of [
      ["left", "1", "◀ Left is better", ""],
      ["right", "2", "Right is better ▶", ""],
      ["equal", "E", "= Equal", "no preference"],
      ["both_bad", "B", "✖ Both bad", "no pair"],
    ]) {
      const made = button("choose", words, key, "xd-choice");
      made.dataset.value = pressed;
      put(made, element("small", "", small));
      put(box, made);
    }
  }

  thenChoice() {
    const box = element("div", "xd-then");
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", "What happens to the record (key T)");
    put(box, element("kbd", "", "T"), element("small", "", "the record:"));
    const now = this.thens.get(this.current) || "";
    for (const value of ["", ...this.dispositions()]) {
      const made = element("button", now === value ? "xd-on" : "", value ? THEN_WORDS[value] : "as usual");
      made.type = "button";
      made.dataset.act = "then";
      made.dataset.value = value;
      made.setAttribute("aria-pressed", String(now === value));
      put(box, made);
    }
    return box;
  }
}

const FLAG_KEYS = [
  ["A", "agree with what is said"],
  ["D", "disagree; select the supporting words first, they are kept as evidence"],
  ["U", "unsure"],
];
const RECORD_KEYS = [
  ["X", "drop the record"],
  ["T", "change what happens to the record: as usual, keep, fix, drop"],
];
const ANSWER_KEYS = {
  pair: [
    ["1  2", "left or right is better; then the number of the reason, 0 for none"],
    ["E", "equal: no preference"],
    ["B", "both sides are bad"],
  ],
  same: [
    ["A", "agree: the same sample"],
    ["D", "disagree: different samples"],
    ["U", "unsure"],
  ],
  rating: [["1 … 5", "rate quality: 1 useless, 5 very good"], ["E", "edit the call by hand"], ...RECORD_KEYS],
  flag: [
    ...FLAG_KEYS,
    ["F", "accept the first repair; 2 to 6 accept another one"],
    ["E", "edit the call by hand"],
    ...RECORD_KEYS,
  ],
};
const OTHER_KEYS = [
  ["S", "skip: it comes back when nothing else is left"],
  ["N", "note for your answer, or a comment"],
  ["Z", "take back the last answer, up to 20"],
  ["J  K", "next, previous step"],
  ["←  →", "previous, next item"],
  ["G", "guideline"],
  ["Ctrl+Enter", "save an edit or a note"],
  ["H", "this list"],
];

// The keys of one kind of item: what another kind would do with them only confuses.
function keysFor(view) {
  const kind = (view && view.answer) || "flag";
  const flags = kind !== "rating" ? [] : view.judge ? FLAG_KEYS : FLAG_KEYS.slice(-1);
  return [...ANSWER_KEYS[kind], ...flags, ...OTHER_KEYS];
}

function judgeWords(judge) {
  const score = judge.score === null || judge.score === undefined ? "" : `${judge.score}`;
  return [judge.verdict, score].filter(Boolean).join(" ") || "no word";
}

function seconds(value) {
  return value < 90 ? `${value < 10 ? value.toFixed(1) : Math.round(value)} s` : `${Math.round(value / 60)} min`;
}

// What comes next is laid out where it will stand, unseen: to show it then moves nothing.
function standBy(place, part) {
  for (const other of place.querySelectorAll(":scope > .xd-next")) other.remove();
  part.classList.add("xd-next");
  place.append(part);
}

function letStand(place, part) {
  part.classList.remove("xd-next");
  if (part.parentNode !== place) place.replaceChildren(part);
  else for (const other of [...place.children]) if (other !== part) other.remove();
}

// A frame that is not drawn (a window in the background) does not hold things up.
function afterPaint(work) {
  let isDone = false;
  const once = () => {
    if (!isDone) work();
    isDone = true;
  };
  requestAnimationFrame(() => setTimeout(once, 0));
  setTimeout(once, 120);
}

function newId() {
  if (window.crypto && crypto.randomUUID) return crypto.randomUUID();
  const parts = crypto.getRandomValues(new Uint32Array(4));
  return [...parts].map((part) => part.toString(16).padStart(8, "0")).join("-");
}

function isEditable(node) {
  return Boolean(node && node.closest && node.closest("input, textarea, select, [contenteditable], [role=textbox], [role=combobox]"));
}

// Keys pressed in a dialog or menu outside the desk are not for it.
function isElsewhere(node, root) {
  return Boolean(node && node.closest && !root.contains(node) && node.closest("[role=dialog], [role=menu], [role=listbox]"));
}

export default function ({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".xd-root");
  let desk = desks.get(root);
  if (!desk || desk.key !== data.desk_key) {
    if (desk) desk.leave();
    desk = new Desk(root, data);
    desks.set(root, desk);
  }
  desk.meet(data, setStateValue);
}
