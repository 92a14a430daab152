/** How a page looks: on a phone and a desktop, light and dark, to people who see it and to those who hear it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const phone = { width: 390, height: 844 };
const desktop = { width: 1440, height: 900 };
const looks = [phone, desktop].flatMap((viewport) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ viewport, colorScheme })),
);

/** Roles that a person acts on; each must have a name that a screen reader can say. */
const acted = new Set(['button', 'link', 'textbox', 'slider', 'switch', 'checkbox', 'combobox', 'spinbutton', 'Date']);

async function findNameless(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  await session.detach();
  return nodes
    .filter(({ ignored, role, name }) => !ignored && acted.has(String(role?.value)) && !name?.value)
    .map(({ role, nodeId }) => `${String(role?.value)} ${nodeId}`);
}

/** Every look at the page: nothing nameless, nothing wider than the screen. With `PORCHLIGHT_SHOTS=FOLDER` pictures are kept. */
export async function lookAt(page: Page, name: string): Promise<void> {
  for (const { viewport, colorScheme } of looks) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    const look = `${name} at ${viewport.width} px, ${colorScheme}`;
    assert.ok(wide <= 0, `${look} is ${wide} px too wide`);
    assert.deepEqual(await findNameless(page), [], look);
    const folder = process.env['PORCHLIGHT_SHOTS'];
    if (folder) await page.screenshot({ path: join(folder, `${name}-${viewport.width}-${colorScheme}.png`) });
  }
  await page.setViewportSize(desktop);
}
