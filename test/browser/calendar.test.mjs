import assert from 'node:assert/strict';
import { test } from 'node:test';
import { book, call, open, reader, slot, url } from './club.mjs';
import { court, dateAt, morningZone, slotsOf, venue, withoutPageData } from './stage.mjs';

const phone = { viewport: { width: 390, height: 844 } };

/** What a person would say of an element: is all of it on the screen, with nothing over its middle? */
const inSight = (locator) => locator.evaluate((element) => {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  const over = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  return top >= 0 && bottom <= innerHeight && element.contains(over);
});
const inSightSoon = async (locator) => {
  for (let i = 0; i < 60 && !(await inSight(locator)); i++) await locator.page().waitForTimeout(50);
  assert.ok(await inSight(locator), `cannot be seen: ${await locator.getAttribute('aria-label')}`);
};
const markedWith = (locator) => locator.evaluate((element) => getComputedStyle(element).outlineStyle);

/** Books every place of these starts. */
async function bookAll(id, starts) {
  for (const start of starts) await book(id, start);
}

for (const [size, options] of [['desktop', {}], ['phone', phone]]) {
  test(`Next free on a ${size} goes to the next free time, today's included, scrolls there and marks it for the mouse too`, async () => {
    const zone = morningZone();
    await court(`next-${size}`, { venue: { zone } });
    const slots = await slotsOf(`next-${size}`, 'hour', zone);
    const hours = slots.filter((s) => s.start.startsWith(slots[0].start.slice(0, 10)));
    const [, ...later] = hours.slice(0, -1);
    await bookAll(`next-${size}`, [hours[0].start, ...later.map((s) => s.start)].filter((start) => start !== hours.at(-1).start));
    const page = await reader(options);
    await open(page, `next-${size}`);
    await page.getByTestId('next-available').click();
    const found = page.locator('[data-found]');
    await found.waitFor();
    assert.equal(await found.getAttribute('data-start'), hours.at(-1).start);
    await inSightSoon(found);
    assert.notEqual(await markedWith(found), 'none');

    // Once more: the time after it.
    await page.getByTestId('next-available').click();
    const after = slots[slots.findIndex((s) => s.start === hours.at(-1).start) + 1];
    await page.locator(`[data-found][data-start="${after.start}"]`).waitFor();
    await inSightSoon(page.locator('[data-found]'));
    assert.equal(await page.evaluate(() => document.activeElement?.dataset.start), after.start);
    assert.deepEqual(page.faults, []);
  });
}

test('Next free asks beyond the days shown, and says when there is nothing', async () => {
  const days = Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, []]));
  const date = dateAt('Europe/Berlin', 20);
  await court('far', { resource: { hours: days, exceptions: [{ date, hours: ['10:00-11:00'] }] } });
  const page = await reader();
  await open(page, 'far');
  await page.getByTestId('next-available').click();
  const found = page.locator('[data-found]');
  await found.waitFor();
  assert.match(await found.getAttribute('data-start'), new RegExp(`^${date}T10:00`));
  await inSightSoon(found);
  await page.getByTestId('next-available').click();
  await page.getByText(/Nothing is free until/).waitFor();

  // It was a step: Back shows the days before.
  await page.goBack();
  await page.getByText(/Nothing is free on these days/).waitFor();
  assert.equal(new URL(page.url()).search, '');
  assert.deepEqual(page.faults, []);
});

test('a phone opens on the first day with a free time, and shows one on its first screen', async () => {
  await venue('first-day', {
    resources: ['Aylin', 'Jonas', 'Emre'].map((name) => ({ id: name.toLowerCase(), name })),
    services: ['Haircut', 'Beard', 'Both', 'Colour'].map((name) => ({
      id: name.toLowerCase(), name, description: 'Wash, cut and styling, half an hour in the chair.', price: { amount: '32.00', currency: 'EUR' },
      min_notice_minutes: 24 * 60, requires: [{ any_of: ['aylin', 'jonas', 'emre'] }],
    })),
  });
  const [free] = (await slotsOf('first-day', 'beard')).filter((s) => s.status === 'available');
  const page = await reader(phone);
  await open(page, 'first-day');
  const first = page.locator('[data-testid=slot][data-status=available]').first();
  assert.equal((await first.getAttribute('data-start')).slice(0, 10), free.start.slice(0, 10));
  const { y, height } = await first.boundingBox();
  assert.ok(y + height < 650, `the first time stands at ${y}`);
  assert.match(await page.getByTestId('selection-summary').innerText(), /Beard, anyone/);
  const order = await page.evaluate(() => {
    const place = (id) => document.querySelector(`[data-testid=${id}]`).compareDocumentPosition(document.querySelector('[data-testid=legend]'));
    return place('slot') & Node.DOCUMENT_POSITION_FOLLOWING;
  });
  assert.ok(order, 'the legend comes after the times');

  // Today is not called closed: its times have only passed.
  const today = page.locator(`[data-day="${dateAt()}"]`);
  assert.match(await today.getAttribute('aria-label'), /no times today/);
  await today.click();
  await page.getByText('No times to book today.').waitFor();
  await page.getByTestId('next-from-full-day').click();
  await page.locator(`[data-found][data-start="${free.start}"]`).waitFor();

  // The line unfolds to all that can be chosen.
  await page.getByTestId('change-selection').click();
  await page.getByTestId('resource-option').filter({ hasText: 'Jonas' }).click();
  await page.getByTestId('service-option').filter({ hasText: 'Colour' }).click();
  await page.getByTestId('change-selection').click();
  assert.match(await page.getByTestId('selection-summary').innerText(), /Colour, Jonas/);
  assert.deepEqual(page.faults, []);
});

test('the first week is drawn from what the page brings along', async () => {
  await court('inlined');
  const page = await reader();
  const asked = [];
  page.on('request', (request) => { if (/\/v1\/venues\/inlined/.test(request.url())) asked.push(request.url()); });
  await page.goto(`${url}/inlined`);
  await page.getByTestId('slot').first().waitFor();
  assert.deepEqual(asked, []);
});

test('the order of services and resources is the API’s', async () => {
  await venue('ordered', {
    resources: [{ id: 'zoe', name: 'Zoe' }, { id: 'adam', name: 'Adam' }, { id: 'mia', name: 'Mia' }],
    services: ['late', 'early', 'middle'].map((id) => ({ id, name: id, requires: [{ any_of: ['mia', 'zoe', 'adam'] }] })),
  });
  const page = await reader();
  // An API that answers in an order of its own, whatever the ids.
  const order = { services: ['middle', 'late', 'early'], resources: ['mia', 'zoe', 'adam'] };
  for (const [list, ids] of Object.entries(order)) {
    await page.route(`**/v1/venues/ordered/${list}`, async (route) => {
      const response = await route.fetch();
      const body = await response.json();
      await route.fulfill({ response, json: { [list]: ids.map((id) => body[list].find((item) => item.id === id)) } });
    });
  }
  await withoutPageData(page, 'ordered');
  await page.goto(`${url}/ordered`);
  const ids = (testid, attribute) => page.getByTestId(testid).evaluateAll((all, name) => all.map((e) => e.dataset[name]), attribute);
  await page.getByTestId('service-option').first().waitFor();
  assert.deepEqual(await ids('service-option', 'service'), order.services);
  assert.deepEqual(await ids('resource-option', 'resource'), ['', ...order.resources]);
});

test('the same words have the same colour, whatever a slot is of', async () => {
  await venue('colours', {
    resources: [{ id: 'class', name: 'Class', capacity: 3 }, { id: 'court-1', name: 'Court 1' }, { id: 'court-2', name: 'Court 2' }],
    services: [
      { id: 'class', name: 'Class', requires: [{ resource: 'class' }] },
      { id: 'court', name: 'Court', requires: [{ any_of: ['court-1', 'court-2'] }] },
      { id: 'one', name: 'One court', requires: [{ resource: 'court-2' }] },
    ],
  });
  const starts = (await slotsOf('colours', 'class')).filter((s) => s.start.includes('T12:00')).map((s) => s.start);
  const take = (service, start) => call('POST', '/v1/venues/colours/bookings', { service, start, customer: { name: 'Ada', email: 'ada@example.com' } });
  for (let n = 1; n <= 3; n++) for (let i = 0; i < n; i++) await take('class', starts[n]);
  for (let n = 1; n <= 2; n++) for (let i = 0; i < n; i++) await take('court', starts[n]);
  const seen = new Map();
  for (const service of ['class', 'court', 'one']) {
    const page = await reader();
    await page.goto(`${url}/colours?service=${service}`);
    await page.getByTestId('slot').first().waitFor();
    const shown = await page.getByTestId('slot').evaluateAll((all) => all.map((e) => [e.querySelector('.text').innerText, e.dataset.status]));
    for (const [text, status] of shown) {
      assert.equal(seen.get(text) ?? status, status, `“${text}” of ${service}`);
      seen.set(text, status);
    }
    if (service !== 'class') assert.ok(shown.every(([text]) => !/\d/.test(text)), 'nobody counts courts');
    const legend = await page.getByTestId('legend').innerText();
    assert.equal(/Limited/.test(legend), service !== 'one', 'where there is one place, nothing is limited');
    if (service === 'court') assert.match(await page.locator('fieldset').nth(1).innerText(), /Which court\?[^]*Any court/);
    await page.context().close();
  }
});

test('turning weeks makes steps that Back undoes; choosing makes none', async () => {
  await court('history', { service: { horizon_days: 60 } });
  const page = await reader();
  await page.goto(url);
  await page.goto(`${url}/history`);
  await page.getByTestId('slot').first().waitFor();
  const firstDate = () => page.getByTestId('slot').first().getAttribute('data-date');
  const weeks = [await firstDate()];
  for (let i = 0; i < 2; i++) {
    await page.getByTestId('next-week').click();
    await page.waitForFunction((date) => document.querySelector('[data-testid=slot]')?.dataset.date > date, weeks[i]);
    weeks.push(await firstDate());
  }
  await page.getByTestId('view-list').click();
  await page.goBack();
  await page.locator(`[data-testid=slot][data-date="${weeks[1]}"]`).first().waitFor();
  await page.goForward();
  await page.getByTestId('list-view').waitFor();
  await page.goBack();
  await page.goBack();
  await page.locator(`[data-testid=slot][data-date="${weeks[0]}"]`).first().waitFor();
  await page.goBack();
  await page.getByTestId('venue-card').first().waitFor();
  assert.deepEqual(page.faults, []);
});

test('a venue names its page, an empty one says so, and an unknown address is not found', async () => {
  await court('named', { venue: { name: 'Hall of Names' } });
  await venue('empty', { name: 'Quiet Corner' });
  const page = await reader();
  await open(page, 'named');
  assert.match(await page.title(), /^Hall of Names/);
  await page.goto(`${url}/empty`);
  await page.getByTestId('nothing-offered').waitFor();
  assert.match(await page.getByTestId('nothing-offered').innerText(), /Quiet Corner/);
  assert.equal(await page.getByRole('link', { name: 'desk@example.com' }).count(), 1);
  assert.equal(await page.getByTestId('next-available').count(), 0);
  for (const path of ['/no-such-venue', '/named/else', '/named/bookings', '/%00', '/a/b/c/d']) {
    await page.goto(url + path);
    await page.getByRole('heading', { level: 1, name: /nothing here|no such venue/i }).waitFor();
  }
  assert.deepEqual(page.faults, []);
});

test('one’s own hold is not told as somebody’s change, and another’s is', async () => {
  await court('own');
  const free = (await slotsOf('own')).filter((s) => s.start.includes('T12:00')).slice(1);
  const page = await reader();
  await page.addInitScript(() => {
    globalThis.said = [];
    new MutationObserver((records) => {
      for (const { target } of records) {
        const region = target.parentElement?.closest('[data-testid=announcer]');
        if (region) globalThis.said.push(region.textContent);
      }
    }).observe(document, { subtree: true, characterData: true, childList: true });
  });
  await open(page, 'own');
  await slot(page, free[0].start).click();
  await page.getByTestId('hold-countdown').waitFor();
  await page.locator(`[data-testid=slot][data-start="${free[0].start}"][data-status=full]`).waitFor();
  assert.equal(await slot(page, free[0].start).getByTestId('updated').count(), 0);
  await page.getByTestId('cancel-hold').click();
  await page.locator(`[data-testid=slot][data-start="${free[0].start}"][data-status=available]`).waitFor();
  await book('own', free[1].start);
  await slot(page, free[1].start).getByTestId('updated').waitFor();
  await page.waitForFunction(() => globalThis.said.some((text) => /now full/.test(text)));
  const said = await page.evaluate(() => globalThis.said);
  assert.ok(!said.some((text) => /now (available|free)/.test(text)), said.join('\n'));
  assert.deepEqual(page.faults, []);
});

test('the first times are drawn from what came with the page, and the live stream goes on from there', async () => {
  await court('inlined');
  const free = (await slotsOf('inlined')).filter((s) => s.start.includes('T12:00')).slice(1);
  const page = await reader();
  const asked = [], subscribed = [];
  page.on('request', (request) => { if (request.url().includes('/v1/')) asked.push(request.url()); });
  page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => { if (payload.includes('subscribe')) subscribed.push(JSON.parse(payload)); }));
  await open(page, 'inlined');
  await slot(page, free[0].start).waitFor();
  assert.deepEqual(asked, []);
  assert.ok(subscribed[0].position, 'the position of the data is where the stream begins');
  await book('inlined', free[0].start);
  await page.locator(`[data-testid=slot][data-start="${free[0].start}"][data-status=full]`).waitFor();

  // Without the data, everything is asked for, and the same is shown.
  const plain = await reader();
  await withoutPageData(plain, 'inlined');
  await plain.goto(`${url}/inlined`);
  await plain.locator(`[data-testid=slot][data-start="${free[0].start}"][data-status=full]`).waitFor();
  assert.deepEqual([...page.faults, ...plain.faults], []);
});
