import type { Metadata } from "next";
import { SessionsPage } from "../../../features/session/sessions-page.tsx";

export const metadata: Metadata = { title: "Sessions" };

export default function SessionsRoute() {
  return <SessionsPage />;
}
