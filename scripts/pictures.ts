/**
 * Takes the README's pictures from a running fleet: `node scripts/pictures.ts [state directory] [folder]`.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const [state = ".chela", folder = "docs/pictures"] = process.argv.slice(2);
const access = JSON.parse(readFileSync(`${state}/access.json`, "utf8")) as {
  consoleUrl: string;
  adminEmail: string;
  adminPassword: string;
};

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"],
});
for (const theme of ["dark", "light"] as const) {
  for (const [width, suffix] of [
    [1440, ""],
    [390, "-mobile"],
  ] as const) {
    const page = await browser.newPage({
      viewport: { width, height: width === 390 ? 844 : 1000 },
      colorScheme: theme,
    });
    await page.goto(`${access.consoleUrl}/login`);
    await page.screenshot({ path: `${folder}/login-${theme}${suffix}.png` });
    await page.getByLabel("Email").fill(access.adminEmail);
    await page.getByLabel("Password").fill(access.adminPassword);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("article", { name: "gw-1" }).waitFor();
    for (const [path, name] of [
      ["/", "overview"],
      ["/?promote=gw-2", "promote"],
      ["/rollouts", "rollouts"],
      ["/rollouts/new", "new-rollout"],
      ["/hosts", "hosts"],
      ["/sessions", "sessions"],
      ["/activity", "activity"],
    ] as const) {
      await page.goto(`${access.consoleUrl}${path}`);
      await page.getByRole("heading").first().waitFor();
      await page.waitForTimeout(1_500); // live figures need a moment to arrive
      await page.screenshot({
        path: `${folder}/${name}-${theme}${suffix}.png`,
        fullPage: name !== "promote",
      });
    }
    await page.close();
  }
}
await browser.close();
