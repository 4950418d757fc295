import type { ReactNode } from "react";
import { Icon } from "../../ui/icon.tsx";
import { LoginArt } from "./art.tsx";

/** Around every way in: signing in, and the first time by invitation. */
export const Door = ({ children }: { children: ReactNode }) => (
  <div className="login">
    <aside className="login-l">
      <LoginArt />
      <div className="brand">
        <Icon name="chela" className="logo" />
        <span>Chela</span>
      </div>
      <p className="login-line">
        One holds.
        <br />
        One stands by.
      </p>
    </aside>
    <main className="login-r">{children}</main>
  </div>
);
