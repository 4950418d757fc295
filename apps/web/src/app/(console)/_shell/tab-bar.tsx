"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { Icon } from "../../../ui/icon.tsx";
import { isCurrent, PAGES } from "./pages.ts";

/** Navigation on a narrow screen; the console's own pages are reached from the user menu there. */
export function TabBar() {
  const path = usePathname();
  return (
    <nav className="tabbar" aria-label="Pages">
      {PAGES.filter(({ group }) => group !== "Console").map((page) => (
        <Link
          key={page.href}
          href={page.href}
          aria-current={isCurrent(page, path) ? "page" : undefined}
        >
          <Icon name={page.icon} />
          <span>{page.word}</span>
        </Link>
      ))}
    </nav>
  );
}
