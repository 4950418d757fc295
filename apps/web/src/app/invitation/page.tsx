import type { Metadata } from "next";
import { InvitationForm } from "../../features/user/invitation-form.tsx";
import { Door } from "../login/door.tsx";

export const metadata: Metadata = { title: "Invitation" };

export default function InvitationRoute() {
  return (
    <Door>
      <InvitationForm />
    </Door>
  );
}
