// Takes the pictures of README.md from a demo server: `make pictures`.
import { createRequire } from 'node:module';
import { mkdir } from 'node:fs/promises';

const require = createRequire(new URL('../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const [url, folder] = process.argv.slice(2);
const quiet = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

await mkdir(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: quiet });

/** A reader at the tennis club's hard courts, looking at one court. */
async function reader(width, height) {
  const page = await (await browser.newContext({ reducedMotion: 'reduce', viewport: { width, height } })).newPage();
  await page.goto(`${url}/tennis`);
  await page.getByTestId('live-state').filter({ hasText: /^\s*Live\s*$/ }).waitFor();
  await page.getByTestId('service-option').filter({ hasText: 'Hard' }).click();
  await page.getByTestId('slot').first().waitFor();
  return page;
}

const shoot = (page, name) => page.screenshot({ path: `${folder}/${name}.png` });
const slot = (page, start) => page.locator(`[data-testid=slot][data-start="${start}"]`);

const calendar = await reader(1280, 900);
await shoot(calendar, 'calendar');

const [ada, bob] = await Promise.all([reader(900, 760), reader(900, 760)]);
for (const page of [ada, bob]) await page.getByTestId('resource-option').filter({ hasText: 'Court 2' }).click();
await ada.waitForTimeout(1000); // the other court's slots have been drawn
const free = ada.locator('[data-testid=slot][data-status=available]');
const start = await free.nth(Math.min(9, (await free.count()) - 1)).getAttribute('data-start');
await slot(bob, start).scrollIntoViewIfNeeded();
await slot(ada, start).click();
await ada.getByTestId('hold-countdown').waitFor();
await slot(bob, start).getByTestId('updated').waitFor();
const [left, right] = await Promise.all([ada.screenshot(), bob.screenshot()]);

const both = await (await browser.newContext({ reducedMotion: 'reduce', viewport: { width: 1860, height: 800 } })).newPage();
await both.setContent(`<body style="margin:0;padding:20px;display:flex;gap:20px;background:#dfe5e1">
  ${[left, right].map((png) => `<img style="width:900px;border-radius:10px;box-shadow:0 6px 24px #0004"
    src="data:image/png;base64,${png.toString('base64')}">`).join('')}</body>`);
await both.waitForTimeout(500);
await shoot(both, 'two-browsers');

await shoot(ada, 'hold');
await ada.getByTestId('field-name').fill('Ada Lovelace');
await ada.getByTestId('field-email').fill('ada@example.com');
await ada.getByTestId('confirm-button').click();
await ada.getByTestId('confirmation-code').waitFor();
await ada.waitForTimeout(500);
await shoot(ada, 'confirmation');
await browser.close();
