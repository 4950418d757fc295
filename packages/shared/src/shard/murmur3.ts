/**
 * MurmurHash3 x86_32 (Austin Appleby, public domain, https://github.com/aappleby/smhasher) over the UTF-8 bytes of
 * `text`. Not for secrets: for spreading. Its values are part of the key layout: another hash is another layout.
 */
export function murmur3(text: string, seed = 0): number {
  const bytes = encoder.encode(text);
  const blocks = bytes.length - (bytes.length % 4);
  let hash = seed | 0;
  for (let i = 0; i < blocks; i += 4) {
    const block = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    hash ^= mix(block);
    hash = Math.imul(rotate(hash, 13), 5) + 0xe6546b64;
  }
  let tail = 0;
  for (let i = bytes.length - 1; i >= blocks; i--) tail = (tail << 8) | bytes[i]!;
  if (blocks < bytes.length) hash ^= mix(tail);

  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const encoder = new TextEncoder();
const rotate = (value: number, bits: number) => (value << bits) | (value >>> (32 - bits));
const mix = (block: number) => Math.imul(rotate(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593);
