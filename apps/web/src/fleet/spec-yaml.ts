import type { DocumentFault, FleetDocument } from "@chela/shared/fleet/document";
import type { HostView } from "@chela/shared/fleet/view";
import { Document, isMap, isNode, isPair, isSeq, LineCounter, parseDocument } from "yaml";

export interface YamlText {
  value: unknown;
  /** What keeps it from being read at all, each with its line. */
  faults: string[];
  /** A fault of its content, with its line and path. */
  placed(fault: DocumentFault): string;
}

/** Reads a document; never throws. */
export function readYaml(text: string): YamlText {
  const lines = new LineCounter();
  const parsed = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true });
  const faults = [...parsed.errors, ...parsed.warnings].map(({ pos, code, message }) => {
    const said =
      code === "MULTIPLE_DOCS" ? "A second document begins: send one at a time" : message;
    return `line ${lines.linePos(pos[0]).line}: ${said}`;
  });
  let value: unknown = null;
  try {
    // Nothing in a fleet repeats so often that it needs an alias; an anchored bomb does.
    value = faults.length === 0 ? parsed.toJS({ maxAliasCount: 0 }) : null;
  } catch {
    faults.push("Aliases (*name) are not understood here: write each value out.");
  }
  return {
    value,
    faults,
    placed: ({ path, message }) => {
      const offset = offsetOf(parsed, path);
      const line = offset === null ? 1 : lines.linePos(offset).line;
      return `line ${line}, ${pathText(path)}: ${message}`;
    },
  };
}

/** Where a path stands in the text; where it is missing, what it is missing in. */
function offsetOf(document: Document, path: DocumentFault["path"]): number | null {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? null) : null;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isPair(item) && isNode(item.key) && item.key.toJSON() === part,
      );
      if (pair === undefined) return offset;
      if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      if (isNode(node)) offset = node.range?.[0] ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}

const pathText = (path: DocumentFault["path"]) =>
  path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${part}]` : text === "" ? part : `${text}.${part}`,
    "",
  ) || "document";

const COMMENTS: Record<string, string> = {
  mode: " active-standby: one gateway processes, the others stand by; active-active: `actives` of them do",
  actives: " how many gateways process; in active-standby 1",
  floor: " the console leaves no fewer healthy gateways than this, whatever it does",
  reconcile: " manual: drift is shown; auto: it is corrected",
};

/** The document, with what its words mean. The same fleet gives the same text. */
export function specYaml(
  is: FleetDocument,
  hosts: readonly Pick<HostView, "name" | "region" | "cordoned" | "connected">[],
): string {
  const document = new Document(is);
  document.commentBefore = [
    ` The fleet ${is.fleet}. Change it and apply it again; what is left out stays as it is, a list that is given is the`,
    " whole list. A new weight or host means that the gateway is drained and started anew.",
  ].join("\n");
  const contents = document.contents;
  if (isMap(contents)) {
    for (const { key, value } of contents.items) {
      const name = isNode(key) ? String(key.toJSON()) : "";
      if (isNode(value) && COMMENTS[name] !== undefined) value.comment = COMMENTS[name];
      if (!isNode(key)) continue;
      if (name === "release") {
        key.spaceBefore = true;
        key.commentBefore =
          " For information: another image or configuration is brought by a rollout.";
      }
      if (name === "gateways") {
        key.spaceBefore = true;
        key.commentBefore = ` Hosts: ${hosts.map(hostText).join(", ") || "none"}.`;
      }
      if (name === "edges") key.spaceBefore = true;
    }
  }
  return document.toString({ lineWidth: 0 });
}

function hostText({
  name,
  region,
  cordoned,
  connected,
}: Pick<HostView, "name" | "region" | "cordoned" | "connected">): string {
  const notes = [
    ...(region === null ? [] : [region]),
    ...(cordoned ? ["cordoned"] : []),
    ...(connected ? [] : ["its agent is silent"]),
  ];
  return notes.length === 0 ? name : `${name} (${notes.join(", ")})`;
}
