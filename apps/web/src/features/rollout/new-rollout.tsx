"use client";

import { useRouter } from "next/navigation";
import type { ReactNode } from "react";
import type { Fault } from "../../trpc/fault.ts";
import { Button, ButtonLink, Keys } from "../../ui/button.tsx";
import { cx } from "../../ui/cx.ts";
import { Callout } from "../../ui/feedback.tsx";
import { Field } from "../../ui/field.tsx";
import { plural } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { useConfirmKey } from "../../ui/use-confirm-key.ts";
import { useFleet } from "../fleet/live/live.tsx";
import { ConfigurationFields } from "./configuration-fields.tsx";
import { ImageChoices } from "./image-choices.tsx";
import { PlanPreview } from "./plan-preview.tsx";
import { StrategyFields } from "./strategy-fields.tsx";
import { useNewRollout } from "./use-new-rollout.ts";
import { rolloutHref } from "./wording.ts";

/** Which gateway goes when? Nothing starts before the button is pressed. */
export function NewRollout() {
  const fleet = useFleet();
  const router = useRouter();
  const form = useNewRollout((operationId) => router.push(rolloutHref(operationId)));
  useConfirmKey("page", true, form.start);
  const running = [...new Set(fleet.gateways.map((gateway) => gateway.version))].join(", ");
  const planned = form.plan !== undefined;
  const first = form.plan?.order[0]?.gateway;
  return (
    <>
      <div className="head">
        <div>
          <h1>New rollout</h1>
          <p className="sub">
            Replaces the gateways of {fleet.fleet}, standbys first, the active last. Nothing starts
            until you press Start.
          </p>
        </div>
      </div>
      <div className="nr-grid">
        <div className="card">
          <Section
            at={1}
            done={planned && form.image !== ""}
            title="What to run"
            lead={
              <>
                Running now: <span className="mono">{running || "nothing"}</span> on{" "}
                {plural(fleet.gateways.length, "gateway")}. Pinned by its id, so that a tag that
                moves changes nothing.
              </>
            }
          >
            <Field
              label="Image"
              mono
              value={form.image}
              onChange={(event) => form.setImage(event.target.value)}
              placeholder="repository:tag"
              autoComplete="off"
              fault={isOfImage(form.planFault) ? form.planFault?.sentence : null}
              hint="Choose below, or type any tag that a host holds or can pull. Left empty, the image stays."
            />
            <ImageChoices fleet={fleet.fleet} value={form.image.trim()} onChoose={form.setImage} />
          </Section>
          <Section
            at={2}
            done={form.config.text !== null && form.config.fault === null}
            title="Configuration"
            lead="The text of gateway.json. Secrets stay templates: they are filled in on each host."
          >
            <ConfigurationFields config={form.config} />
          </Section>
          <Section
            at={3}
            done={Object.keys(form.strategyFaults).length === 0}
            title="Strategy"
            lead="Standbys always go before actives. A gateway that gets worse than the old release brings all of them back."
          >
            <StrategyFields
              form={form.strategy}
              faults={form.strategyFaults}
              onChange={form.setStrategy}
            />
          </Section>
        </div>
        <PlanPreview plan={form.plan} pending={form.pending} made={form.planMade}>
          {form.planFault && !isOfImage(form.planFault) && (
            <Callout tone="fail" icon="st-fail" role="alert" className="plan-refusal">
              <p>
                <b>This can't be planned.</b> {form.planFault.sentence}
              </p>
            </Callout>
          )}
          {form.refusal && (
            <Callout tone="fail" icon="st-fail" role="alert" className="plan-refusal">
              <p>
                <b>Nothing was started.</b> {form.refusal.sentence}
              </p>
            </Callout>
          )}
          <footer className="sheet-f">
            <span className="note">
              {form.lock ?? "Asks once. You can pause or abort at any time."}
            </span>
            <ButtonLink variant="ghost" href="/rollouts">
              Cancel
            </ButtonLink>
            <Button
              variant="primary"
              icon="play"
              locked={form.lock !== null}
              busy={form.starting}
              onClick={form.start}
            >
              Start rollout{first && form.lock === null && `, ${first} first`}
              {form.lock === null && <Keys of={["⌘", "↵"]} />}
            </Button>
          </footer>
        </PlanPreview>
      </div>
    </>
  );
}

/** What is wrong with the image is said at its field. */
const isOfImage = (fault: Fault | null): boolean => /image|repository/.test(fault?.reason ?? "");

const Section = ({
  at,
  done,
  title,
  lead,
  children,
}: {
  at: number;
  done: boolean;
  title: string;
  lead: ReactNode;
  children: ReactNode;
}) => (
  <section className={cx("form-sec", done && "ok")} aria-label={title}>
    <span className="no">{done ? <Icon name="st-pass" /> : at}</span>
    <div>
      <h2>{title}</h2>
      <p>{lead}</p>
      <div className="body">{children}</div>
    </div>
  </section>
);
