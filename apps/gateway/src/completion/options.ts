type Check = (value: unknown) => boolean;

const isNumber: Check = (value) => typeof value === "number";
const isText: Check = (value) => typeof value === "string";
const isObject: Check = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isStop: Check = (value) => isText(value) || (Array.isArray(value) && value.every(isText));

/** What is passed on to the assistant, and what it must be. Ranges are the model's own business. */
const PASSED: Readonly<Record<string, readonly [Check, string]>> = {
  temperature: [isNumber, "a number"],
  top_p: [isNumber, "a number"],
  max_tokens: [isNumber, "a number"],
  max_completion_tokens: [isNumber, "a number"],
  presence_penalty: [isNumber, "a number"],
  frequency_penalty: [isNumber, "a number"],
  seed: [isNumber, "a number"],
  stop: [isStop, "a text or a list of texts"],
  response_format: [isObject, "an object"],
  logit_bias: [isObject, "an object"],
  reasoning_effort: [isText, "a text"],
  verbosity: [isText, "a text"],
};

const isEmptyList: Check = (value) => Array.isArray(value) && value.length === 0;
const never: Check = () => false;

/**
 * What would change the answer's shape, and the values that do not. Anything else a client sends is left aside, as
 * OpenAI-compatible servers do: clients send plenty of hints.
 */
const UNSUPPORTED: Readonly<Record<string, Check>> = {
  n: (value) => value === 1,
  tools: isEmptyList,
  functions: isEmptyList,
  tool_choice: (value) => value === "none" || value === "auto",
  function_call: (value) => value === "none" || value === "auto",
  audio: never,
  modalities: (value) => Array.isArray(value) && value.every((each) => each === "text"),
  logprobs: (value) => value === false,
  top_logprobs: (value) => value === 0,
  web_search_options: never,
};

export type Options =
  | { readonly ok: true; readonly options: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly param: string; readonly must: string | null };

/** The settings among a request's parameters; `must` is null where the parameter cannot be had at all. */
export function optionsOf(body: Readonly<Record<string, unknown>>): Options {
  const given = (name: string) => Object.hasOwn(body, name) && body[name] !== null;
  for (const [param, isHarmless] of Object.entries(UNSUPPORTED)) {
    if (given(param) && !isHarmless(body[param])) return { ok: false, param, must: null };
  }
  const options: Record<string, unknown> = {};
  for (const [param, [isValid, must]] of Object.entries(PASSED)) {
    if (!given(param)) continue;
    if (!isValid(body[param])) return { ok: false, param, must };
    options[param] = body[param];
  }
  return { ok: true, options };
}
