/**
 * Pure: text as a QR code (ISO/IEC 18004), byte mode, error correction L, versions 1 to 20: up to 858 bytes.
 */

/** Error correction bytes per block and number of blocks, by version. */
const CORRECTION = [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28];
const BLOCKS = [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8];
const VERSION_MAX = CORRECTION.length;

type Grid = boolean[][];

/** Rows of modules, dark ones true, without the quiet zone. Null: too long. */
export function qrModules(text: string): Grid | null {
  const bytes = new TextEncoder().encode(text);
  for (let version = 1; version <= VERSION_MAX; version++) {
    const words = dataWords(version);
    if (headBits(version) + bytes.length * 8 > words * 8) continue;
    const stream = interleaved(dataOf(bytes, version, words), version);
    const drawn = [0, 1, 2, 3, 4, 5, 6, 7].map((mask) => draw(stream, version, mask));
    return drawn.reduce((best, grid) => (penalty(grid) < penalty(best) ? grid : best));
  }
  return null;
}

const sizeOf = (version: number) => 17 + 4 * version;
const headBits = (version: number) => 4 + (version < 10 ? 8 : 16);

/** Modules that carry data or correction, in bytes: everything but the fixed patterns. */
function allWords(version: number): number {
  const size = sizeOf(version);
  const marks = alignment(version).length;
  const aligned = marks === 0 ? 0 : (marks * marks - 3) * 25 - (marks - 2) * 2 * 5;
  const fixed = 3 * 64 + 2 * (size - 16) + 31 + aligned + (version < 7 ? 0 : 36);
  return Math.floor((size * size - fixed) / 8);
}

const dataWords = (version: number) =>
  allWords(version) - CORRECTION[version - 1]! * BLOCKS[version - 1]!;

/** Centres of the alignment marks, along each axis. */
function alignment(version: number): number[] {
  if (version === 1) return [];
  const marks = Math.floor(version / 7) + 2;
  const last = sizeOf(version) - 7;
  const step = Math.ceil((last - 6) / (marks - 1) / 2) * 2;
  return [6, ...Array.from({ length: marks - 1 }, (_, i) => last - (marks - 2 - i) * step)];
}

function dataOf(bytes: Uint8Array, version: number, words: number): number[] {
  const bits: number[] = [];
  const put = (value: number, width: number) => {
    for (let bit = width - 1; bit >= 0; bit--) bits.push((value >> bit) & 1);
  };
  put(0b0100, 4);
  put(bytes.length, version < 10 ? 8 : 16);
  for (const byte of bytes) put(byte, 8);
  put(0, Math.min(4, words * 8 - bits.length));
  while (bits.length % 8 !== 0) bits.push(0);
  const data = Array.from({ length: bits.length / 8 }, (_, i) =>
    bits.slice(i * 8, i * 8 + 8).reduce((byte, bit) => byte * 2 + bit, 0),
  );
  for (let pad = 0; data.length < words; pad++) data.push(pad % 2 === 0 ? 0xec : 0x11);
  return data;
}

// ---- Reed-Solomon over GF(256), x^8 + x^4 + x^3 + x^2 + 1 ----

const POWERS: number[] = [];
for (let i = 0, value = 1; i < 255; i++) {
  POWERS.push(value);
  value = value & 0x80 ? ((value << 1) ^ 0x11d) & 0xff : value << 1;
}
const LOGS = new Map(POWERS.map((value, power) => [value, power]));
const times = (a: number, b: number): number =>
  a === 0 || b === 0 ? 0 : POWERS[(LOGS.get(a)! + LOGS.get(b)!) % 255]!;

/** The product of (x - 2^i) for i < degree, highest first, without the leading 1. */
function generator(degree: number): number[] {
  let polynomial = [1];
  for (let i = 0; i < degree; i++) {
    const next = [...polynomial, 0];
    polynomial.forEach((factor, at) => {
      next[at + 1] = next[at + 1]! ^ times(factor, POWERS[i]!);
    });
    polynomial = next;
  }
  return polynomial.slice(1);
}

function correction(data: readonly number[], degree: number): number[] {
  const divisor = generator(degree);
  let rest = new Array<number>(degree).fill(0);
  for (const byte of data) {
    const factor = byte ^ rest[0]!;
    rest = [...rest.slice(1), 0].map((value, i) => value ^ times(divisor[i]!, factor));
  }
  return rest;
}

/** Data split into blocks, then one byte of each in turn, first data, then correction. */
function interleaved(data: readonly number[], version: number): number[] {
  const count = BLOCKS[version - 1]!;
  const short = Math.floor(data.length / count);
  const longer = data.length % count;
  const blocks: number[][] = [];
  for (let i = 0, at = 0; i < count; i++) {
    const length = short + (i < count - longer ? 0 : 1);
    blocks.push(data.slice(at, at + length));
    at += length;
  }
  const corrections = blocks.map((block) => correction(block, CORRECTION[version - 1]!));
  const inTurn = (columns: number[][], length: number) =>
    Array.from({ length }, (_, i) => columns.flatMap((column) => column[i] ?? [])).flat();
  return [...inTurn(blocks, short + 1), ...inTurn(corrections, CORRECTION[version - 1]!)];
}

// ---- drawing ----

const MASKS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

function draw(stream: readonly number[], version: number, mask: number): Grid {
  const size = sizeOf(version);
  const grid: Grid = Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
  const fixed: Grid = grid.map((row) => [...row]);
  const set = (x: number, y: number, dark: boolean) => {
    if (x < 0 || y < 0 || x >= size || y >= size) return;
    grid[y]![x] = dark;
    fixed[y]![x] = true;
  };
  for (let i = 0; i < size; i++) {
    set(6, i, i % 2 === 0);
    set(i, 6, i % 2 === 0);
  }
  const square = (cx: number, cy: number, reach: number, light: readonly number[]) => {
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        set(cx + dx, cy + dy, !light.includes(Math.max(Math.abs(dx), Math.abs(dy))));
      }
    }
  };
  for (const [x, y] of [
    [3, 3],
    [size - 4, 3],
    [3, size - 4],
  ] as const) {
    square(x, y, 4, [2, 4]);
  }
  const marks = alignment(version);
  const last = marks.length - 1;
  marks.forEach((x, i) => {
    marks.forEach((y, j) => {
      const inCorner = (i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0);
      if (!inCorner) square(x, y, 2, [1]);
    });
  });
  drawFormat(set, size, mask);
  if (version >= 7) drawVersion(set, size, version);
  let bit = 0;
  for (let right = size - 1; right > 0; right -= right === 8 ? 3 : 2) {
    const up = ((right + 1) & 2) === 0;
    for (let step = 0; step < size; step++) {
      const y = up ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (fixed[y]![x]) continue;
        const value = ((stream[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1;
        grid[y]![x] = (value === 1) !== MASKS[mask]!(x, y);
        bit++;
      }
    }
  }
  return grid;
}

type Set = (x: number, y: number, dark: boolean) => void;

/** Remainder of a value times x^width by a generator. */
function remainder(value: number, width: number, divisor: number): number {
  let rest = value << width;
  const top = 31 - Math.clz32(divisor);
  for (let bit = 31 - Math.clz32(rest); bit >= top; bit--) {
    if ((rest >> bit) & 1) rest ^= divisor << (bit - top);
  }
  return rest;
}

function drawFormat(set: Set, size: number, mask: number): void {
  // 01 is level L.
  const value = (0b01 << 3) | mask;
  const bits = ((value << 10) | remainder(value, 10, 0x537)) ^ 0x5412;
  const bit = (i: number) => ((bits >> i) & 1) === 1;
  for (let i = 0; i <= 5; i++) set(8, i, bit(i));
  set(8, 7, bit(6));
  set(8, 8, bit(7));
  set(7, 8, bit(8));
  for (let i = 9; i < 15; i++) set(14 - i, 8, bit(i));
  for (let i = 0; i < 8; i++) set(size - 1 - i, 8, bit(i));
  for (let i = 8; i < 15; i++) set(8, size - 15 + i, bit(i));
  set(8, size - 8, true);
}

function drawVersion(set: Set, size: number, version: number): void {
  const bits = (version << 12) | remainder(version, 12, 0x1f25);
  for (let i = 0; i < 18; i++) {
    const dark = ((bits >> i) & 1) === 1;
    const along = size - 11 + (i % 3);
    const across = Math.floor(i / 3);
    set(along, across, dark);
    set(across, along, dark);
  }
}

/** How hard a camera would find it: runs, blocks, what looks like a finder mark, imbalance. */
function penalty(grid: Grid): number {
  const size = grid.length;
  const columns = grid.map((_, x) => grid.map((row) => row[x]!));
  let points = 0;
  for (const line of [...grid, ...columns]) {
    const text = line.map((dark) => (dark ? "1" : "0")).join("");
    for (const run of text.match(/0{5,}|1{5,}/g) ?? []) points += run.length - 2;
    for (const mark of ["10111010000", "00001011101"]) {
      for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) points += 40;
    }
  }
  for (let y = 1; y < size; y++) {
    for (let x = 1; x < size; x++) {
      const dark = grid[y]![x];
      if (grid[y - 1]![x] === dark && grid[y]![x - 1] === dark && grid[y - 1]![x - 1] === dark) {
        points += 3;
      }
    }
  }
  const share = grid.flat().filter(Boolean).length / (size * size);
  return points + Math.floor(Math.abs(share - 0.5) * 20) * 10;
}
