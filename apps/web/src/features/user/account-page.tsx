"use client";

import { LoginsCard } from "./logins-card.tsx";
import { PasswordCard } from "./password-card.tsx";
import { ProfileCard } from "./profile-card.tsx";
import { TwoFactorCard } from "./two-factor-card.tsx";

/** Who am I here, and how is my way in guarded? */
export const AccountPage = () => (
  <>
    <div className="head">
      <div>
        <h1>My account</h1>
        <p className="sub">Your roles, and how your way in is guarded.</p>
      </div>
    </div>
    <div className="account">
      <div className="stack">
        <ProfileCard />
        <PasswordCard />
      </div>
      <div className="stack">
        <TwoFactorCard />
        <LoginsCard />
      </div>
    </div>
  </>
);
