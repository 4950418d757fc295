"use client";

import { Button } from "../../ui/button.tsx";
import { DifferenceView } from "../../ui/difference-view.tsx";
import { SkeletonRows } from "../../ui/feedback.tsx";
import { TextArea } from "../../ui/field.tsx";
import { differenceInWords, lineDifference } from "../../ui/line-difference.ts";
import type { NewRolloutForm } from "./use-new-rollout.ts";

/** gateway.json to be rolled out, and what of it differs from what runs. */
export function ConfigurationFields({ config }: { config: NewRolloutForm["config"] }) {
  if (config.text === null) {
    return config.unreadable ? (
      <p className="note">The configuration can't be read: {config.unreadable.sentence}</p>
    ) : (
      <SkeletonRows rows={3} />
    );
  }
  const lines = lineDifference(config.running ?? "", config.text);
  const differs = config.running !== null && config.text !== config.running;
  return (
    <>
      <TextArea
        label="gateway.json"
        rows={10}
        value={config.text}
        onChange={(event) => config.set(event.target.value)}
        fault={config.fault}
        hint={
          differs
            ? `${differenceInWords(lines)} against what runs now.`
            : "The same as what runs now."
        }
      />
      {differs && config.fault === null && (
        <DifferenceView label="Changes of gateway.json" lines={lines} />
      )}
      {config.touched && (
        <div className="row">
          <Button variant="ghost" size="sm" icon="back" onClick={config.reset}>
            As it is on the console's machine
          </Button>
        </div>
      )}
    </>
  );
}
