import type { Metadata } from "next";
import { Icon } from "../../ui/icon.tsx";
import { LoginArt } from "./art.tsx";
import { LoginForm } from "./login-form.tsx";

export const metadata: Metadata = { title: "Sign in" };

export default async function LoginRoute({
  searchParams,
}: {
  searchParams: Promise<{ next?: string | string[] }>;
}) {
  const { next } = await searchParams;
  return (
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
      <main className="login-r">
        <LoginForm next={typeof next === "string" ? next : "/"} />
      </main>
    </div>
  );
}
