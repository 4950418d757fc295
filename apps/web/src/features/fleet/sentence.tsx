import { emphasise } from "./emphasise.ts";

/** A sentence with the fleet's own names set apart. */
export const Sentence = ({ text, names }: { text: string; names: readonly string[] }) =>
  emphasise(text, names).map((part, i) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: parts have no identity of their own
    part.name ? <b key={i}>{part.text}</b> : part.text,
  );
