import type { JudgedFigure, Judgement, RolloutProgress } from "@chela/shared/fleet/view";
import { Callout } from "../../ui/feedback.tsx";
import { span } from "../../ui/format.ts";
import { StatusText } from "../../ui/status.tsx";
import {
  figureInWords,
  figureValue,
  hasFigures,
  judgementInWords,
  latestJudgements,
  statusOfFigure,
} from "./judgement.ts";

const ICONS = { pass: "st-pass", warn: "st-warn", fail: "st-fail" } as const;

/** Is the new release worse? Each gateway that was watched, against the old release in the same window. */
export function Comparison({ rollout }: { rollout: RolloutProgress }) {
  const judgements = latestJudgements(rollout.judgements);
  const image = rollout.changes.includes("image");
  const names: [string, string] = image
    ? [rollout.to, rollout.from]
    : [`release ${rollout.toRelease}`, `release ${rollout.fromRelease}`];
  return (
    <section className="card" aria-label="New against old">
      <div className="card-h">
        <h2>
          {names[0]} against {names[1]}
        </h2>
      </div>
      <div className="card-b judged">
        {judgements.length === 0 ? (
          <p className="note">
            Judged while a gateway soaks: only one with traffic can be. A figure that is worse than
            the old release's own brings every gateway back.
          </p>
        ) : (
          judgements.map((judgement, i) => (
            <Judged
              key={judgement.gateway}
              judgement={judgement}
              names={names}
              open={i === 0 || judgement.verdict === "fail"}
            />
          ))
        )}
      </div>
    </section>
  );
}

/** The one that is watched stands open; of those before it the sentence is enough. */
function Judged({
  judgement,
  names,
  open,
}: {
  judgement: Judgement;
  names: [string, string];
  open: boolean;
}) {
  const { tone, sentence } = judgementInWords(judgement);
  return (
    <details className="judged-gw" open={open}>
      <summary>
        <Callout tone={tone} icon={ICONS[tone]}>
          <p>
            {sentence} <span className="dim">Over {span(judgement.windowMs)}.</span>
          </p>
        </Callout>
      </summary>
      <ul>
        {judgement.checks.map((figure) => (
          <Figure key={figure.name} figure={figure} names={names} />
        ))}
      </ul>
    </details>
  );
}

const Figure = ({ figure, names }: { figure: JudgedFigure; names: [string, string] }) => (
  <li className="cmpc">
    <div className="row between">
      <span>{figureInWords(figure.name)}</span>
      <StatusText status={statusOfFigure(figure)} />
    </div>
    {hasFigures(figure) && (
      <div className="cmpv">
        <span>
          {names[0]} <b>{figureValue(figure.name, figure.now)}</b>
        </span>
        <span>
          {names[1]} <b>{figureValue(figure.name, figure.before)}</b>
        </span>
      </div>
    )}
    {figure.verdict !== "pass" && figure.detail && <p className="note">{figure.detail}</p>}
  </li>
);
