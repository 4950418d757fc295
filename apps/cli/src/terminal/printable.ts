// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * Pure: text from elsewhere (messages, logs, names) without what a terminal would take for a command: a chat message
 * must not be able to rewrite the operator's screen. Tabs and line ends stay.
 */
export const printable = (text: string): string => text.replace(CONTROLS, "�");

/** The same on one line. */
export const onOneLine = (text: string): string => printable(text.replace(/\s+/g, " ").trim());
