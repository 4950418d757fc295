"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useDeferredValue, useState } from "react";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { Button, ButtonLink } from "../../ui/button.tsx";
import { cx } from "../../ui/cx.ts";
import { Callout } from "../../ui/feedback.tsx";
import { Icon } from "../../ui/icon.tsx";
import { randomId } from "../../ui/random-id.ts";
import { useSettled } from "../../ui/use-settled.ts";
import { useCommandLock, useFleet } from "../fleet/live/live.tsx";
import { useRoleLock } from "../viewer/viewer.ts";
import { ImageChoices } from "./image-choices.tsx";
import { PlanPreview } from "./plan-preview.tsx";
import { rolloutHref } from "./wording.ts";

const DEFAULT_SOAK_S = 10;
const SOAK_S_MAX = 86_400;
const TYPING_PAUSE_MS = 250;

/** Which gateway goes when? Nothing starts before the button is pressed. */
export function NewRollout() {
  const fleet = useFleet();
  const api = useApi();
  const router = useRouter();
  const [image, setImage] = useState("");
  const [soak, setSoak] = useState(String(DEFAULT_SOAK_S));
  const soakS = Number(soak);
  const soakValid = soak !== "" && Number.isInteger(soakS) && soakS >= 0 && soakS <= SOAK_S_MAX;
  const wanted = useDeferredValue(image.trim());
  const request = { fleet: fleet.fleet, image: wanted, strategy: { soakMs: soakS * 1_000 } };
  const settled = useSettled(`${wanted}\n${soak}`, TYPING_PAUSE_MS);
  const plan = useQuery(
    api.rollouts.plan.queryOptions(request, {
      enabled: settled && wanted !== "" && soakValid,
      refetchInterval: (query) => (query.state.status === "error" ? false : 5_000),
      staleTime: 0,
    }),
  );
  const start = useMutation(
    api.rollouts.start.mutationOptions({
      onSuccess: ({ operationId }) => router.push(rolloutHref(operationId)),
      onError: () => void plan.refetch(),
    }),
  );
  const stale = useCommandLock();
  const role = useRoleLock("operator");
  const failed = plan.data?.checks.filter((check) => check.verdict === "fail") ?? [];
  const lock =
    role ??
    stale ??
    (wanted === "" ? "Choose an image first." : null) ??
    (!soakValid ? "Give the soak in whole seconds." : null) ??
    (plan.isError ? "This image can't be planned." : null) ??
    (!settled || plan.data === undefined ? "Working out the plan." : null) ??
    (failed.length > 0 ? "A check fails." : null);
  const running = [...new Set(fleet.gateways.map((gateway) => gateway.version))].join(", ");
  return (
    <>
      <div className="head">
        <div>
          <h1>New rollout</h1>
          <p className="sub">
            Replaces the gateways of {fleet.fleet} one after another. Nothing starts until you press
            Start.
          </p>
        </div>
      </div>
      <div className="nr-grid">
        <div className="card">
          <section className={cx("form-sec", plan.data && failed.length === 0 && "ok")}>
            <span className="no">
              {plan.data && failed.length === 0 ? <Icon name="st-pass" /> : 1}
            </span>
            <div>
              <h2>What to run</h2>
              <p>
                Running now: <span className="mono">{running || "nothing"}</span> on{" "}
                {fleet.gateways.length} gateways. Pinned by its id, so that a tag that moves changes
                nothing.
              </p>
              <div className="body">
                <div className="field">
                  <label htmlFor="rollout-image">Image</label>
                  <input
                    id="rollout-image"
                    className={cx("input mono", plan.isError && "err")}
                    value={image}
                    onChange={(event) => setImage(event.target.value)}
                    placeholder="repository:tag"
                    autoComplete="off"
                    spellCheck={false}
                    aria-describedby="rollout-hint"
                    aria-invalid={plan.isError || undefined}
                  />
                  {plan.isError ? (
                    <span className="err-t" role="alert" id="rollout-hint">
                      <Icon name="st-fail" />
                      {faultOf(plan.error).sentence}
                    </span>
                  ) : (
                    <span className="hint" id="rollout-hint">
                      Choose below, or type any tag that a host holds or can pull.
                    </span>
                  )}
                </div>
                <ImageChoices fleet={fleet.fleet} value={wanted} onChoose={setImage} />
              </div>
            </div>
          </section>
          <section className={cx("form-sec", soakValid && "ok")}>
            <span className="no">{soakValid ? <Icon name="st-pass" /> : 2}</span>
            <div>
              <h2>Pace</h2>
              <p>
                One at a time: standbys first, the active last, after a switchover. Each soaks
                before the next begins.
              </p>
              <div className="body soak-field">
                <div className="field">
                  <label htmlFor="rollout-soak">Soak</label>
                  <span className="input">
                    <input
                      id="rollout-soak"
                      className="bare"
                      inputMode="numeric"
                      value={soak}
                      onChange={(event) => setSoak(event.target.value)}
                      aria-describedby="soak-hint"
                    />
                    <span className="suf">seconds</span>
                  </span>
                  <span className="hint" id="soak-hint">
                    Watched for this long once it is healthy and back.
                  </span>
                </div>
              </div>
            </div>
          </section>
        </div>
        <PlanPreview
          plan={wanted === "" ? undefined : plan.data}
          pending={wanted !== "" && !plan.isError}
          made={plan.dataUpdatedAt}
        >
          {start.isError && (
            <Callout tone="fail" icon="st-fail" role="alert" className="plan-refusal">
              <p>
                <b>Not started.</b> {faultOf(start.error).sentence}
              </p>
            </Callout>
          )}
          <footer className="sheet-f">
            <span className="note">{lock ?? "Asks once. You can pause or abort at any time."}</span>
            <ButtonLink variant="ghost" href="/rollouts">
              Cancel
            </ButtonLink>
            <Button
              variant="primary"
              icon="play"
              locked={lock !== null}
              busy={start.isPending || start.isSuccess}
              onClick={() =>
                plan.data &&
                start.mutate({
                  ...request,
                  planHash: plan.data.planHash,
                  idempotencyKey: randomId(),
                })
              }
            >
              Start rollout
            </Button>
          </footer>
        </PlanPreview>
      </div>
    </>
  );
}
