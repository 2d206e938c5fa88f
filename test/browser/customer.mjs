// How a customer with a keyboard finds a way: what has the focus, and whether it can be seen.
import assert from 'node:assert/strict';
import { call, slot } from './club.mjs';

/** Where the keyboard's focus is: what it is, and how much of it is covered or out of sight. */
export const focus = (page) => page.evaluate(() => {
  const element = document.activeElement;
  const box = element.getBoundingClientRect();
  const inset = (low, high, at) => Math.min(Math.max(low + (high - low) * at, low + 1), high - 1);
  const points = [[0.5, 0.5], [0.1, 0.2], [0.9, 0.2], [0.1, 0.8], [0.9, 0.8]];
  const seen = points.filter(([x, y]) => {
    const top = document.elementFromPoint(inset(box.left, box.right, x), inset(box.top, box.bottom, y));
    return top !== null && (element.contains(top) || top.contains(element) && top !== document.body && top !== document.documentElement);
  }).length;
  return {
    tag: element.tagName.toLowerCase(),
    testid: element.getAttribute('data-testid') ?? '',
    id: element.id,
    start: element.getAttribute('data-start') ?? '',
    text: (element.innerText ?? '').trim().slice(0, 80),
    visible: box.width > 0 && box.height > 0 && seen >= 4,
  };
});

/** Waits until the focus is on what is named (a test id, an id or a tag), and fails if it is lost or cannot be seen there. */
export async function focusIsOn(page, name, text = /(?:)/) {
  let now;
  for (const end = Date.now() + 10_000; Date.now() < end;) {
    now = await focus(page);
    if ([now.testid, now.id, now.tag].includes(name) && text.test(now.text) && now.visible) return now;
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => done())));
  }
  assert.fail(`the focus should be visible on ${name} ${text}, but: ${JSON.stringify(now)}`);
}

/** Tabs until the focus is on what is named. What is passed on the way must be visible too. */
export async function tabTo(page, name, { key = 'Tab', text = /(?:)/, most = 60 } = {}) {
  for (let i = 0; i < most; i++) {
    await page.keyboard.press(key);
    const now = await focus(page);
    if ([now.testid, now.id, now.tag].includes(name) && text.test(now.text)) return focusIsOn(page, name, text);
  }
  return assert.fail(`${most} times ${key} did not lead to ${name}`);
}

/** Goes to a slot with the keyboard: to the grid's tab stop, and from there with the arrows. */
export async function keyboardTo(page, start) {
  const now = await tabTo(page, 'slot');
  const [from, to] = [now.start, start].map((s) => ({ day: Date.parse(s.slice(0, 10)) / 86_400_000, hour: Number(s.slice(11, 13)) }));
  for (let day = from.day; day < to.day; day++) await page.keyboard.press('ArrowRight');
  for (let i = 0; i < 24 && (await focus(page)).start.slice(11, 13) !== start.slice(11, 13); i++) {
    const { start: at } = await focus(page);
    await page.keyboard.press(Number(at.slice(11, 13)) < to.hour ? 'ArrowDown' : 'ArrowUp');
  }
  const there = await focusIsOn(page, 'slot');
  assert.equal(there.start, start);
}

/** Types the details into the form that has the focus on its first field. */
export async function typeDetails(page, name = 'Grace Hopper', email = 'grace@example.com') {
  await focusIsOn(page, 'field-name');
  await page.keyboard.type(name);
  await page.keyboard.press('Tab');
  await focusIsOn(page, 'field-email');
  await page.keyboard.type(email);
}

/** Waits until the dialog shows a phase of the booking. */
export const phase = (page, kind) => page.locator(`[data-testid=hold-panel][data-phase=${kind}]`).waitFor({ state: 'attached' });

/** Opens the dialog on a slot, by a click, until it is held. */
export async function hold(page, start) {
  await slot(page, start).click();
  await page.getByTestId('hold-countdown').waitFor();
}

/** The only booking of a venue in a status, as staff sees it. */
export async function only(venue, status) {
  const { bookings } = await call('GET', `/v1/venues/${venue}/bookings?status=${status}`);
  assert.equal(bookings.length, 1, `one booking is ${status}`);
  return bookings[0];
}

/** Cancels a booking as the venue. */
export const venueCancels = (venue, id) => call('POST', `/v1/venues/${venue}/bookings/${id}/cancel`, {});

/** What the dialog's live region says within the time. */
export const hears = (page, text) => page.getByTestId('dialog-announcer').filter({ hasText: text }).waitFor({ state: 'attached' });

/**
 * Lets the hold that the page gets next seem to end in so many seconds: in the answers, and in what the live connection says,
 * until the server has extended it. The page's clock stays right, so what is tested is what customers have.
 */
export async function holdEndsIn(page, seconds) {
  const faked = new Map();
  const over = (near) => Date.parse(near) < Date.now();
  const fake = (text) => [...faked].reduce((changed, [real, near]) => {
    if (changed.includes(real) && over(near)) changed = changed.replace('"status":"held"', '"status":"expired"');
    return changed.replaceAll(real, near);
  }, text);
  await page.route(/\/bookings$/, async (route) => {
    const response = await route.fetch();
    const text = await response.text();
    const real = text.match(/"expires_at":"([^"]+)"/)?.[1];
    if (real) faked.set(real, new Date(Date.now() + seconds * 1000).toISOString());
    await route.fulfill({ response, body: fake(text) });
  });
  await page.route(/\/bookings\/bk_[^/]+$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: fake(await response.text()) });
  });
  await page.routeWebSocket(/\/v1\/live/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => socket.send(fake(String(message))));
  });
}
