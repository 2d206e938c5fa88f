// Every state of the booking dialog and of a booking's page, each reached as a customer would see it.
import { call, slot, url } from './club.mjs';
import { hold, holdEndsIn, phase, venueCancels } from './customer.mjs';
import { court, dateAt, slotsOf } from './stage.mjs';

const problem = (status, body, headers = {}) => (route) =>
  route.fulfill({ status, headers, contentType: 'application/problem+json', body: JSON.stringify(body) });

/** The next answers to a request for a booking are refusals. */
export const refuse = (page, path, status, body, headers) => page.route(path, problem(status, body, headers));

/** What the server says about a booking is changed on its way to the page. */
async function bookingIs(page, changes) {
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
}

/** Opens a venue's calendar on the day of a start. */
export async function openAt(page, venue, start) {
  await page.goto(`${url}/${venue}?date=${start.slice(0, 10)}`);
  await slot(page, start).waitFor();
}

const customer = { name: 'Ada Lovelace', email: 'ada@example.com', note: 'A window seat, please.\nAnd quiet.' };

/** Makes a booking and opens its page. */
async function bookingPage(page, { venue, start }, changes, more = { customer }) {
  const made = await call('POST', `/v1/venues/${venue}/bookings`, { service: 'hour', start, ...more });
  if (changes && !changes.unreachable) await bookingIs(page, changes);
  await page.goto(`${url}/${venue}/bookings/${made.id}#${made.manage_token}`);
  if (!changes?.unreachable) await page.getByTestId('booking-status').waitFor();
  return made;
}

/** Each state: how to get a page there, from a venue with a free start. */
export const states = {
  'a hold that is asked for': async (page, { venue, start }) => {
    await page.route(/\/bookings$/, () => {}); // Never answered.
    await openAt(page, venue, start);
    await slot(page, start).click();
    await phase(page, 'requesting');
  },
  'a hold': async (page, { venue, start }) => {
    await openAt(page, venue, start);
    await hold(page, start);
  },
  'a hold that ends soon': async (page, { venue, start }) => {
    await holdEndsIn(page, 110);
    await openAt(page, venue, start);
    await hold(page, start);
    await page.getByTestId('extend-hold').waitFor();
  },
  'a hold in its last seconds': async (page, { venue, start }) => {
    await holdEndsIn(page, 28);
    await openAt(page, venue, start);
    await hold(page, start);
    await page.getByTestId('extend-hold').waitFor();
  },
  'fields in error': async (page, { venue, start }) => {
    await openAt(page, venue, start);
    await hold(page, start);
    await page.getByTestId('confirm-button').click();
    await page.locator('#customer-email-error').waitFor();
  },
  'a server in trouble': async (page, { venue, start }) => {
    await refuse(page, /\/confirm$/, 503, { code: 'unavailable' }, { 'Retry-After': '30' });
    await openAt(page, venue, start);
    await hold(page, start);
    await page.getByTestId('field-name').fill('Ada');
    await page.getByTestId('field-email').fill('ada@example.com');
    await page.getByTestId('confirm-button').click();
    await page.getByTestId('form-error').waitFor();
  },
  'no hold to be had': async (page, { venue, start }) => {
    await refuse(page, /\/bookings$/, 429, { code: 'holds_limited' });
    await openAt(page, venue, start);
    await slot(page, start).click();
    await page.getByTestId('direct-notice').waitFor();
  },
  'a lost slot with alternatives': async (page, { venue, start }) => {
    await openAt(page, venue, start);
    await hold(page, start);
    const { bookings } = await call('GET', `/v1/venues/${venue}/bookings?status=held`);
    await venueCancels(venue, bookings.find((b) => b.start === start).id);
    await page.getByTestId('alternative').first().waitFor();
  },
  'a lost slot with nothing else': async (page) => {
    const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'short', timeZone: 'UTC' }).format(Date.parse(dateAt('Europe/Berlin', 3)));
    await court('one-slot', { resource: { hours: { [weekday.toLowerCase()]: ['12:00-13:00'] } }, service: { horizon_days: 6 } });
    await page.route(/\/bookings$/, problem(409, { code: 'slot_unavailable', alternatives: [] }));
    const [only] = await slotsOf('one-slot');
    await openAt(page, 'one-slot', only.start);
    await slot(page, only.start).click();
    await page.getByTestId('lost-message').filter({ hasText: /Nothing else is free/ }).waitFor();
  },
  'a hold that failed': async (page, { venue, start }) => {
    await refuse(page, /\/bookings$/, 429, { code: 'too_many' }, { 'Retry-After': '40' });
    await openAt(page, venue, start);
    await slot(page, start).click();
    await page.getByTestId('unavailable').waitFor();
  },
  'a confirmed booking': (page, at) => bookingPage(page, at),
  'a booking, asked whether to cancel': async (page, at) => {
    await bookingPage(page, at);
    await page.getByTestId('cancel-booking').click();
    await page.getByTestId('cancel-booking-confirm').waitFor();
  },
  'a held booking on its page': (page, at) => bookingPage(page, at, undefined, { hold: true }),
  'cancelled by the customer': (page, at) => bookingPage(page, at, { status: 'cancelled', cancelled_by: 'customer' }),
  'cancelled by the venue': async (page, at) => {
    await bookingPage(page, at, { status: 'cancelled', cancelled_by: 'venue' });
    await page.getByTestId('other-time').first().waitFor();
  },
  'cancelled, nobody says by whom': (page, at) => bookingPage(page, at, { status: 'cancelled', cancelled_by: undefined }),
  'an expired hold': (page, at) => bookingPage(page, at, { status: 'expired' }),
  'a completed booking': (page, at) => bookingPage(page, at, { status: 'completed' }),
  'a missed booking': (page, at) => bookingPage(page, at, { status: 'no_show' }),
  'a booking out of reach': async (page, at) => {
    await page.route(/\/v1\/.*\/bookings\/bk_/, (route) => route.abort());
    await page.routeWebSocket(/\/v1\/live/, (socket) => socket.close());
    await bookingPage(page, at, { unreachable: true });
    await page.getByTestId('unavailable').waitFor({ timeout: 30_000 });
  },
  'a link without its token': async (page, { venue }) => {
    await page.goto(`${url}/${venue}/bookings/bk_unknown`);
    await page.getByRole('heading', { name: /does not open a booking/ }).waitFor();
  },
};

/** A free start of its own for each state, on the day after tomorrow or later. */
export async function startsFor(venue) {
  const free = (await slotsOf(venue)).filter((s) => s.status === 'available');
  return free.slice(48); // The first days are left to those who walk in.
}
