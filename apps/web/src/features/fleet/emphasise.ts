/** Pure: cuts a sentence at the names that matter, so that they can be set apart. */
export function emphasise(
  sentence: string,
  names: readonly string[],
): { text: string; name: boolean }[] {
  const known = new Set(names);
  return sentence
    .split(/([A-Za-z0-9][A-Za-z0-9_.-]*[A-Za-z0-9])/)
    .filter((text) => text !== "")
    .reduce<{ text: string; name: boolean }[]>((parts, text) => {
      const last = parts.at(-1);
      const name = known.has(text);
      if (!name && last && !last.name) last.text += text;
      else parts.push({ text, name });
      return parts;
    }, []);
}
