"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";

const PARTS = [
  ["/settings/account", "My account"],
  ["/settings/spec", "Fleet spec"],
  ["/settings/users", "Users"],
  ["/settings/tokens", "API tokens"],
] as const;

export default function SettingsLayout({ children }: { children: ReactNode }) {
  const path = usePathname();
  return (
    <>
      <nav className="settings-tabs" aria-label="Settings">
        {PARTS.map(([href, word]) => (
          <Link key={href} href={href} aria-current={path === href ? "page" : undefined}>
            {word}
          </Link>
        ))}
      </nav>
      {children}
    </>
  );
}
