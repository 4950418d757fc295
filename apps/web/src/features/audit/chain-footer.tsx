"use client";

import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { atSecond, count } from "../../ui/format.ts";
import { StatusText } from "../../ui/status.tsx";

const EVERY_MS = 60_000;

/** Is the record still what was written? The console's own answer, with its age. */
export function ChainFooter() {
  const api = useApi();
  const check = useQuery(api.audit.verify.queryOptions(undefined, { refetchInterval: EVERY_MS }));
  if (check.isError) {
    return (
      <div className="vt-f" role="status">
        <span>The chain could not be checked. {faultOf(check.error).sentence}</span>
        <StatusText status={{ tone: "warn", icon: "st-warn", word: "unknown" }} />
      </div>
    );
  }
  if (check.data === undefined) {
    return (
      <div className="vt-f">
        <span>Each entry carries the hash of the one before. Checking the chain …</span>
      </div>
    );
  }
  const { intact, records, checkedAt, broken } = check.data;
  return intact ? (
    <div className="vt-f" role="status">
      <span>
        Each entry carries the hash of the one before. Chain checked to {count(records)} at{" "}
        {atSecond(checkedAt)}.
      </span>
      <StatusText status={{ tone: "pass", icon: "st-pass", word: "unbroken" }} />
    </div>
  ) : (
    <div className="vt-f" role="alert">
      <span>
        {broken?.sentence} Checked at {atSecond(checkedAt)}: keep an export and compare it with an
        earlier one.
      </span>
      <StatusText status={{ tone: "fail", icon: "st-fail", word: "broken" }} />
    </div>
  );
}
