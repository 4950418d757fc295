import type { FleetDifference } from "@chela/shared/fleet/view";
import { Empty } from "../../../ui/feedback.tsx";
import { StatusText } from "../../../ui/status.tsx";
import { statusOfConsequence, worstFirst } from "./consequence.ts";

/** What a document would change, what costs most first. */
export function DifferenceList({ differences }: { differences: readonly FleetDifference[] }) {
  if (differences.length === 0) {
    return (
      <Empty icon="st-pass" title="Nothing would change">
        The fleet is what the document says.
      </Empty>
    );
  }
  return (
    <ul className="differences">
      {worstFirst(differences).map((each) => (
        <li key={each.path}>
          <div className="row between">
            <code className="mono">{each.path}</code>
            <StatusText status={statusOfConsequence(each.consequence)} />
          </div>
          <p>{each.sentence}</p>
          {each.kind === "change" && (
            <p className="mono vals">
              <del>{each.before ?? "–"}</del> <ins>{each.after ?? "–"}</ins>
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}
