import type { Metadata } from "next";
import { ApiDocs } from "../../../features/api/api-docs.tsx";

export const metadata: Metadata = { title: "API" };

export default function ApiDocsRoute() {
  return <ApiDocs />;
}
