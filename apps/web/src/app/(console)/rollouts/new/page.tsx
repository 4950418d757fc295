import type { Metadata } from "next";
import { NewRollout } from "../../../../features/rollout/new-rollout.tsx";

export const metadata: Metadata = { title: "New rollout" };

export default function NewRolloutRoute() {
  return <NewRollout />;
}
