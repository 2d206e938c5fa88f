import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillIn, reader } from './club.mjs';
import { optionalComponents, throwIn } from './broken.mjs';
import { hold } from './customer.mjs';
import { court } from './stage.mjs';
import { openAt, startsFor, states } from './states.mjs';

// The parts that the way to a confirmation goes without, and where the others are to be seen.
const elsewhere = {
  OtherTimes: 'cancelled by the venue',
  StaleBanner: undefined, // On the calendar: optional.test.mjs.
};

const parts = optionalComponents(['booking', 'pages/BookingPage']);

for (const component of parts) {
  if (component in elsewhere) continue;
  test(`a booking is confirmed, with code and times, without its ${component}`, async () => {
    await court('parts-booking');
    const { start } = (await startsFor('parts-booking')).find((s) => s.status === 'available');
    const page = await reader();
    await throwIn(page, component);
    await openAt(page, 'parts-booking', start);
    await hold(page, start).catch((error) => { if (component !== 'HoldCountdown') throw error; });
    await fillIn(page);
    await page.getByTestId('confirm-button').click();
    await page.getByTestId('confirmation-code').filter({ hasText: /^[0-9A-Z]{4}-[0-9A-Z]{4}$/ }).waitFor();
    assert.match(await page.getByTestId('booking-time').innerText(), /\d{4} at \d+:00/);
    assert.match(await page.getByTestId('booking-status').innerText(), /Confirmed/);
    assert.match(page.survived.join(), new RegExp(component), `${component} was drawn, and failed`);
    assert.deepEqual(page.faults, []);
  });
}

test('a cancelled booking leads back to the calendar without its list of other times', async () => {
  await court('parts-booking');
  const { start } = (await startsFor('parts-booking')).find((s) => s.status === 'available');
  const page = await reader();
  await throwIn(page, 'OtherTimes');
  await states[elsewhere.OtherTimes](page, { venue: 'parts-booking', start }).catch(() => {}); // The list that it waits for is missing.
  await page.getByRole('link', { name: 'Choose another time' }).waitFor();
  assert.match(page.survived.join(), /OtherTimes/);
  assert.ok(await page.getByTestId('confirmation-code').isVisible());
});

// What the data or the browser can do to the facts of a booking: each takes one of them away, and never code and times.
const facts = {
  'what is reserved': [{ claims: null }, 'claims', undefined],
  'the visitor’s own time': [{}, 'own-time', () => { Intl.DateTimeFormat.prototype.resolvedOptions = () => { throw new RangeError('unknown zone'); }; }],
  'nothing else (negative control)': [{}, undefined, undefined],
};
for (const [what, [changes, missing, sabotage]] of Object.entries(facts)) {
  test(`code and times are shown without ${what}`, async () => {
    await court('parts-booking');
    const { start } = (await startsFor('parts-booking')).find((s) => s.status === 'available');
    const page = await reader({ timezoneId: 'America/New_York' });
    if (sabotage) await page.addInitScript(sabotage);
    await page.route(/\/v1\/.*\/bookings\/bk_[^/]+$/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), ...changes } });
    });
    await page.routeWebSocket(/\/v1\/live/, (socket) => {
      const server = socket.connectToServer();
      server.onMessage((message) => {
        const frame = JSON.parse(String(message));
        socket.send(frame.type === 'booking' ? JSON.stringify({ ...frame, booking: { ...frame.booking, ...changes } }) : message);
      });
    });
    await states['a confirmed booking'](page, { venue: 'parts-booking', start });
    assert.ok(await page.getByTestId('confirmation-code').isVisible());
    assert.ok(await page.getByTestId('booking-time').isVisible());
    for (const fact of ['claims', 'own-time']) {
      if (fact !== missing) await page.getByTestId(fact).waitFor();
      else assert.equal(await page.getByTestId(fact).count(), 0);
    }
    assert.deepEqual(page.faults, []);
  });
}
