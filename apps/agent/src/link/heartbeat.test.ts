import { EventEmitter } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { WebSocket } from "ws";
import { keepAlive } from "./heartbeat.ts";

class FakeSocket extends EventEmitter {
  pings = 0;
  ended = false;
  ping = () => {
    this.pings++;
  };
  terminate = () => {
    this.ended = true;
    this.emit("close");
  };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched(): FakeSocket {
  const socket = new FakeSocket();
  keepAlive(socket as unknown as WebSocket, () => Date.now());
  return socket;
}

test("a peer that has gone without a word is noticed within six seconds", () => {
  const socket = watched();
  vi.advanceTimersByTime(6_000);
  expect(socket.ended).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test("a quiet peer that answers pings stays connected", () => {
  const socket = watched();
  socket.ping = () => void socket.emit("pong");
  vi.advanceTimersByTime(60_000);
  expect(socket.ended).toBe(false);
});
