import { ChatClient } from "../chat-client.ts";
import { forget, readAddress, remember, socketUrl, type Wish } from "./address.ts";
import { showConnection } from "./connection-line.ts";
import { byId } from "./element.ts";
import { onLogin, showLogin } from "./login.ts";
import { goToEnd, showThread } from "./thread.ts";

const COUNTDOWN_MS = 500;
const chat = byId("chat");
const composer = byId<HTMLFormElement>("composer");
const text = byId<HTMLTextAreaElement>("composer-text");
const sendButton = byId<HTMLButtonElement>("send");

let client: ChatClient | null = null;
let wish: Wish = { session: "", token: "" };
let drawing = false;

function enter(wanted: Wish): void {
  client?.stop();
  wish = wanted;
  remember(wish);
  document.title = `${wish.session} · Chela chat`;
  byId("session").textContent = wish.session;
  chat.hidden = false;
  client = new ChatClient({ url: socketUrl(), ...wish, onChange: drawSoon });
  client.start();
  // What is hidden has no height to grow to.
  grow();
  text.focus();
}

/** Many changes, one drawing. */
function drawSoon(): void {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    draw();
  });
}

function draw(): void {
  if (client === null) return;
  const { connection } = client;
  if (connection.kind === "refused") {
    client.stop();
    client = null;
    forget();
    showLogin(wish, connection.error);
    return;
  }
  showConnection(client);
  showThread(client, edit);
}

function edit(refused: string): void {
  text.value = refused;
  grow();
  text.focus();
}

function say(): void {
  if (client === null || text.value.trim() === "") return;
  if (client.send(text.value) === null) return;
  text.value = "";
  grow();
  draw();
  goToEnd();
}

function grow(): void {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight}px`;
  sendButton.disabled = text.value.trim() === "";
}

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  say();
  text.focus();
});
text.addEventListener("input", grow);
text.addEventListener("keydown", (event) => {
  // While an input method composes, Enter takes its suggestion.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  say();
});
byId("retry").addEventListener("click", () => client?.retryNow());
byId("leave").addEventListener("click", () => {
  client?.stop();
  client = null;
  forget();
  showLogin({ session: wish.session, token: "" }, null);
});
addEventListener("online", () => client?.retryNow());
addEventListener("hashchange", () => {
  const wanted = readAddress();
  if (wanted.session !== wish.session || wanted.token !== wish.token) begin(wanted);
});
setInterval(() => {
  if (client !== null && client.connection.kind === "waiting") showConnection(client);
}, COUNTDOWN_MS);

function begin(wanted: Wish): void {
  if (wanted.session !== "" && wanted.token !== "") enter(wanted);
  else showLogin(wanted, null);
}

onLogin(enter);
begin(readAddress());
