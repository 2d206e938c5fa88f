import assert from 'node:assert/strict';
import { test } from 'node:test';
import { book, call, fillIn, learnStarts, noon, open, reader, shows, slot, url } from './club.mjs';

test('a booking in one browser is seen in the other, from the hold to the cancellation', async () => {
  await learnStarts('watch');
  const [ada, bob] = [await reader(), await reader()];
  await Promise.all([open(ada, 'watch'), open(bob, 'watch')]);
  for (const page of [ada, bob]) {
    await page.getByTestId('resource-option').filter({ hasText: 'Court 1' }).click();
    await shows(page, noon(), 'available');
  }

  await slot(ada, noon()).click();
  await ada.getByTestId('hold-panel').waitFor();
  assert.match(await ada.getByTestId('hold-countdown').innerText(), /\d:\d\d/);
  await shows(bob, noon(), 'full');
  await slot(bob, noon()).getByTestId('updated').waitFor();

  await fillIn(ada);
  await ada.getByTestId('confirm-button').click();
  await ada.getByTestId('confirmation-code').waitFor();
  assert.match(await ada.getByTestId('confirmation-code').innerText(), /[0-9A-Z]{4}-[0-9A-Z]{4}/);
  assert.match(ada.url(), /\/watch\/bookings\/bk_[0-9a-z]+#.+/);

  // The manage link is all that one needs, in any browser.
  const phone = await reader({ viewport: { width: 390, height: 844 } });
  await phone.goto(ada.url());
  await phone.getByTestId('cancel-booking').click();
  await phone.getByTestId('cancel-booking-confirm').click();
  await phone.getByTestId('booking-status').filter({ hasText: /cancelled/i }).waitFor();
  await ada.getByTestId('booking-status').filter({ hasText: /cancelled/i }).waitFor();
  await shows(bob, noon(), 'available');
  for (const page of [ada, bob, phone]) assert.deepEqual(page.faults, []);
});

test('a slot that is taken between the look and the click is said at once, and an alternative is one click away', async () => {
  await learnStarts('lost');
  const page = await reader();
  // This reader's live connection is silent, so the page cannot know yet.
  await page.routeWebSocket(/\/v1\/live/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => { if (!message.includes('"delta"')) socket.send(message); });
  });
  await open(page, 'lost');
  await shows(page, noon(), 'available');
  await book('lost', noon());
  await book('lost', noon());
  await slot(page, noon()).click();
  await page.getByTestId('lost-message').waitFor();
  assert.match(await page.getByTestId('lost-message').innerText(), /desk@example\.com|\+49 30 1234567/);
  await page.getByTestId('alternative').first().click();
  await page.getByTestId('hold-panel').getByTestId('hold-countdown').waitFor();
  assert.deepEqual(page.faults, []);
});

test('a hold that is lost while the customer types is said at once, and what was typed is kept', async () => {
  await learnStarts('taken-back');
  const page = await reader();
  await open(page, 'taken-back');
  await slot(page, noon()).click();
  await page.getByTestId('hold-countdown').waitFor();
  await page.getByTestId('field-name').fill('Ada Lovelace');
  const held = (await call('GET', '/v1/venues/taken-back/bookings?status=held')).bookings;
  assert.equal(held.length, 1);
  await call('POST', `/v1/venues/taken-back/bookings/${held[0].id}/cancel`, {});
  await page.getByTestId('lost-message').waitFor();
  await page.getByTestId('alternative').first().click();
  await page.getByTestId('hold-countdown').waitFor();
  assert.equal(await page.getByTestId('field-name').inputValue(), 'Ada Lovelace');
  assert.deepEqual(page.faults, []);
});

test('a booking is made with the keyboard alone', async () => {
  await learnStarts('keyboard');
  const page = await reader();
  await open(page, 'keyboard');
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-testid'));
  for (let i = 0; i < 60 && (await focused()) !== 'slot'; i++) await page.keyboard.press('Tab');
  assert.equal(await focused(), 'slot');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  await page.getByTestId('slot-details').waitFor(); // details show on focus as on hover
  assert.match(await page.getByTestId('slot-details').innerText(), /20/);
  await page.keyboard.press('Escape');
  await page.getByTestId('slot-details').waitFor({ state: 'hidden' });
  await page.keyboard.press('Enter');
  await page.getByTestId('hold-countdown').waitFor();
  for (let i = 0; i < 20 && (await focused()) !== 'field-name'; i++) await page.keyboard.press('Tab');
  await page.keyboard.type('Grace Hopper');
  await page.keyboard.press('Tab');
  await page.keyboard.type('grace@example.com');
  await page.keyboard.press('Enter');
  await page.getByTestId('confirmation-code').waitFor();
  assert.deepEqual(page.faults, []);
});

test('the list view is live too', async () => {
  await learnStarts('full-list');
  const page = await reader({ viewport: { width: 390, height: 844 } });
  await open(page, 'full-list');
  await page.getByTestId('view-list').click();
  await page.getByTestId('list-view').waitFor();
  await shows(page, noon(), 'available');
  await book('full-list', noon());
  await book('full-list', noon());
  await shows(page, noon(), 'full');
  assert.deepEqual(page.faults, []);
});

test('the list of venues leads to each', async () => {
  const page = await reader();
  await page.goto(url);
  await page.getByTestId('venue-card').filter({ hasText: 'Tennis watch' }).click();
  await page.waitForURL(/\/watch$/);
});
