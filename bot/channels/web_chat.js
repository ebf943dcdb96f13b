// The chat page. It draws what the server shows, keeps what was typed until the server has taken it,
// and knows no sentence of its own: every word comes in through `words`.

const START = "/start";
const FEW = 8; // so many people to choose from need neither headings nor a search
const PAUSE_BETWEEN_TIMES = 5 * 60 * 1000;
const NEAR_THE_END = 80; // pixels
const ECHO_STAYS = 20000; // how long a taken message may wait to appear in the conversation

const freshKey = () => Date.now().toString(36) + "-" + Math.random().toString(36).slice(2);

function stored(storage, key, otherwise) {
  try {
    return JSON.parse(storage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

function store(storage, key, value) {
  try {
    storage.setItem(key, JSON.stringify(value));
  } catch {
    // A browser that keeps nothing still chats.
  }
}

export default {
  template: `
<main class="hb">
  <header class="hb-head">
    <span class="hb-face hb-face-mine" aria-hidden="true">{{ face(me.name) }}</span>
    <span class="hb-who">
      <span class="hb-name">{{ me.name }}</span>
      <span class="hb-role"><b>{{ me.role }}</b>{{ me.note }}</span>
    </span>
    <a v-if="analysis" class="hb-switch hb-analysis" :href="analysis + '?as=' + encodeURIComponent(me.address)">{{ words.analysis }}</a>
    <button v-if="others.length" class="hb-switch" type="button" @click="sheet = true">
      {{ words.switch }}<i v-if="anyUnread" class="hb-dot" :title="words.unread"></i>
    </button>
  </header>
  <div v-if="!online" class="hb-notice" role="status">{{ words.offline }}</div>
  <div v-else-if="trouble" class="hb-notice" role="status" @click="trouble = ''">{{ trouble }}</div>

  <div class="hb-log" ref="log" role="log" aria-live="polite" @scroll.passive="scrolled">
    <button v-if="more" class="hb-earlier" type="button" :disabled="fetching" @click="fetchEarlier">
      {{ words.earlier }}
    </button>
    <section v-if="empty" class="hb-empty">
      <span class="hb-face hb-face-bot hb-face-large" aria-hidden="true">{{ words.bot }}</span>
      <h1>{{ words.welcome }}</h1>
      <p>{{ words.invitation }}</p>
      <button class="hb-start" type="button" @click="say(start)">{{ words.start }}</button>
    </section>
    <template v-for="(message, at) in messages" :key="message.id">
      <div v-if="stamps[at]" class="hb-time">{{ stamps[at] }}</div>
      <div class="hb-row" :class="message.mine ? 'hb-mine' : 'hb-theirs'" :data-message="message.id">
        <span class="hb-face" :class="message.mine ? 'hb-face-mine' : 'hb-face-bot'" aria-hidden="true">{{
          message.mine ? face(me.name) : words.bot
        }}</span>
        <div class="hb-body" :class="{ 'hb-wide': message.rows.length }">
          <div v-if="message.text" class="hb-bubble"><template v-for="(piece, part) in pieces(message)" :key="part"><a v-if="piece.link" class="hb-link" :href="piece.text" target="_blank" rel="noopener noreferrer">{{ piece.text }}</a><template v-else>{{ piece.text }}</template></template></div>
          <a v-if="message.document && picture(message.document.name)" class="hb-picture" :href="link(message.document)" :download="message.document.name">
            <img :src="link(message.document)" :alt="message.document.name" @load="resized">
          </a>
          <a v-else-if="message.document" class="hb-document" :href="link(message.document)" :download="message.document.name">
            <span class="hb-paper" aria-hidden="true">{{ extension(message.document.name) }}</span>
            <span class="hb-about">
              <span class="hb-file">{{ message.document.name }}</span>
              <span class="hb-size">{{ size(message.document.size) }} · {{ words.download }}</span>
            </span>
          </a>
          <div v-if="message.rows.length" class="hb-keys">
            <div v-for="(row, line) in message.rows" :key="line" class="hb-keyrow">
              <button
                v-for="key in row"
                :key="key.data"
                type="button"
                class="hb-key"
                :class="{ 'hb-tapped': busy[message.id]?.data === key.data }"
                :disabled="message.id in busy"
                @click="tap(message.id, key.data)"
              >{{ key.label }}</button>
            </div>
            <div v-if="message.id in busy" class="hb-state">{{ online ? words.sending : words.waiting }}</div>
          </div>
        </div>
      </div>
    </template>
    <div v-for="echo in echoes" :key="echo.key" class="hb-row hb-mine hb-echo" :data-state="echo.state">
      <span class="hb-face hb-face-mine" aria-hidden="true">{{ face(me.name) }}</span>
      <div class="hb-body">
        <div class="hb-bubble">{{ spoken(echo.text) }}</div>
        <button v-if="echo.state === 'failed'" type="button" class="hb-state hb-again" @click="again(echo)">
          {{ words.unsent }}
        </button>
        <div v-else-if="echo.state === 'sending'" class="hb-state">{{ online ? words.sending : words.waiting }}</div>
      </div>
    </div>
    <div v-if="thinking" class="hb-row hb-theirs hb-thinking">
      <span class="hb-face hb-face-bot" aria-hidden="true">{{ words.bot }}</span>
      <div class="hb-bubble" role="status" :aria-label="words.thinking"><i></i><i></i><i></i></div>
    </div>
  </div>
  <button v-if="below" class="hb-newer" type="button" @click="toEnd">{{ words.newer }}</button>

  <footer class="hb-foot">
    <div class="hb-quick">
      <button v-for="word in words.quick" :key="word" type="button" @click="say(word)">{{ word }}</button>
    </div>
    <form class="hb-write" @submit.prevent="send">
      <button v-if="photos" class="hb-photo" type="button" :aria-label="words.photo" :title="words.photo" @click="choosePhoto">📷</button>
      <textarea
        ref="box"
        v-model="draft"
        rows="1"
        enterkeyhint="send"
        autocomplete="off"
        :maxlength="longest"
        :placeholder="words.box"
        :aria-label="words.box"
        @keydown.enter="entered"
      ></textarea>
      <button class="hb-send" type="submit" :disabled="!draft.trim()">{{ words.send }}</button>
    </form>
  </footer>

  <div v-if="sheet" class="hb-veil" @click.self="sheet = false" @keydown.esc="sheet = false">
    <div class="hb-sheet" role="dialog" aria-modal="true" :aria-label="words.choose">
      <div class="hb-choose">{{ words.choose }}</div>
      <input v-if="crowd" v-model="wanted" class="hb-wanted" type="search" :placeholder="words.wanted" :aria-label="words.wanted">
      <p v-if="crowd && !offered.length" class="hb-choose">{{ words.nobody_wanted }}</p>
      <template v-for="group in offered" :key="group.level">
      <h2 v-if="group.level" class="hb-level">{{ group.level }}</h2>
      <a v-for="other in group.people" :key="other.address" class="hb-other" :href="'?as=' + encodeURIComponent(other.address)">
        <span class="hb-face hb-face-other" aria-hidden="true">{{ face(other.name) }}</span>
        <span class="hb-who">
          <span class="hb-name">{{ other.name }} <em>{{ other.role }}</em></span>
          <span class="hb-role">{{ other.note }}</span>
        </span>
        <i v-if="unread(other.address)" class="hb-dot" :title="words.unread"></i>
      </a>
      </template>
      <button class="hb-close" type="button" @click="sheet = false">{{ words.close }}</button>
    </div>
  </div>
</main>`,

  props: {
    me: Object,
    others: Array,
    words: Object,
    patience: Number,
    longest: Number,
    photos: Boolean,
    analysis: String,
    first: Object,
  },
  emits: ["say", "tap", "earlier"],

  data() {
    return {
      start: START,
      messages: [],
      more: 0,
      fetching: false,
      queue: [], // what the server has not confirmed: {key, kind, text | message, data, state, shown, answered}
      busy: {}, // message id -> {data, timer} while its tap waits for an answer
      thinking: false,
      draft: stored(sessionStorage, this.place("draft"), ""),
      online: true,
      trouble: "",
      below: false,
      sheet: false,
      wanted: "",
      newest: {},
      seen: {},
      today: new Date().toDateString(),
    };
  },

  computed: {
    empty() {
      return !this.messages.length && !this.echoes.length;
    },
    echoes() {
      return this.queue.filter((item) => item.kind === "say" && !item.shown);
    },
    stamps() {
      let last = 0;
      return this.messages.map(({ at }) => {
        const due = at - last > PAUSE_BETWEEN_TIMES;
        last = at;
        return due ? this.moment(at) : "";
      });
    },
    crowd() {
      return this.others.length > FEW;
    },
    offered() {
      // People stand under their level, in the order in which they came.
      const words = this.wanted.trim();
      const fits = ({ name, role, note }) => [name, role, note].some((text) => text.includes(words));
      const groups = new Map();
      for (const other of this.others.filter(fits)) {
        const level = this.crowd ? other.level : "";
        if (!groups.has(level)) groups.set(level, { level, people: [] });
        groups.get(level).people.push(other);
      }
      return [...groups.values()];
    },
    anyUnread() {
      return this.others.some((other) => this.unread(other.address));
    },
  },

  watch: {
    draft() {
      store(sessionStorage, this.place("draft"), this.draft);
      this.$nextTick(this.fitBox);
    },
    queue: {
      deep: true,
      handler() {
        const unsettled = this.queue.filter((item) => item.state !== "taken");
        store(sessionStorage, this.place("queue"), unsettled);
      },
    },
  },

  created() {
    this.put(this.first);
    this.seen = stored(localStorage, "hubang.seen", {});
    this.noteSeen();
    for (const item of stored(sessionStorage, this.place("queue"), [])) {
      this.queue.push({ ...item, shown: false, answered: false });
      if (item.kind === "tap") this.occupy(item.message, item.data);
    }
  },

  mounted() {
    const address = new URL(window.location.href);
    if (address.searchParams.get("as") !== this.me.address) {
      address.searchParams.set("as", this.me.address);
      window.history.replaceState(null, "", address);
    }
    this.toEnd();
    this.fitBox();
    this.attach();
    window.addEventListener("offline", this.lost);
    window.addEventListener("resize", this.resized);
    window.addEventListener("storage", this.seenElsewhere);
    document.addEventListener("visibilitychange", this.noteSeen);
  },

  beforeUnmount() {
    window.removeEventListener("offline", this.lost);
    window.removeEventListener("resize", this.resized);
    window.removeEventListener("storage", this.seenElsewhere);
    document.removeEventListener("visibilitychange", this.noteSeen);
  },

  methods: {
    // ------------------------------------------------------------ called by the server

    show(patch) {
      const before = this.$refs.log.scrollHeight - this.$refs.log.scrollTop;
      const atEnd = this.atEnd();
      const known = new Set(this.messages.map((message) => message.id));
      const last = this.messages.at(-1)?.id;
      this.put(patch);
      this.matchEchoes(patch.put.filter((message) => message.mine && !known.has(message.id)));
      const told = patch.put.filter((message) => !message.mine && (known.has(message.id) || !this.fetching));
      for (const message of told) this.release(message.id);
      if (told.length) this.answered(told.some((message) => !known.has(message.id)));
      const added = this.messages.at(-1)?.id !== last;
      this.$nextTick(() => {
        if (this.fetching) this.$refs.log.scrollTop = this.$refs.log.scrollHeight - before;
        else if (atEnd) this.toEnd();
        else if (added) this.below = true;
        this.fetching = false;
      });
      this.noteSeen();
    },

    taken(key, fresh) {
      const item = this.queue.find((each) => each.key === key);
      if (!item) return;
      this.trouble = "";
      if (!item.answered && fresh) this.think();
      if (item.kind === "tap" || item.shown || !fresh) return this.drop(key);
      item.state = "taken";
      setTimeout(() => this.drop(key), ECHO_STAYS);
    },

    failed(key) {
      const item = this.queue.find((each) => each.key === key);
      if (!item) return;
      if (item.kind === "say") {
        item.state = "failed";
      } else {
        this.drop(key);
        this.release(item.message);
        this.trouble = this.words.untaken;
      }
    },

    elsewhere(address, newest) {
      this.newest = { ...this.newest, [address]: newest };
    },

    // ------------------------------------------------------------ what a person does

    send() {
      const text = this.draft.trim();
      if (!text) return;
      this.say(text);
      this.draft = "";
      this.$refs.box.focus();
    },

    choosePhoto() {
      // The uploader stands beside this component; only a click of the person's own may open the picker.
      document.querySelector(".hb-upload input[type=file]")?.click();
    },

    entered(event) {
      // Enter also picks a word in the keyboards with which Chinese is typed.
      if (event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.send();
    },

    say(text) {
      this.transmit({ key: freshKey(), kind: "say", text, state: "sending" });
      this.$nextTick(this.toEnd);
    },

    tap(message, data) {
      if (message in this.busy) return;
      this.occupy(message, data);
      this.trouble = "";
      this.transmit({ key: freshKey(), kind: "tap", message, data, state: "sending" });
    },

    again(item) {
      item.state = "sending";
      this.emit(item);
    },

    fetchEarlier() {
      this.fetching = true;
      this.$emit("earlier");
    },

    // ------------------------------------------------------------ on the way to the server

    transmit(item) {
      this.queue.push({ ...item, shown: false, answered: false });
      this.emit(item);
    },

    emit(item) {
      // Without a connection it waits in the queue and goes out when there is one again.
      if (!window.socket?.connected) return;
      if (item.kind === "say") this.$emit("say", { key: item.key, text: item.text });
      else this.$emit("tap", { key: item.key, message: item.message, data: item.data });
    },

    drop(key) {
      this.queue = this.queue.filter((item) => item.key !== key);
    },

    matchEchoes(mine) {
      for (const message of mine) {
        const echo = this.echoes.find((item) => item.text === message.text.trim());
        if (!echo) continue;
        echo.shown = true;
        if (echo.state === "taken") this.drop(echo.key);
      }
    },

    occupy(message, data) {
      const timer = setTimeout(() => this.giveUp(message), this.patience);
      this.busy[message] = { data, timer };
    },

    release(message) {
      clearTimeout(this.busy[message]?.timer);
      delete this.busy[message];
    },

    giveUp(message) {
      this.release(message);
      const unsent = this.queue.filter((item) => item.kind === "tap" && item.message === message);
      unsent.forEach((item) => this.drop(item.key));
      this.trouble = this.words.unanswered;
    },

    think() {
      this.thinking = true;
      clearTimeout(this.thought);
      this.thought = setTimeout(() => (this.thinking = false), this.patience);
      if (this.atEnd()) this.$nextTick(this.toEnd);
    },

    answered(spoken) {
      this.thinking = false;
      this.trouble = "";
      for (const item of this.queue) item.answered = true;
      if (spoken) Object.keys(this.busy).forEach((message) => this.release(message));
    },

    // ------------------------------------------------------------ the connection

    attach() {
      const socket = window.socket;
      if (!socket) return setTimeout(this.attach, 20);
      socket.on("connect", this.found);
      socket.on("disconnect", this.lost);
      // The page stays while there is no signal: it is loaded anew only when the server no longer knows it.
      socket.off("connect_error");
      socket.on("connect_error", (error) => {
        if (error.message === "Implicit handshake failed") window.location.reload();
        else if (error.message === "timeout") socket.io.opts.transports = ["polling", "websocket"];
        this.lost();
      });
      if (socket.connected) this.found();
    },

    found() {
      this.online = true;
      if (this.fetching) this.$emit("earlier");
      this.queue.filter((item) => item.state === "sending").forEach(this.emit);
    },

    lost() {
      this.online = false;
    },

    // ------------------------------------------------------------ what is on the screen

    put(patch) {
      const known = new Map(this.messages.map((message) => [message.id, message]));
      for (const message of patch.put) known.set(message.id, Object.freeze({ ...message }));
      this.messages = patch.order.map((id) => known.get(id));
      this.more = patch.more;
    },

    atEnd() {
      const log = this.$refs.log;
      return log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_THE_END;
    },

    toEnd() {
      this.$refs.log.scrollTop = this.$refs.log.scrollHeight;
      this.below = false;
    },

    scrolled() {
      if (this.below && this.atEnd()) this.below = false;
      this.held = this.atEnd();
    },

    resized() {
      // A keyboard that opens must not hide the question.
      if (this.held !== false) this.toEnd();
    },

    fitBox() {
      const box = this.$refs.box;
      box.style.height = "auto";
      box.style.height = Math.min(box.scrollHeight, 132) + "px";
    },

    // ------------------------------------------------------------ what was read, by all tabs of this browser

    noteSeen() {
      if (document.hidden) return;
      const told = this.messages.filter((message) => !message.mine);
      if (!told.length) return;
      this.seen = { ...stored(localStorage, "hubang.seen", {}), [this.me.address]: told.at(-1).id };
      store(localStorage, "hubang.seen", this.seen);
    },

    seenElsewhere(event) {
      if (event.key === "hubang.seen") this.seen = stored(localStorage, "hubang.seen", {});
    },

    unread(address) {
      return (this.newest[address] ?? 0) > (this.seen[address] ?? 0);
    },

    // ------------------------------------------------------------ how things are written

    place(what) {
      return "hubang." + what + "." + this.me.address;
    },

    face(name) {
      return Array.from(name)[0] ?? "";
    },

    spoken(text) {
      return text === START ? this.words.start : text;
    },

    // Only what the bot itself says holds links; what people type stays text.
    pieces(message) {
      const text = this.spoken(message.text);
      if (message.mine) return [{ text, link: false }];
      const parts = text.split(/(https?:\/\/[\w.:-]+\/signature\/[\w-]+)/);
      return parts.map((part, at) => ({ text: part, link: at % 2 === 1 })).filter((piece) => piece.text);
    },

    moment(at) {
      const then = new Date(at);
      const clock = then.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
      const midnight = new Date().setHours(0, 0, 0, 0);
      if (at >= midnight) return clock;
      if (at >= midnight - 86400000) return this.words.yesterday + " " + clock;
      const year = then.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
      return then.toLocaleDateString("zh-CN", { year, month: "long", day: "numeric" }) + " " + clock;
    },

    link(document) {
      return `documents/${document.id}?as=${encodeURIComponent(this.me.address)}`;
    },

    picture(name) {
      return this.extension(name) === "PNG";
    },

    extension(name) {
      const dot = name.lastIndexOf(".");
      return dot < 0 ? "" : name.slice(dot + 1, dot + 5).toUpperCase();
    },

    size(bytes) {
      if (bytes < 1024) return bytes + " B";
      if (bytes < 1024 * 1024) return (bytes / 1024).toFixed(bytes < 10240 ? 1 : 0) + " KB";
      return (bytes / 1024 / 1024).toFixed(1) + " MB";
    },
  },
};
