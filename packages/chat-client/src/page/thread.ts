import type { ChatClient } from "../chat-client.ts";
import type { Outgoing } from "../conversation.ts";
import type { MessageFrame } from "../protocol.ts";
import { button, byId, element } from "./element.ts";

const said = byId("said");
const underWay = byId("under-way");
const scroller = byId("scroller");
const toEnd = byId("to-end");
/** So near the end counts as being there. */
const END_PX = 48;

let shown: readonly MessageFrame[] = [];

/** Draws the conversation: messages once, as they come; what is under way anew each time, for it is short. */
export function showThread(client: ChatClient, edit: (text: string) => void): void {
  const atEnd = isAtEnd();
  const { messages, outgoing } = client;
  showMessages(messages);
  const elsewhere = client.sayingToOthers().map((id) => answerBeing(client.saying(id)));
  const ours = outgoing.flatMap((one) => lineOf(one, client, edit));
  underWay.replaceChildren(...elsewhere, ...ours);
  byId("empty").hidden = messages.length > 0 || ours.length > 0 || elsewhere.length > 0;
  if (atEnd) goToEnd();
  toEnd.hidden = isAtEnd();
}

export function goToEnd(): void {
  scroller.scrollTop = scroller.scrollHeight;
}

toEnd.addEventListener("click", goToEnd);
scroller.addEventListener("scroll", () => {
  if (isAtEnd()) toEnd.hidden = true;
});

function isAtEnd(): boolean {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < END_PX;
}

function showMessages(messages: readonly MessageFrame[]): void {
  if (messages === shown) return;
  const last = shown.at(-1);
  const from = last === undefined ? -1 : messages.indexOf(last);
  if (from < 0) said.replaceChildren();
  for (const message of messages.slice(from + 1)) said.append(messageLine(message));
  while (said.childElementCount > messages.length) said.firstElementChild?.remove();
  shown = messages;
}

function messageLine({ role, text }: MessageFrame): HTMLElement {
  const who = role === "user" ? "You" : role === "assistant" ? "Assistant" : "Error";
  return line(role, element("span", "unseen", `${who}: `), element("div", "text", text));
}

function lineOf(one: Outgoing, client: ChatClient, edit: (text: string) => void): HTMLElement[] {
  const text = element("div", "text", one.text);
  switch (one.state) {
    case "waiting":
      return [
        line(
          "user pending",
          text,
          note(client.connection.kind === "open" ? "Sending" : "Waits for the connection"),
        ),
      ];
    case "stored":
      return [line("user", text), answerBeing(client.saying(one.id))];
    case "refused": {
      const again = () => {
        client.forget(one.id);
        edit(one.text);
      };
      const why = element(
        "p",
        "why",
        one.error?.message ?? "",
        " ",
        element("code", "", one.error?.code ?? ""),
      );
      const actions = element(
        "div",
        "actions",
        button("quiet-button", "Edit", again),
        button("quiet-button", "Remove", () => client.forget(one.id)),
      );
      return [line("user refused", text, why, actions)];
    }
  }
}

function answerBeing(text: string): HTMLElement {
  if (text !== "") return line("assistant being", element("div", "text", text));
  const dots = element(
    "div",
    "dots",
    element("i", "dot"),
    element("i", "dot"),
    element("i", "dot"),
  );
  return line("assistant being", dots, element("span", "unseen", "The answer is being made"));
}

function note(text: string): HTMLElement {
  return element("p", "note", text);
}

function line(className: string, ...children: (Node | string)[]): HTMLElement {
  return element("li", `line ${className}`, ...children);
}
