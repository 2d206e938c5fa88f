import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call, fillIn, open, reader, slot, url } from './club.mjs';
import { court, dateAt, setClock, sleep, slotsOf, venue, withMachine, wrongClock, zonesUnknown } from './stage.mjs';

for (const hours of [-72, -26, 26, 72]) {
  test(`a visitor whose clock is ${hours} h wrong sees the days from today on, and the right time`, async () => {
    await court('wrong-clock');
    const page = await reader();
    await wrongClock(page, hours);
    await open(page, 'wrong-clock');
    const [first] = await slotsOf('wrong-clock');
    await slot(page, first.start).waitFor();
    const dates = await page.getByTestId('slot').evaluateAll((slots) => slots.map((s) => s.dataset.date));
    assert.equal(dates.sort()[0], first.start.slice(0, 10));
    assert.equal(await page.locator('th.today').innerText().then((text) => Number(text.match(/\d+/)[0])), Number(dateAt().slice(8)));
    const shown = await page.getByTestId('venue-time').innerText();
    const real = new Intl.DateTimeFormat('en-US', { timeZone: 'Europe/Berlin', hour: 'numeric' }).format(new Date());
    assert.equal(shown.match(/(\d+):\d+.(AM|PM)/).slice(1).join(' '), real, shown);
    assert.deepEqual(page.faults, []);
  });
}

for (const [who, zones, own] of [
  ['does not know the venue’s zone', ['Europe/Berlin'], undefined],
  ['names Etc/Unknown as its own', ['Etc/Unknown'], 'Etc/Unknown'],
  ['knows no zone at all', ['Europe/Berlin', 'Etc/Unknown'], 'Etc/Unknown'],
]) {
  test(`a browser that ${who} shows venues, times, and the confirmed booking`, async () => {
    await court('odd-zone');
    const page = await reader();
    await zonesUnknown(page, zones, own);
    await page.goto(url);
    const { venues } = await call('GET', '/v1/venues');
    await page.getByTestId('venue-card').nth(venues.length - 1).waitFor();

    await open(page, 'odd-zone');
    const free = (await slotsOf('odd-zone')).find((s) => s.status === 'available' && s.start.includes('T14:00'));
    assert.match(await slot(page, free.start).getAttribute('aria-label'), /2:00.PM/);
    await slot(page, free.start).click();
    await page.getByTestId('hold-countdown').waitFor();
    await fillIn(page);
    await page.getByTestId('confirm-button').click();
    await page.getByTestId('confirmation-code').waitFor();
    assert.match(await page.locator('main').innerText(), /2:00.PM/);
    assert.equal(await page.getByTestId('customer-email').innerText(), 'ada@example.com'); // To be checked.
    assert.deepEqual(page.faults, []);
  });
}

const addDays = (date, days) => new Date(Date.parse(`${date}T12:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

/** The next last Sunday of October. */
function nextFold() {
  for (const year of [new Date().getUTCFullYear(), new Date().getUTCFullYear() + 1]) {
    const sunday = [31, 30, 29, 28, 27, 26, 25].map((d) => `${year}-10-${d}`).find((d) => new Date(`${d}T12:00Z`).getUTCDay() === 0);
    if (sunday > dateAt('Europe/Berlin', 2)) return sunday;
  }
}

test('the night when the clocks go back says which of its hours is meant, in the row, the slot and the list', async () => {
  const night = nextFold();
  const twice = [`${night}T02:00:00+02:00`, `${night}T02:00:00+01:00`];
  await venue('fold', {
    resources: [{ id: 'court', name: 'Court' }],
    services: [{ id: 'hour', name: 'One hour', horizon_days: 400, requires: [{ resource: 'court' }] }],
  });
  const page = await reader();
  await page.goto(`${url}/fold?date=${addDays(night, -1)}`);
  const labels = [];
  for (const start of twice) labels.push(await slot(page, start).getAttribute('aria-label'));
  assert.match(labels[0], /2:00.AM \(GMT\+2\)/);
  assert.match(labels[1], /2:00.AM \(GMT\+1\)/);
  for (const [i, start] of twice.entries()) {
    const row = await page.locator('tr', { has: slot(page, start) }).innerText();
    assert.match(row, i === 0 ? /GMT\+2/ : /GMT\+1/);
  }
  assert.match(await page.getByTestId('zone').innerText(), /GMT\+2.*from.*31.*GMT\+1/);
  await page.getByTestId('view-list').click();
  const list = await page.getByTestId('list-view').innerText();
  assert.match(list, /1:00.AM \(GMT\+2\) – 2:00.AM \(GMT\+2\)|1:00.AM – 2:00.AM \(GMT\+2\)/);
  assert.match(list, /2:00.AM \(GMT\+2\) – 2:00.AM \(GMT\+1\)/);
  assert.match(list, /11:00.PM – \w+, .*12:00.AM/, 'an end on another date says its date');
  assert.deepEqual(page.faults, []);
});

/** What the page says about the time: its clock, the days of its week, and which of them is today. */
const timesShown = async (page) => ({
  clock: await page.getByTestId('venue-time').innerText(),
  first: await page.getByTestId('slot').first().getAttribute('data-date'),
  today: await page.locator('th.today').innerText().then((text) => Number(text.match(/\d+/)[0])),
});
const minutes = ({ clock }) => { const [, hour, minute] = clock.match(/(\d+):(\d+)/); return Number(hour) % 12 * 60 + Number(minute); };

/** Waits until the page has asked the server for its time, which it does by itself. */
const timeAsked = (page) => page.waitForResponse((response) => response.url().endsWith('/healthz'));

for (const hours of [-72, -0.35, 0.35, 28.8]) {
  test(`a clock that is set by ${hours} h while the page is open changes nothing, and the server is asked`, async () => {
    await court('clock-set');
    const page = await reader();
    await withMachine(page);
    await open(page, 'clock-set');
    const before = await timesShown(page);
    const asked = timeAsked(page);
    await setClock(page, hours);
    await asked;
    const after = await timesShown(page);
    assert.ok((minutes(after) - minutes(before) + 720) % 720 <= 1, `${before.clock} became ${after.clock}`);
    assert.deepEqual([after.first, after.today], [before.first, before.today]);
    await page.getByTestId('next-week').click();
    await page.waitForFunction((date) => (document.querySelector('[data-testid=slot]')?.dataset.date ?? '') > date, before.first);
    await page.getByTestId('previous-week').click();
    await page.locator(`[data-testid=slot][data-date="${before.first}"]`).first().waitFor();
    await page.locator('[data-testid=live-state][data-state=live]').waitFor();
    assert.deepEqual(page.faults, []);
  });

  test(`a clock that is set by ${hours} h during a hold neither ends it nor makes it longer`, async () => {
    await court('clock-hold');
    const page = await reader();
    await withMachine(page);
    await open(page, 'clock-hold');
    await slot(page, (await slotsOf('clock-hold')).find((s) => s.start.includes('T14:00') && s.status === 'available').start).click();
    await page.getByTestId('hold-countdown').waitFor();
    const asked = timeAsked(page);
    await setClock(page, hours);
    await asked;
    await page.getByTestId('hold-countdown').filter({ hasText: /^9:[0-5]\d$/ }).waitFor();
    await fillIn(page);
    await page.getByTestId('confirm-button').click();
    await page.getByTestId('confirmation-code').waitFor();
    assert.deepEqual(page.faults, []);
  });
}

test('after a sleep in which the timer stood still, the time is right again by the server’s word', async () => {
  await court('slept');
  const page = await reader();
  await withMachine(page);
  await open(page, 'slept');
  const before = await timesShown(page);
  await sleep(page, 5);
  await page.waitForFunction((text) => document.querySelector('[data-testid=venue-time]').innerText !== text, before.clock); // Wrong at first,
  await page.waitForFunction((text) => document.querySelector('[data-testid=venue-time]').innerText.slice(0, 6) === text.slice(0, 6), before.clock);
  await page.locator('[data-testid=live-state][data-state=live]').waitFor();
  assert.deepEqual(page.faults, []);
});

test('after a sleep without the server, the page does not say that it is live, and calls nothing over', async () => {
  await court('slept-off');
  const page = await reader();
  await withMachine(page);
  await open(page, 'slept-off');
  await slot(page, (await slotsOf('slept-off')).find((s) => s.start.includes('T14:00')).start).click();
  await page.getByTestId('hold-countdown').waitFor();
  await page.route(/\/(v1\/|healthz)/, (route) => route.abort());
  await setClock(page, 0.35); // Nobody can tell this from a sleep: the clock went on, and the timer did not.
  await page.locator('[data-testid=live-state][data-state=delayed]').waitFor();
  assert.match(await page.getByTestId('delay-banner').innerText(), /21 minutes ago/);
  assert.equal(await page.locator('[data-testid=hold-panel]').getAttribute('data-phase'), 'held');
  await page.unroute(/\/(v1\/|healthz)/);
  await page.locator('[data-testid=live-state][data-state=live]').waitFor();
  await page.getByTestId('hold-countdown').filter({ hasText: /^9:/ }).waitFor();
  assert.deepEqual(page.faults, []);
});

test('a hold that is over by the page’s clock is over when the server says so, and not before', async () => {
  await court('over-by-clock');
  const page = await reader();
  const near = new Date(Date.now() + 3_000).toISOString();
  await page.route(/\/bookings$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace(/"expires_at":"[^"]+"/, `"expires_at":"${near}"`) });
  });
  await page.routeWebSocket(/\/v1\/live/, (socket) => { // The live connection does not know better.
    const server = socket.connectToServer();
    server.onMessage((message) => { if (!String(message).includes('"type":"booking"')) socket.send(message); });
  });
  await open(page, 'over-by-clock');
  await slot(page, (await slotsOf('over-by-clock')).find((s) => s.start.includes('T14:00')).start).click();
  await page.getByTestId('hold-countdown').filter({ hasText: /^0:0/ }).waitFor();
  await page.getByTestId('hold-countdown').filter({ hasText: /^9:/ }).waitFor(); // Asked, and it is still held.
  assert.deepEqual(page.faults, []);
});
