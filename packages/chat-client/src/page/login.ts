import type { ChatError } from "../conversation.ts";
import type { Wish } from "./address.ts";
import { byId } from "./element.ts";

const form = byId<HTMLFormElement>("login");
const session = byId<HTMLInputElement>("login-session");
const token = byId<HTMLInputElement>("login-token");
const error = byId("login-error");

/** Asks for what is missing, or for what was refused. */
export function showLogin(wish: Wish, refused: ChatError | null): void {
  byId("chat").hidden = true;
  form.hidden = false;
  session.value = wish.session;
  token.value = wish.token;
  error.hidden = refused === null;
  byId("login-error-text").textContent = refused?.message ?? "";
  byId("login-error-code").textContent = refused?.code ?? "";
  const atFault = refused?.code === "session-invalid" ? session : token;
  for (const field of [session, token]) {
    field.setAttribute("aria-invalid", String(refused !== null && field === atFault));
  }
  const first = refused !== null ? atFault : wish.session === "" ? session : token;
  first.focus();
  first.select();
}

export function onLogin(enter: (wish: Wish) => void): void {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    form.hidden = true;
    enter({ session: session.value.trim(), token: token.value.trim() });
  });
}
