import assert from 'node:assert/strict';
import { test } from 'node:test';
import { book, call, open, reader, shows, slot, url } from './club.mjs';
import { focusIsOn, hold, holdEndsIn, keyboardTo, only, phase, tabTo, typeDetails, venueCancels } from './customer.mjs';
import { court, slotsOf } from './stage.mjs';

/** A free start on the day after tomorrow at this hour, and a page that shows it. */
async function ready(venue, { hour = '14', service = {}, options = {} } = {}) {
  await court(venue, { service });
  const start = (await slotsOf(venue)).filter((s) => s.start.includes(`T${hour}:00`))[2].start;
  const page = await reader(options);
  return { page, start };
}

test('a customer’s day by keyboard: a lost race, an alternative, the form, the confirmation, the link, the cancellation', async () => {
  const { page, start } = await ready('day');
  await page.routeWebSocket(/\/v1\/live/, (socket) => { // Silent until the booking is made: the page cannot know of the race.
    const server = socket.connectToServer();
    server.onMessage((message) => { if (!message.includes('"delta"')) socket.send(message); });
  });
  await open(page, 'day');
  await book('day', start);
  await keyboardTo(page, start);
  await page.keyboard.press('Enter');

  await focusIsOn(page, 'hold-title', /That time is gone/);
  assert.match(await page.getByTestId('lost-message').innerText(), /has just been taken/);
  await tabTo(page, 'alternative');
  await page.keyboard.press('Enter');

  await focusIsOn(page, 'field-name');
  await page.keyboard.press('Enter'); // Too early: the first field that is wrong has the focus, and says why.
  await focusIsOn(page, 'field-name');
  await page.locator('#customer-name-error').waitFor();
  await typeDetails(page, 'Grace Hopper', 'nonsense');
  await page.keyboard.press('Enter');
  await focusIsOn(page, 'field-email');
  assert.match(await page.locator('#customer-email-error').innerText(), /address/i);
  await page.keyboard.press('Control+a');
  await page.keyboard.type('grace@example.com');
  await page.keyboard.press('Enter');

  await focusIsOn(page, 'h1', /Your booking/);
  const { code } = await only('day', 'confirmed').catch(async () => (await call('GET', '/v1/venues/day/bookings?status=confirmed')).bookings
    .find((b) => b.customer.name === 'Grace Hopper'));
  assert.equal(await page.getByTestId('confirmation-code').innerText(), code);
  await tabTo(page, 'copy-link');
  await page.keyboard.press('Enter');
  await focusIsOn(page, 'copy-link');

  await tabTo(page, 'cancel-booking');
  await page.keyboard.press('Enter');
  await focusIsOn(page, 'cancel-question');
  await tabTo(page, 'button', { text: /No, keep it/ });
  await page.keyboard.press('Enter');
  await focusIsOn(page, 'cancel-booking');
  await page.keyboard.press('Enter');
  await tabTo(page, 'cancel-booking-confirm');
  await page.keyboard.press('Enter');
  await focusIsOn(page, 'booking-status', /cancelled/i);

  await tabTo(page, 'choose-another');
  await page.keyboard.press('Enter');
  await focusIsOn(page, 'h1', /Venue day/);
  assert.deepEqual(page.faults, []);
});

test('each way to give a hold back returns to its slot, and others see it free at once', async () => {
  const { page, start } = await ready('give-back');
  const other = await reader();
  await Promise.all([open(page, 'give-back'), open(other, 'give-back')]);
  await keyboardTo(page, start);
  const ways = {
    Escape: () => page.keyboard.press('Escape'),
    'the close button': async () => { await page.getByLabel('Close and give the time back').focus(); await page.keyboard.press('Enter'); },
    'the button below the form': async () => { await tabTo(page, 'cancel-hold'); await page.keyboard.press('Enter'); },
    Back: () => page.goBack(),
  };
  for (const [name, way] of Object.entries(ways)) {
    await page.keyboard.press('Enter');
    await focusIsOn(page, 'field-name');
    await shows(other, start, 'full');
    await way();
    const now = await focusIsOn(page, 'slot');
    assert.equal(now.start, start, name);
    assert.ok(page.url().includes('/give-back'), `${name} stays on the page`);
    await shows(other, start, 'available');
  }
  assert.deepEqual(page.faults, []);
});

test('after the confirmation, Back leads to the calendar and not into the form again', async () => {
  const { page, start } = await ready('back-after');
  await page.goto(url);
  await open(page, 'back-after');
  await hold(page, start);
  await typeDetails(page);
  await page.keyboard.press('Enter');
  await page.getByTestId('confirmation-code').waitFor();
  await page.goBack();
  await shows(page, start, 'full');
  assert.equal(await page.getByTestId('hold-panel').getAttribute('data-phase'), 'idle');
  await page.goBack();
  await page.getByTestId('venue-card').first().waitFor();
  assert.deepEqual(page.faults, []);
});

test('a reload goes on with the hold, a closed tab’s hold is found again, and Back gives it back still', async () => {
  const { page, start } = await ready('found-again');
  await open(page, 'found-again');
  await hold(page, start);
  const { id } = await only('found-again', 'held');
  await page.reload();
  await page.getByTestId('hold-countdown').waitFor();
  await focusIsOn(page, 'field-name');
  const context = page.context();
  await page.close({ runBeforeUnload: true });
  const next = await context.newPage();
  await next.goto(`${url}/found-again`);
  await next.getByTestId('hold-countdown').waitFor();
  assert.equal((await only('found-again', 'held')).id, id, 'the same hold, not another');
  await shows(next, start, 'full');
  await next.keyboard.press('Escape');
  await shows(next, start, 'available');
  await focusIsOn(next, 'slot');
});

test('more time: the button goes, the focus stays, and the time is there', async () => {
  const { page, start } = await ready('extend', { service: { hold_minutes: 3 } });
  await holdEndsIn(page, 123);
  await open(page, 'extend');
  await hold(page, start);
  assert.equal(await page.getByTestId('extend-hold').count(), 0, 'not before it is needed');
  const { expires_at: before } = await only('extend', 'held');
  await page.getByTestId('extend-hold').waitFor();
  await tabTo(page, 'extend-hold', { key: 'Shift+Tab' });
  await page.keyboard.press('Enter');
  await page.getByTestId('extend-hold').waitFor({ state: 'detached' });
  await focusIsOn(page, 'div', /Held for you/);
  assert.match(await page.getByTestId('hold-countdown').innerText(), /^(3:0|2:[45])/);
  assert.ok(Date.parse((await only('extend', 'held')).expires_at) > Date.parse(before));
  await tabTo(page, 'field-name');
  assert.deepEqual(page.faults, []);
});

test('when there is no more time to be had, the page says so, and the focus stays', async () => {
  const { page, start } = await ready('extend-more', { service: { hold_minutes: 1 } });
  await open(page, 'extend-more');
  await hold(page, start);
  await tabTo(page, 'extend-hold', { key: 'Shift+Tab' });
  for (let i = 0; i < 3; i++) {
    const answered = page.waitForResponse(/\/extend$/);
    await page.keyboard.press('Enter');
    assert.equal((await answered).status(), 200);
    await focusIsOn(page, 'extend-hold');
    await page.locator('[data-testid=extend-hold][aria-disabled=false]').waitFor();
  }
  await page.keyboard.press('Enter');
  await page.getByTestId('form-error').filter({ hasText: /cannot be extended any further/ }).waitFor();
  await focusIsOn(page, 'div', /Held for you/);
  assert.deepEqual(page.faults, []);
});

test('a hold that runs out, and one that the venue ends, are told apart, and the focus is on the words', async () => {
  const { page, start } = await ready('over');
  await open(page, 'over');
  await hold(page, start);
  await venueCancels('over', (await only('over', 'held')).id);
  await focusIsOn(page, 'hold-title', /That time is gone/);
  const ended = await page.getByTestId('lost-message').innerText();
  assert.doesNotMatch(ended, /has run out/);
  assert.match(ended, /ended/);

  await holdEndsIn(page, 4);
  await page.reload(); // So that the live connection is the one that was told.
  await slot(page, start).waitFor();
  await keyboardTo(page, start);
  await page.keyboard.press('Enter');
  await focusIsOn(page, 'field-name');
  await focusIsOn(page, 'hold-title', /That time is gone/);
  assert.match(await page.getByTestId('lost-message').innerText(), /has run out/);
  assert.deepEqual(page.faults, []);
});

test('an answer that is lost keeps the focus, and the repeat has the same key and books once', async () => {
  const { page, start } = await ready('lost-answer');
  await page.routeWebSocket(/\/v1\/live/, (socket) => { // The live connection does not tell of the booking either.
    const server = socket.connectToServer();
    server.onMessage((message) => { if (!message.includes('"type":"booking"')) socket.send(message); });
  });
  await open(page, 'lost-answer');
  await hold(page, start);
  await typeDetails(page);
  const keys = [];
  await page.route(/\/confirm$/, async (route) => {
    keys.push(route.request().headers()['idempotency-key']);
    await route.fetch(); // The server confirms, and the answer does not arrive.
    await route.abort();
  });
  await tabTo(page, 'confirm-button');
  await page.keyboard.press('Enter');
  await page.getByTestId('form-error').filter({ hasText: /cannot be booked twice/ }).waitFor();
  await focusIsOn(page, 'confirm-button');
  assert.equal(keys.length, 2, 'it was repeated once without a word');
  await page.unroute(/\/confirm$/);
  const sent = page.waitForRequest(/\/confirm$/);
  await page.keyboard.press('Enter');
  keys.push((await sent).headers()['idempotency-key']);
  await page.getByTestId('confirmation-code').waitFor();
  await only('lost-answer', 'confirmed');
  assert.ok(keys[0].length >= 16);
  assert.equal(new Set(keys).size, 1, 'always with the same key');
});

test('a server in trouble: try again keeps the way for the keyboard', async () => {
  const { page, start } = await ready('trouble');
  await open(page, 'trouble');
  const fail = (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"code":"unavailable"}' });
  await page.route(/\/bookings$/, fail);
  await keyboardTo(page, start);
  await page.keyboard.press('Enter');
  await phase(page, 'failed');
  await focusIsOn(page, 'hold-title', /could not be held/);
  await page.unroute(/\/bookings$/);
  await tabTo(page, 'button', { text: /Try again now/ });
  await page.keyboard.press('Enter');
  await focusIsOn(page, 'field-name');
  await typeDetails(page);
  await page.keyboard.press('Enter');
  await page.getByTestId('confirmation-code').waitFor();

  const link = page.url();
  await page.route(/\/cancel$/, fail);
  await tabTo(page, 'cancel-booking');
  await page.keyboard.press('Enter');
  await tabTo(page, 'cancel-booking-confirm');
  await page.keyboard.press('Enter');
  await page.getByTestId('cancel-error').waitFor();
  await focusIsOn(page, 'cancel-booking-confirm');

  // The venue cancels while the customer is asked: the question goes, and the focus to the answer.
  await venueCancels('trouble', (await only('trouble', 'confirmed')).id);
  await focusIsOn(page, 'booking-status', /Cancelled/);
  await page.getByTestId('other-time').first().waitFor();
  assert.ok(await page.getByTestId('choose-another').isVisible());

  // A page that cannot be shown, and comes back by the button.
  await page.route(/\/v1\//, (route) => route.abort());
  await page.routeWebSocket(/\/v1\/live/, (socket) => socket.close());
  await page.goto('about:blank');
  await page.goto(link);
  await page.getByTestId('unavailable').waitFor({ timeout: 30_000 });
  await tabTo(page, 'button', { text: /Try again now/ });
  await page.unroute(/\/v1\//);
  await page.keyboard.press('Enter');
  await page.getByTestId('booking-status').waitFor();
  await focusIsOn(page, 'booking-status');
});

test('a hold is finished from its own page', async () => {
  const { page, start } = await ready('finish');
  const made = await call('POST', '/v1/venues/finish/bookings', { service: 'hour', start, hold: true });
  await page.goto(`${url}/finish/bookings/${made.id}#${made.manage_token}`);
  await tabTo(page, 'button', { text: /Finish this booking/ });
  await page.keyboard.press('Enter');
  await focusIsOn(page, 'field-name');
  await typeDetails(page);
  await page.keyboard.press('Enter');
  await focusIsOn(page, 'h1', /Your booking/);
  await slot(page, start).waitFor({ state: 'detached' });
});
