import { z } from "zod";
import { type Partly, partlyOf } from "../tolerant.ts";

/**
 * The parts of Discord's interactions that Chela reads:
 * https://discord.com/developers/docs/interactions/receiving-and-responding
 */
const KIND = { ping: 1, command: 2, component: 3, autocomplete: 4, modal: 5 } as const;
const COMMAND = { slash: 1, user: 2, message: 3 } as const;
const OPTION = { subcommand: 1, group: 2, text: 3 } as const;

/** Both become part of an address. */
const APPLICATION = z.string().regex(/^[\w-]{1,64}$/);
const TOKEN = z.string().regex(/^(?=.*[^.])[\x21-\x7e]{1,1024}$/);
const interactionSchema = z.looseObject({
  id: z.string(),
  type: z.number().int(),
  application_id: APPLICATION,
  token: TOKEN,
  channel_id: z.string().optional(),
});
const kindSchema = z.looseObject({ type: z.number().int() });

export type Interaction =
  | { readonly kind: "ping" }
  /** Somebody is still typing: suggestions are asked for. */
  | { readonly kind: "autocomplete" }
  /** A kind that does not exist yet. */
  | { readonly kind: "other"; readonly id: string }
  | {
      readonly kind: "said";
      readonly id: string;
      readonly application: string;
      readonly token: string;
      readonly channel: string;
      readonly user: string;
      readonly text: string;
    };

/** Null: this is no interaction. */
export function interactionOf(body: Record<string, unknown>): Interaction | null {
  const kind = kindSchema.safeParse(body);
  if (!kind.success) return null;
  if (kind.data.type === KIND.ping) return { kind: "ping" };
  const parsed = interactionSchema.safeParse(body);
  if (!parsed.success) return null;
  const { id, type, application_id: application, token, channel_id } = parsed.data;
  if (type === KIND.autocomplete) return { kind: "autocomplete" };
  const interaction = partlyOf(body);
  const text = textOf(type, interaction.at("data"));
  if (text === null) return { kind: "other", id };
  const channel = channel_id ?? interaction.at("channel").text("id");
  // In a server the member, in a direct message the user.
  const user = interaction.at("member").at("user").text("id") ?? interaction.at("user").text("id");
  if (channel === null || user === null) return null;
  return { kind: "said", id, application, token, channel, user, text };
}

function textOf(type: number, data: Partly): string | null {
  switch (type) {
    case KIND.command:
      return commandText(data);
    case KIND.component:
      return [`[${data.text("custom_id") ?? "component"}]`, ...wordsOf(data.at("values"))].join(
        " ",
      );
    case KIND.modal:
      return [`[${data.text("custom_id") ?? "form"}]`, ...fieldsOf(data.at("components"))].join(
        " ",
      );
    default:
      return null;
  }
}

/**
 * A command with one text option, as `/ask question:`, says that text. Any other one is written out as it looks where
 * it was typed: `/weather week city: Paris days: 3`.
 */
function commandText(data: Partly): string {
  const name = `/${data.text("name") ?? ""}`;
  const target = data.text("target_id") ?? "";
  const resolved = data.at("resolved");
  switch (data.number("type") ?? COMMAND.slash) {
    case COMMAND.user:
      return `${name} @${resolved.at("users").at(target).text("username") ?? target}`;
    case COMMAND.message:
      return `${name} ${resolved.at("messages").at(target).text("content") ?? ""}`.trim();
    default:
      return slashText(name, data.at("options").each());
  }
}

function slashText(name: string, options: readonly Partly[]): string {
  const path = [name];
  let leaves = options;
  // A command's options, or one subcommand's, or one subcommand's within a group: no deeper.
  for (let depth = 0; depth < 2; depth++) {
    const [only] = leaves;
    const type = only?.number("type");
    if (only === undefined || (type !== OPTION.subcommand && type !== OPTION.group)) break;
    path.push(only.text("name") ?? "");
    leaves = only.at("options").each();
  }
  const [only] = leaves;
  if (path.length === 1 && leaves.length === 1 && only?.number("type") === OPTION.text) {
    return only.text("value") ?? "";
  }
  const said = leaves.map((leaf) => `${leaf.text("name") ?? ""}: ${leaf.at("value").word() ?? ""}`);
  return [...path, ...said].join(" ");
}

/** A form's fields stand in rows, or each under its label. */
function fieldsOf(components: Partly): string[] {
  return components.each().flatMap((row) =>
    [row.at("component"), ...row.at("components").each()].flatMap((field) => {
      const words = [field.text("value") ?? "", ...wordsOf(field.at("values"))];
      const said = words.filter((word) => word !== "").join(", ");
      return said === "" ? [] : [`${field.text("custom_id") ?? ""}: ${said}`];
    }),
  );
}

function wordsOf(values: Partly): string[] {
  return values.each().flatMap((value) => value.word() ?? []);
}
