"use client";

import { Button } from "../../ui/button.tsx";
import { Choice, Field } from "../../ui/field.tsx";
import { randomId } from "../../ui/random-id.ts";
import {
  type Faults,
  STAGES_MAX,
  type StageForm,
  type StrategyForm,
  withoutStage,
  withStage,
  withStageChange,
} from "./strategy-form.ts";

/** Until so many gateways run the new release, then a gate; as many as wanted. */
export function StagesEditor({
  form,
  faults,
  onChange,
}: {
  form: StrategyForm;
  faults: Faults;
  onChange: (next: StrategyForm) => void;
}) {
  return (
    <fieldset className="stages">
      <legend className="sr">Stages, then the rest</legend>
      <ol>
        {form.stages.map((stage, i) => (
          <Stage
            key={stage.key}
            stage={stage}
            number={i + 1}
            alone={form.stages.length === 1}
            faults={faults}
            onChange={(change) => onChange(withStageChange(form, stage.key, change))}
            onRemove={() => onChange(withoutStage(form, stage.key))}
          />
        ))}
      </ol>
      <Button
        size="sm"
        icon="plus"
        locked={form.stages.length >= STAGES_MAX}
        onClick={() => onChange(withStage(form, randomId()))}
      >
        Add a stage
      </Button>
    </fieldset>
  );
}

/** Reads as a sentence: "Until 1 gateways run it, then wait for approval". */
function Stage({
  stage,
  number,
  alone,
  faults,
  onChange,
  onRemove,
}: {
  stage: StageForm;
  number: number;
  alone: boolean;
  faults: Faults;
  onChange: (change: Partial<StageForm>) => void;
  onRemove: () => void;
}) {
  return (
    <li className="stage-row">
      <span className="no">{number}</span>
      <span className="stage-w">Until</span>
      <Field
        labelHidden
        label={`Stage ${number}: how many`}
        inputMode="numeric"
        autoComplete="off"
        value={stage.amount}
        fault={faults[`${stage.key}.amount`]}
        onChange={(event) => onChange({ amount: event.target.value })}
      />
      <Choice
        hidden
        label={`Stage ${number}: of what`}
        value={stage.unit}
        options={[
          ["count", "gateways"],
          ["percent", "percent"],
        ]}
        onChange={(unit) => onChange({ unit })}
      />
      <span className="stage-w">run it,</span>
      <Choice
        hidden
        label={`Stage ${number}: then`}
        value={stage.gate}
        options={[
          ["approval", "then wait for approval"],
          ["time", "then wait for seconds:"],
        ]}
        onChange={(gate) => onChange({ gate })}
      />
      {stage.gate === "time" && (
        <Field
          labelHidden
          label={`Stage ${number}: seconds`}
          inputMode="numeric"
          autoComplete="off"
          value={stage.waitS}
          fault={faults[`${stage.key}.waitS`]}
          onChange={(event) => onChange({ waitS: event.target.value })}
        />
      )}
      <Button
        variant="ghost"
        square
        icon="trash"
        aria-label={`Remove stage ${number}`}
        locked={alone}
        title={alone ? "A canary has one stage at least." : undefined}
        onClick={onRemove}
      />
    </li>
  );
}
