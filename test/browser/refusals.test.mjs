import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call, reader, slot } from './club.mjs';
import { focusIsOn, hold, only, phase, tabTo, typeDetails } from './customer.mjs';
import { openAt, refuse, startsFor } from './states.mjs';
import { court } from './stage.mjs';

async function ready(venue) {
  await court(venue);
  const start = (await startsFor(venue))[0].start;
  const page = await reader();
  return { page, start, show: () => openAt(page, venue, start) };
}

test('when no time can be held, it is booked at once, by keyboard, and only once', async () => {
  const { page, start, show } = await ready('direct');
  const keys = [];
  await page.route(/\/bookings$/, async (route) => {
    const request = route.request();
    if (request.postDataJSON().hold) {
      await route.fulfill({ status: 429, contentType: 'application/problem+json', body: '{"code":"holds_limited"}' });
      return;
    }
    keys.push(request.headers()['idempotency-key']);
    const response = await route.fetch();
    if (keys.length <= 2) await route.abort(); // Booked, and the answer is lost; so is that of the repeat.
    else await route.fulfill({ response });
  });
  await show();
  await slot(page, start).click();
  await focusIsOn(page, 'hold-title', /Book this time now/);
  assert.match(await page.getByTestId('direct-notice').innerText(), /still free/);
  await tabTo(page, 'field-name');
  await typeDetails(page);
  await page.keyboard.press('Enter');
  await page.getByTestId('form-error').filter({ hasText: /cannot be booked twice/ }).waitFor();
  await focusIsOn(page, 'field-email');
  await page.keyboard.press('Enter');
  await focusIsOn(page, 'h1', /Your booking/);
  assert.equal((await only('direct', 'confirmed')).code, await page.getByTestId('confirmation-code').innerText());
  assert.equal(keys.length, 3);
  assert.equal(new Set(keys).size, 1);
  await tabTo(page, 'cancel-booking'); // The answer that arrived at last brought the right to manage it.
});

for (const [field, written, words] of [
  ['email', 'ada@exampl', /^Please check this email address/],
  ['email', 'ada at example.com', /^Please check this email address/],
  ['phone', 'in the evening', /^Please check this phone number/],
  ['phone', '12', /^Please check this phone number/],
]) {
  test(`what the server says of the ${field} ${written} is told in the page’s words, at the field`, async () => {
    const { page, start, show } = await ready('misspelt');
    await show();
    await hold(page, start);
    await page.getByTestId('field-name').fill('Ada Lovelace');
    await page.getByTestId(`field-${field}`).fill(written);
    await page.getByTestId('confirm-button').click();
    await page.locator(`#customer-${field}-error`).filter({ hasText: words }).waitFor();
    await focusIsOn(page, `field-${field}`);
    await page.getByTestId('cancel-hold').click();
    await phase(page, 'idle');
  });
}

for (const [what, status, body, headers, words] of [
  ['too many requests', 429, { code: 'too_many' }, { 'Retry-After': '40' }, /too many requests come from your network\. Please try again in 40 seconds/],
  ['a page of another site', 403, { code: 'forbidden', detail: 'Cross-origin.' }, {}, /not allowed to do that/],
  ['a body that was changed on the way', 415, { code: 'unsupported_media_type' }, {}, /changed the request/],
  ['an unknown outcome', 503, { code: 'outcome_unknown' }, { 'Retry-After': '5' }, /could not be found out whether that worked/],
  ['a proxy’s own page', 502, 'Bad gateway', {}, /your time is still held/i],
]) {
  test(`${what}: told in words, with the venue’s contact, and the form goes on`, async () => {
    const { page, start, show } = await ready('refused');
    await refuse(page, /\/confirm$/, status, body, headers); // before the page is there: a request just after may slip through
    await show();
    await hold(page, start);
    await typeDetails(page);
    await page.keyboard.press('Enter');
    const error = page.getByTestId('form-error');
    await error.filter({ hasText: words }).waitFor();
    assert.match(await error.innerText(), /desk@example\.com/);
    assert.doesNotMatch(await error.innerText(), /_|Cross-origin|gateway/);
    await focusIsOn(page, 'field-email');
    await page.unroute(/\/confirm$/);
    await page.keyboard.press('Enter');
    await page.getByTestId('confirmation-code').waitFor();
    assert.deepEqual(page.faults, []);
  });
}

test('a contact with too many bookings is told so at its field', async () => {
  const { page, start, show } = await ready('contact-limit');
  await refuse(page, /\/confirm$/, 409, { code: 'contact_limited' });
  await show();
  await hold(page, start);
  await typeDetails(page);
  await page.keyboard.press('Enter');
  await page.locator('#customer-email-error').filter({ hasText: /as many bookings here as one may have/ }).waitFor();
  await focusIsOn(page, 'field-email');
});

test('what is pasted with invisible characters is sent as it is, and the booking is clean', async () => {
  const { page, start, show } = await ready('pasted');
  await show();
  await hold(page, start);
  await page.getByTestId('field-name').fill('\u202aGrace\u200b Hopper\u202c ');
  await page.getByTestId('field-email').fill(' grace@\u200bexample.com\ufeff ');
  await page.getByTestId('field-phone').fill('\uff0b49\u00a030\u20111234');
  await page.getByTestId('field-note').fill('Two\tchairs,\r\nplease');
  const sent = page.waitForRequest(/\/confirm$/);
  await page.getByTestId('confirm-button').click();
  assert.match((await sent).postDataJSON().customer.name, /\u200b/, 'the page leaves the judging to the server');
  await page.getByTestId('confirmation-code').waitFor();
  const { customer } = await only('pasted', 'confirmed');
  assert.equal(customer.name, 'Grace Hopper');
  assert.equal(customer.email, 'grace@example.com');
  assert.equal(customer.note, 'Two\tchairs,\nplease');
});

test('a long text that is pasted is not cut off in silence: the server’s complaint stands at its field', async () => {
  const { page, start, show } = await ready('long');
  await show();
  await hold(page, start);
  await typeDetails(page);
  await page.getByTestId('field-note').fill('x'.repeat(5_000));
  await page.getByTestId('confirm-button').click();
  await page.locator('#customer-note-error').waitFor();
  await focusIsOn(page, 'field-note');
  assert.equal((await page.getByTestId('field-note').inputValue()).length, 5_000);
});

test('the fields tell a phone which keyboard, and the browser what it may fill in', async () => {
  const { page, start, show } = await ready('fields');
  await show();
  await hold(page, start);
  const of = (name) => page.getByTestId(`field-${name}`).evaluate((field) =>
    [field.type, field.inputMode, field.autocomplete, field.autocapitalize].join(' '));
  assert.equal(await of('name'), 'text  name words');
  assert.equal(await of('email'), 'email email email none');
  assert.equal(await of('phone'), 'tel tel tel none');
  assert.equal(await of('note'), 'textarea  off sentences');
  for (const name of ['name', 'email', 'phone', 'note']) {
    assert.equal(await page.getByTestId(`field-${name}`).getAttribute('maxlength'), null);
  }
});

test('a customer who cancels by another window is not blamed on anybody else', async () => {
  const { page, start, show } = await ready('own-link');
  await show();
  const made = page.waitForResponse(/\/bookings$/);
  await hold(page, start);
  const { id, manage_token: token } = await (await made).json();
  await page.evaluate(([path, token]) => fetch(path, {
    method: 'POST', headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }, body: '{}',
  }), [`/v1/venues/own-link/bookings/${id}/cancel`, token]);
  await phase(page, 'lost');
  assert.equal((await call('GET', `/v1/venues/own-link/bookings/${id}`)).cancelled_by, 'customer');
  assert.match(await page.getByTestId('lost-message').innerText(), /was given back/);
});
