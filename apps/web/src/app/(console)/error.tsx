"use client";

import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/feedback.tsx";

export default function PageError({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return (
    <div className="card">
      <Empty
        icon="st-fail"
        bad
        title="This page failed"
        actions={
          <Button variant="primary" onClick={reset}>
            Show it again
          </Button>
        }
      >
        Only the page did: gateways and running operations go on.{" "}
        {error.digest ? `Reference ${error.digest}.` : ""}
      </Empty>
    </div>
  );
}
