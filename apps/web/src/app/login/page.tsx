import type { Metadata } from "next";
import { Door } from "./door.tsx";
import { LoginForm } from "./login-form.tsx";

export const metadata: Metadata = { title: "Sign in" };

export default async function LoginRoute({
  searchParams,
}: {
  searchParams: Promise<{ next?: string | string[] }>;
}) {
  const { next } = await searchParams;
  return (
    <Door>
      <LoginForm next={typeof next === "string" ? next : "/"} />
    </Door>
  );
}
