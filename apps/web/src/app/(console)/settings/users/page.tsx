import type { Metadata } from "next";
import { UsersPage } from "../../../../features/user/users-page.tsx";

export const metadata: Metadata = { title: "Users" };

export default function UsersRoute() {
  return <UsersPage />;
}
