import type { Metadata } from "next";
import { AccountPage } from "../../../../features/user/account-page.tsx";

export const metadata: Metadata = { title: "My account" };

export default function AccountRoute() {
  return <AccountPage />;
}
