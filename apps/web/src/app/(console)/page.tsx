import type { Metadata } from "next";
import { Overview } from "../../features/fleet/overview.tsx";

export const metadata: Metadata = { title: "Overview" };

export default function OverviewRoute() {
  return <Overview />;
}
