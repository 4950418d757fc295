"use client";

import { Field } from "../../ui/field.tsx";
import { Segments } from "../../ui/segments.tsx";
import { StagesEditor } from "./stages-editor.tsx";
import { type Faults, type StrategyForm, type StrategyKind, withKind } from "./strategy-form.ts";

/** How a strategy goes over four gateways and twelve moments: a = changed, b = soaks, g = gate. */
const KINDS: readonly (readonly [
  kind: StrategyKind,
  word: string,
  line: string,
  picture: readonly string[],
])[] = [
  [
    "one",
    "One at a time",
    "Every gateway soaks before the next begins.",
    ["aab---------", "---aab------", "------aab---", "---------aab"],
  ],
  [
    "batches",
    "Batches",
    "Several are changed and soak together.",
    ["aaab--------", "aaab--------", "----aaab----", "----aaab----"],
  ],
  [
    "canary",
    "Canary, then rest",
    "A few take real sessions first, then a gate.",
    ["aabg--------", "----aabg----", "--------aab-", "---------aab"],
  ],
];

/** Which gateways go together, what waits for whom. */
export function StrategyFields({
  form,
  faults,
  onChange,
}: {
  form: StrategyForm;
  faults: Faults;
  onChange: (next: StrategyForm) => void;
}) {
  const set = (change: Partial<StrategyForm>) => onChange({ ...form, ...change });
  const number = (field: "batchSize" | "maxUnavailable" | "soakS") => ({
    inputMode: "numeric" as const,
    autoComplete: "off",
    value: form[field],
    fault: faults[field],
    onChange: (event: { target: { value: string } }) => set({ [field]: event.target.value }),
  });
  return (
    <>
      <KindChoice value={form.kind} onChange={(kind) => onChange(withKind(form, kind))} />
      {form.kind === "canary" && <StagesEditor form={form} faults={faults} onChange={onChange} />}
      <div className="three strategy-fields">
        {form.kind !== "one" && (
          <>
            <Field
              label={form.kind === "canary" ? "The rest, in batches of" : "Batches of"}
              hint="Changed and soaked together."
              {...number("batchSize")}
            />
            {form.order === "stopFirst" && (
              <Field
                label="Out at a time, at most"
                hint="The others keep serving."
                {...number("maxUnavailable")}
              />
            )}
          </>
        )}
        <Field
          label="Soak, in seconds"
          hint="Watched for this long once it is back."
          {...number("soakS")}
        />
      </div>
      <div className="field">
        <span className="lab">Each gateway</span>
        <Segments
          label="Each gateway"
          value={form.order}
          options={[
            ["stopFirst", "Stop the old one first"],
            ["startFirst", "Start the new one first"],
          ]}
          onChange={(order) => set({ order })}
        />
        <span className="hint">
          {form.order === "stopFirst"
            ? "Needs no room beside it; the fleet is one gateway short meanwhile."
            : "Needs the memory of one more gateway on its host; nobody is missing meanwhile."}
        </span>
      </div>
    </>
  );
}

function KindChoice({
  value,
  onChange,
}: {
  value: StrategyKind;
  onChange: (next: StrategyKind) => void;
}) {
  return (
    <div className="three" role="radiogroup" aria-label="Strategy">
      {KINDS.map(([kind, word, line, picture]) => (
        // biome-ignore lint/a11y/useSemanticElements: a radio that holds a picture
        <button
          key={kind}
          type="button"
          className="opt"
          role="radio"
          aria-checked={kind === value}
          onClick={() => onChange(kind)}
        >
          <span className="opt-h">
            <span className="radio own" />
            {word}
          </span>
          <span className="mini" aria-hidden="true">
            {picture.map((row, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a row is its gateway's place
              <span key={at}>
                {[...row].map((moment, i) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: the cell is its place
                  <i key={i} className={moment} />
                ))}
              </span>
            ))}
          </span>
          <span className="opt-p">{line}</span>
        </button>
      ))}
    </div>
  );
}
