// What the scenarios share: the browser, the server's API, and the words for what is on a page.
import { createRequire } from 'node:module';
import { after, afterEach, before } from 'node:test';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');

export const url = process.env.VACANCY_URL;
// The last list of features wins, so this is Playwright's own as far as it matters here, and the popups of the address bar, which nobody
// sees: two more renderers for each window, and a quarter of the browser's time.
const unused = '--disable-features=HttpsUpgrades,MediaRouter,OptimizationHints,PaintHolding,Translate,WebUIOmniboxPopup,WebUIOmniboxAimPopup';
const quiet = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', unused];

let browser;
before(async () => { browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: quiet }); });
after(async () => { await browser?.close(); });
// A page that is left open goes on: it redraws with every change that a later test makes, and takes the machine's time from it.
afterEach(async () => { await Promise.all(browser.contexts().map((context) => context.close())); });

/** A reader of their own: nothing is shared with another but the server. */
export async function reader(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(error.message));
  return page;
}

/** Opens a venue's calendar and waits until it is live. */
export async function open(page, venue) {
  await page.goto(`${url}/${venue}`);
  await page.getByTestId('live-state').filter({ hasText: /^\s*Live\s*$/ }).waitFor();
}

/** Noon of the day after tomorrow, as the API writes starts: the days between are the browser's and the venue's midnight. */
export function noon(days = 2) {
  const day = new Date(Date.now() + days * 86_400_000);
  const date = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin' }).format(day);
  return starts.find((start) => start.startsWith(`${date}T12:00`));
}

let starts = [];
export async function learnStarts(venue) {
  const from = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin' }).format(new Date());
  const to = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin' }).format(new Date(Date.now() + 13 * 86_400_000));
  const answer = await call('GET', `/v1/venues/${venue}/services/hour/availability?from=${from}&to=${to}`);
  starts = answer.days.flatMap((d) => d.slots.map((s) => s.start));
}

/** The button of a slot in the calendar. */
export const slot = (page, start) => page.locator(`[data-testid=slot][data-start="${start}"]`);

/** Waits until the slot shows a status. */
export const shows = (page, start, status) =>
  page.locator(`[data-testid=slot][data-start="${start}"][data-status=${status}]`).waitFor();

/** Calls the API as staff. */
export async function call(method, path, body) {
  const response = await fetch(url + path, {
    method,
    headers: { Authorization: `Bearer ${process.env.VACANCY_KEY}`, 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

/** Books a court as another customer. */
export const book = (venue, start) =>
  call('POST', `/v1/venues/${venue}/bookings`, { service: 'hour', start, customer: { name: 'Another', email: 'another@example.com' } });

export async function fillIn(page, name = 'Ada Lovelace') {
  await page.getByTestId('field-name').fill(name);
  await page.getByTestId('field-email').fill('ada@example.com');
}
