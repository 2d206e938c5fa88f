import assert from 'node:assert/strict';
import { test } from 'node:test';
import { book, call, open, reader, shows, slot, url } from './club.mjs';
import { focusIsOn } from './customer.mjs';
import { dateAt, slotsOf, venue } from './stage.mjs';

// What a visitor is told of other people's changes, and of places that are too few.

/** Collects what the page says to those who hear it, and which slots are marked as changed. */
const listen = (page) => page.addInitScript(() => {
  globalThis.said = [];
  globalThis.marked = [];
  new MutationObserver((records) => {
    for (const { target, addedNodes } of records) {
      const region = target.parentElement?.closest('[data-testid=announcer]');
      if (region?.textContent) globalThis.said.push(region.textContent);
      for (const node of addedNodes) {
        if (node.dataset?.testid === 'updated') globalThis.marked.push(node.closest('[data-start]')?.dataset.start);
      }
    }
  }).observe(document, { subtree: true, characterData: true, childList: true });
});
const said = (page) => page.evaluate(() => globalThis.said);
const marked = (page) => page.evaluate(() => globalThis.marked);
const hears = (page, words) => page.waitForFunction((source) => globalThis.said.some((text) => new RegExp(source).test(text)), words.source, { timeout: 20_000 });

/** Four courts of which any will do. */
const courts = (id) => venue(id, {
  resources: [1, 2, 3, 4].map((n) => ({ id: `court-${n}`, name: `Court ${n}` })),
  services: [{ id: 'hour', name: 'One hour', requires: [{ any_of: [1, 2, 3, 4].map((n) => `court-${n}`) }] }],
});

/** A class of twelve, and its starts of the day after tomorrow. */
async function classOf12(id) {
  await venue(id, {
    resources: [{ id: 'room', name: 'Room', capacity: 12 }],
    services: [{ id: 'hour', name: 'Yoga', party_size: { min: 1, max: 12 }, requires: [{ resource: 'room', per_person: true }] }],
  });
  return (await slotsOf(id)).map((s) => s.start).filter((start) => start.startsWith(dateAt('Europe/Berlin', 2)));
}
const take = (id, start, people) => call('POST', `/v1/venues/${id}/bookings`, {
  service: 'hour', start, party_size: people, customer: { name: 'A', email: `guest${start.slice(11, 13)}@example.com` },
});

test('what looks the same is no change: one court of four is taken, and nobody is told; the last one is', async () => {
  await courts('four');
  const starts = (await slotsOf('four')).slice(48).map((s) => s.start);
  const page = await reader();
  await listen(page);
  await open(page, 'four');
  await book('four', starts[0]);
  await page.locator(`[data-testid=slot][data-start="${starts[0]}"][data-remaining="3"]`).waitFor();
  assert.deepEqual(await marked(page), []);
  await book('four', starts[0]);
  await book('four', starts[0]);
  await shows(page, starts[0], 'limited');
  await slot(page, starts[0]).getByTestId('updated').waitFor();
  await hears(page, /now limited, last one/);
  assert.deepEqual(await marked(page), [starts[0]], 'marked once, as its word changed');
  assert.ok(!(await said(page)).some((text) => /available|free/.test(text)), (await said(page)).join('\n'));
  assert.deepEqual(page.faults, []);
});

test('changes that wait for their turn are all told, and one that was taken back is not', async () => {
  await courts('many');
  const starts = (await slotsOf('many')).slice(48).map((s) => s.start);
  const page = await reader();
  await listen(page);
  await open(page, 'many');
  for (let i = 0; i < 3; i++) await book('many', starts[0]);
  await hears(page, /now limited/);
  await book('many', starts[1]); // Nothing to be seen.
  await book('many', starts[0]); // Full now.
  for (let i = 0; i < 3; i++) await book('many', starts[2]); // The last one, after it.
  await shows(page, starts[2], 'limited');
  await hears(page, /2 times changed, 1 now full, 1 now limited/);
  assert.deepEqual(page.faults, []);
});

for (const [how, look] of [
  ['hovers over', (page, start) => slot(page, start).hover()],
  ['has the focus on', async (page, start) => { await slot(page, start).focus(); await page.keyboard.press('ArrowDown'); await page.keyboard.press('ArrowUp'); }],
]) {
  test(`a time that goes while a visitor ${how} it is told politely: no notice opens`, async () => {
    await courts('looked-at');
    const free = (await slotsOf('looked-at')).slice(48).find((s) => s.remaining === 4).start;
    const page = await reader();
    await listen(page);
    await open(page, 'looked-at');
    await look(page, free);
    await page.getByTestId('slot-details').filter({ hasText: /Available/ }).waitFor();
    const focused = await page.evaluate(() => document.activeElement.dataset.start);
    for (let i = 0; i < 4; i++) await book('looked-at', free);
    await shows(page, free, 'full');
    await page.getByTestId('slot-details').filter({ hasText: /Full/ }).waitFor();
    await hears(page, /now full, taken/);
    assert.equal(await page.getByTestId('full-notice').count(), 0);
    assert.equal(await page.getByRole('alert').count(), 0);
    assert.equal(await page.evaluate(() => document.activeElement.dataset.start), focused);
    await slot(page, free).click(); // Now it is asked for.
    await page.getByTestId('full-notice').filter({ hasText: /fully booked/ }).waitFor();
    assert.deepEqual(page.faults, []);
  });
}

for (const [size, viewport] of [['a desktop', { width: 1280, height: 900 }], ['a phone', { width: 390, height: 844 }]]) {
  test(`a class with too few places for the party says how many there are, and can be had for fewer, on ${size}`, async () => {
    const id = `few-${viewport.width}`;
    const starts = await classOf12(id);
    const day = starts[0].slice(0, 10);
    for (const start of starts) await take(id, start, start === starts[1] ? 12 : 10);
    const page = await reader({ viewport });
    await page.goto(`${url}/${id}?people=4&date=${day}`);
    const few = slot(page, starts[0]);
    if (viewport.width < 736) await page.locator(`[data-day="${day}"]`).click(); // It opens on the first day with room.
    await few.waitFor();
    const full = slot(page, starts[1]);
    assert.match(await few.innerText(), /Only 2/);
    assert.match(await full.innerText(), /Full/);
    assert.match(await few.getAttribute('aria-label'), /2 of 12 places left, too few for your party/i);
    assert.doesNotMatch(await few.getAttribute('aria-label'), /full/i);
    const colours = (locator) => locator.evaluate((element) => getComputedStyle(element).backgroundColor);
    assert.notEqual(await colours(few), await colours(full));
    assert.match(await page.getByTestId('legend').innerText(), /Too few/);
    if (viewport.width < 736) {
      assert.match(await page.locator(`[data-day="${day}"]`).getAttribute('aria-label'), /too few/);
      await page.getByText('No time on this day has room for 4.').waitFor();
    } else assert.match(await page.locator('thead').innerText(), /Too few/);

    await few.click();
    const notice = page.getByTestId('full-notice');
    await notice.filter({ hasText: /has only 2 places left\s+You are 4\./ }).waitFor();
    assert.doesNotMatch(await notice.innerText(), /fully booked|taken/);
    await notice.getByTestId('fewer-people').filter({ hasText: 'Take it for 2 people' }).click();
    await page.mouse.move(1, 1); // What comes to lie under the mouse would show its details.
    await page.getByTestId('hold-panel').filter({ hasText: '2 people' }).getByTestId('hold-countdown').waitFor();
    const { bookings } = await call('GET', `/v1/venues/${id}/bookings?status=held`);
    assert.deepEqual(bookings.map((b) => [b.start, b.party_size]), [[starts[0], 2]]);
    await page.keyboard.press('Escape');
    assert.equal((await focusIsOn(page, 'slot')).start, starts[0]);
    assert.deepEqual(page.faults, []);
  });
}

test('the list says of too few places what the calendar says', async () => {
  const starts = await classOf12('few-list');
  await take('few-list', starts[0], 10);
  const page = await reader();
  await page.goto(`${url}/few-list?people=4&view=list&date=${starts[0].slice(0, 10)}`);
  const row = page.getByTestId('list-view').locator('li', { has: slot(page, starts[0]) });
  await row.filter({ hasText: /Too few[^]*2 of 12 places left, too few for your party/ }).waitFor();
  await slot(page, starts[0]).click();
  await page.getByTestId('full-notice').filter({ hasText: /has only 2 places left/ }).waitFor();
  assert.equal(await page.getByTestId('fewer-people').count(), 1);
  assert.deepEqual(page.faults, []);
});

test('places that go while the visitor asks for them: the reason is that they are too few', async () => {
  const starts = await classOf12('few-race');
  const page = await reader();
  await page.goto(`${url}/few-race?people=4&date=${starts[0].slice(0, 10)}`);
  await page.locator('[data-testid=live-state][data-state=live]').waitFor();
  await page.route(/\/bookings$/, async (route) => { // Others book while the request is on its way.
    await take('few-race', starts[0], 10);
    await route.continue();
  }, { times: 1 });
  await slot(page, starts[0]).click();
  await page.getByTestId('lost-message').filter({ hasText: /has only 2 places left/ }).waitFor();
  await page.getByTestId('fewer-people').click();
  await page.getByTestId('hold-panel').filter({ hasText: '2 people' }).getByTestId('hold-countdown').waitFor();
  assert.deepEqual(page.faults, []);
});

test('a full time that was asked about and becomes free again says so', async () => {
  await courts('back-again');
  const start = (await slotsOf('back-again')).slice(48)[0].start;
  const made = [];
  for (let i = 0; i < 4; i++) made.push(await book('back-again', start));
  const page = await reader();
  await open(page, 'back-again');
  await slot(page, start).click();
  await page.getByTestId('full-notice').filter({ hasText: /fully booked/ }).waitFor();
  await call('POST', `/v1/venues/back-again/bookings/${made[0].id}/cancel`, {});
  await page.getByTestId('full-notice').filter({ hasText: /is free again/ }).waitFor();
  await page.locator(`[data-testid=alternative][data-start="${start}"]`).click();
  await page.getByTestId('hold-countdown').waitFor();
  assert.deepEqual(page.faults, []);
});
