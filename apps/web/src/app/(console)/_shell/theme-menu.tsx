"use client";

import { Monitor } from "lucide-react";
import { useTheme } from "next-themes";
import { DropdownMenu } from "radix-ui";
import { Icon } from "../../../ui/icon.tsx";
import { useAlive } from "../../../ui/use-now.ts";

export function ThemeMenu() {
  const { theme, resolvedTheme, setTheme } = useTheme();
  // Known in the browser only; the server's markup shows the default.
  const light = useAlive() && resolvedTheme === "light";
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="btn ghost icon" aria-label="Theme">
        <Icon name={light ? "moon" : "sun"} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={6}>
          <DropdownMenu.RadioGroup value={theme ?? "system"} onValueChange={setTheme}>
            <Choice value="dark" word="Dark" icon={<Icon name="moon" />} />
            <Choice value="light" word="Light" icon={<Icon name="sun" />} />
            <Choice
              value="system"
              word="As the system"
              icon={<Monitor className="i" aria-hidden="true" />}
            />
          </DropdownMenu.RadioGroup>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

const Choice = ({ value, word, icon }: { value: string; word: string; icon: React.ReactNode }) => (
  <DropdownMenu.RadioItem className="menu-i" value={value}>
    {icon}
    <span>{word}</span>
    <DropdownMenu.ItemIndicator>
      <Icon name="check" size={14} />
    </DropdownMenu.ItemIndicator>
  </DropdownMenu.RadioItem>
);
