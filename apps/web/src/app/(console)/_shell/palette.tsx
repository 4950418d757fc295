"use client";

import { Command } from "cmdk";
import { useRouter } from "next/navigation";
import { Dialog } from "radix-ui";
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
} from "react";
import { PAUSE_HREF, promoteHref } from "../../../features/failover/href.ts";
import { useLive } from "../../../features/fleet/live/live.tsx";
import { Keys } from "../../../ui/button.tsx";
import { Icon, type IconName } from "../../../ui/icon.tsx";
import { PAGES } from "./pages.ts";
import { useGoKeys } from "./use-go-keys.ts";

const PaletteContext = createContext<{
  shown: boolean;
  open: () => void;
  close: () => void;
} | null>(null);

export function usePalette() {
  const palette = useContext(PaletteContext);
  if (palette === null) throw new Error("usePalette needs PaletteProvider above it");
  return palette;
}

/** ⌘K opens it anywhere. */
export function PaletteProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState(false);
  const open = useCallback(() => setShown(true), []);
  const close = useCallback(() => setShown(false), []);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      setShown((before) => !before);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  const value = useMemo(() => ({ shown, open, close }), [shown, open, close]);
  return <PaletteContext value={value}>{children}</PaletteContext>;
}

/** Opens pages and sheets; never acts by itself. */
export function Palette() {
  const { shown, close } = usePalette();
  const router = useRouter();
  const fleet = useLive((state) => state.fleet);
  useGoKeys();
  const standbys = fleet?.gateways.filter((gateway) => gateway.role !== "active") ?? [];
  const go = (href: string) => {
    close();
    router.push(href);
  };
  return (
    <Dialog.Root open={shown} onOpenChange={(next) => !next && close()}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim" />
        <Dialog.Content className="palette-at" aria-describedby={undefined}>
          <Dialog.Title className="sr">Command palette</Dialog.Title>
          <Command className="palette" loop>
            <div className="q">
              <Icon name="search" />
              <Command.Input placeholder="Search or open" />
            </div>
            <Command.List className="palette-list">
              <Command.Empty className="palette-none">Nothing of that name.</Command.Empty>
              <Command.Group heading="Actions">
                {standbys.map((gateway) => (
                  <Item
                    key={gateway.name}
                    icon="promote"
                    word={`Promote ${gateway.name}`}
                    note={`${gateway.role} on ${gateway.host}`}
                    onSelect={() => go(promoteHref(gateway.name))}
                  />
                ))}
                <Item
                  icon="rollouts"
                  word="New rollout"
                  note="opens the plan"
                  onSelect={() => go("/rollouts/new")}
                />
                {fleet && !fleet.failoverPaused && (
                  <Item
                    icon="pause"
                    word="Pause automatic failover"
                    note="opens the sheet"
                    onSelect={() => go(PAUSE_HREF)}
                  />
                )}
              </Command.Group>
              <Command.Group heading="Go to">
                {PAGES.map((page) => (
                  <Item
                    key={page.href}
                    icon={page.icon}
                    word={page.word}
                    note={<Keys of={["G", page.key]} />}
                    onSelect={() => go(page.href)}
                  />
                ))}
                <Item
                  icon="st-pass"
                  word="Dedupe"
                  note="by channel"
                  onSelect={() => go("/sessions?tab=dedupe")}
                />
              </Command.Group>
            </Command.List>
            <div className="ft">
              <span>
                <Keys of={["↑", "↓"]} /> move
              </span>
              <span>
                <Keys of={["↵"]} /> open
              </span>
              <span className="ft-end">
                <Keys of={["Esc"]} /> close
              </span>
            </div>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

const Item = ({
  icon,
  word,
  note,
  onSelect,
}: {
  icon: IconName;
  word: string;
  note: ReactNode;
  onSelect: () => void;
}) => (
  <Command.Item className="palette-i" value={word} onSelect={onSelect}>
    <Icon name={icon} />
    <span>{word}</span>
    <span className="r">{note}</span>
  </Command.Item>
);
