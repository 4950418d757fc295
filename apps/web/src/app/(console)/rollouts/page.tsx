import type { Metadata } from "next";
import { RolloutsPage } from "../../../features/rollout/rollouts-page.tsx";

export const metadata: Metadata = { title: "Rollouts" };

export default function RolloutsRoute() {
  return <RolloutsPage />;
}
