"use client";

import type { ViewerRole } from "@chela/shared/access/roles";
import { LogOut } from "lucide-react";
import { useRouter } from "next/navigation";
import { DropdownMenu } from "radix-ui";
import { initials } from "../../../features/audit/entries.ts";
import { useViewer } from "../../../features/viewer/viewer.ts";
import { Icon } from "../../../ui/icon.tsx";
import { showToast } from "../../../ui/toasts.tsx";

const SIGN_OUT = "/api/auth/sign-out";

/** Who is signed in, and the way out. */
export function UserMenu({ compact = false }: { compact?: boolean }) {
  const viewer = useViewer();
  const router = useRouter();
  const name = viewer?.email ?? viewer?.name ?? "";
  const role = viewer ? roleInWords(viewer.role) : "";
  return (
    <DropdownMenu.Root>
      {compact ? (
        <DropdownMenu.Trigger className="btn ghost icon me-compact" aria-label="Account">
          <span className="ava sm" aria-hidden="true">
            {initials(name)}
          </span>
        </DropdownMenu.Trigger>
      ) : (
        <div className="me">
          <span className="ava" aria-hidden="true">
            {initials(name)}
          </span>
          <span className="me-t">
            <b className="trunc" title={name}>
              {name}
            </b>
            <small>{role}</small>
          </span>
          <DropdownMenu.Trigger className="btn ghost icon sm" aria-label="Account">
            <Icon name="dots" />
          </DropdownMenu.Trigger>
        </div>
      )}
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className="menu"
          align="end"
          side={compact ? "bottom" : "top"}
          sideOffset={6}
        >
          <DropdownMenu.Label className="menu-l">
            {name}
            <small>{role}</small>
          </DropdownMenu.Label>
          <DropdownMenu.Item className="menu-i" onSelect={() => router.push("/settings/account")}>
            <Icon name="user" />
            <span>My account</span>
          </DropdownMenu.Item>
          <DropdownMenu.Item className="menu-i" onSelect={() => void signOut()}>
            <LogOut className="i" aria-hidden="true" />
            <span>Sign out</span>
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

const roleInWords = (role: ViewerRole | null) =>
  role === null ? "No role yet" : role.charAt(0).toUpperCase() + role.slice(1);

async function signOut(): Promise<void> {
  try {
    const response = await fetch(SIGN_OUT, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    if (!response.ok) throw new Error(String(response.status));
    // A full load: nothing of this session stays in memory.
    window.location.assign("/login");
  } catch {
    showToast("fail", "Not signed out", "The console does not answer. Try again when it is live.");
  }
}
