/** Pure: where to go after the door. Only a path of this console; anything else could lead the visitor away. */
export function safeNext(next: string): string {
  return /^\/(?![/\\])/.test(next) && !next.startsWith("/login") ? next : "/";
}
