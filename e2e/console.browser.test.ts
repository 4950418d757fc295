import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fleet } from "./harness/fleet.ts";

const CHROMIUM = {
  executablePath: "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

describe("the console in a browser", () => {
  let fleet: Fleet;
  let browser: Browser;
  let page: Page;
  const faults: string[] = [];
  beforeAll(async () => {
    fleet = await Fleet.up();
    browser = await chromium.launch(CHROMIUM);
    page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
    page.on("pageerror", (error) => faults.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") faults.push(message.text());
    });
  });
  afterAll(async () => {
    await browser?.close();
    await fleet?.down();
  });

  it("lets nobody in without the password", async () => {
    await page.goto(fleet.access.consoleUrl);
    await page.getByLabel("Email").fill(fleet.access.adminEmail);
    await page.getByLabel("Password").fill("not the password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").first().waitFor();
    expect(new URL(page.url()).pathname).toBe("/login");
    faults.length = 0; // the browser itself reports the 401 it was right to get
  });

  it("logs in with the printed password and shows who is active", async () => {
    await page.getByLabel("Email").fill(fleet.access.adminEmail);
    await page.getByLabel("Password").fill(fleet.access.adminPassword);
    await page.getByRole("button", { name: "Sign in" }).click();
    const active = await fleet.active();
    await page
      .getByRole("article", { name: active })
      .getByText("Active", { exact: true })
      .waitFor();
    await page
      .getByRole("article", { name: await fleet.standby() })
      .getByText("Standby", { exact: true })
      .waitFor();
  });

  it("promotes the standby by click and shows the role change and the outcome", async () => {
    const standby = await fleet.standby();
    const card = page.getByRole("article", { name: standby });
    await card.getByRole("button", { name: `Promote ${standby}` }).click();
    const sheet = page.getByRole("dialog", { name: `Promote ${standby}` });
    await sheet.getByRole("button", { name: `Switch over to ${standby}` }).click();
    await sheet.getByRole("status").getByText(`${standby} is active`).waitFor({ timeout: 20_000 });
    expect((await fleet.roles())[standby]).toBe("active");
    await page.keyboard.press("Escape");
    await card.getByText("Active", { exact: true }).waitFor();
  });

  it("starts a rollout and shows it to its end", async () => {
    await fleet.settled();
    const image = await fleet.newImage("b");
    await page.goto(`${fleet.access.consoleUrl}/rollouts/new`);
    await page.getByLabel("Image").fill(image);
    await page.getByRole("button", { name: "Start rollout" }).click();
    await page.waitForURL(/\/rollouts\/[^/]+$/);
    for (const gateway of ["gw-1", "gw-2"]) {
      await page.getByRole("region", { name: gateway }).waitFor();
    }
    await page.getByRole("status").getByText("Succeeded").waitFor({ timeout: 150_000 });
    expect((await fleet.view()).gateways.map((g) => g.image)).toEqual([image, image]);
  });

  it("reconnects by itself after the console was restarted", async () => {
    await page.goto(fleet.access.consoleUrl);
    await page.getByRole("article", { name: "gw-1" }).waitFor();
    faults.length = 0;
    await fleet.docker("restart", "-t", "1", fleet.container("console"));
    await page
      .getByText(/Reconnecting|Stale/)
      .first()
      .waitFor({ timeout: 30_000 });
    await page.getByText("Live", { exact: true }).first().waitFor({ timeout: 60_000 });
    faults.length = 0; // refused connections while it was away are the point of this test
  });

  it("reported no error of its own", () => {
    expect(faults).toEqual([]);
  });
});
