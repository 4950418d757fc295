"use client";

import { Dialog } from "radix-ui";
import type { ReactNode, RefObject } from "react";
import { Icon } from "./icon.tsx";

/** A panel from the right: for an action or for reading. Traps the focus while open and gives it back afterwards. */
export function Sheet({
  name,
  title,
  lead,
  open,
  onClose,
  first,
  footer,
  children,
}: {
  /** Its name for assistive technology; stays the same while the title tells how far it is. */
  name: string;
  title: ReactNode;
  lead: ReactNode;
  open: boolean;
  onClose: () => void;
  /** Gets the focus on opening. */
  first?: RefObject<HTMLElement | null> | undefined;
  footer: ReactNode;
  children: ReactNode;
}) {
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim" />
        <Dialog.Content
          className="sheet"
          aria-describedby={undefined}
          onCloseAutoFocus={focusSomewhere}
          onOpenAutoFocus={(event) => {
            if (first?.current) {
              event.preventDefault();
              first.current.focus();
            }
          }}
        >
          <Dialog.Title className="sr">{name}</Dialog.Title>
          <header className="sheet-h">
            <div>
              <h2>{title}</h2>
              <p>{lead}</p>
            </div>
            <Dialog.Close className="btn ghost icon" aria-label="Close">
              <Icon name="x" />
            </Dialog.Close>
          </header>
          <div className="sheet-b">{children}</div>
          <footer className="sheet-f">{footer}</footer>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** What opened it may be gone, as the button of a gateway that was just promoted: then the page itself has the focus. */
function focusSomewhere(): void {
  requestAnimationFrame(() => {
    if (document.activeElement === document.body) document.getElementById("main")?.focus();
  });
}
