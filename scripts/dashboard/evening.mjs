// What happens while Prometheus looks: customers book, change their mind and watch; one floods, one guesses keys; a server is restarted;
// the primary is lost, and its standby promoted.
import { setMaxListeners } from 'node:events';
import http from 'node:http';
import { adminKey } from './installation.mjs';

// How much there is of each, a second; readers are at each server.
const load = { bookings: 25, looks: 20, floods: 12, guesses: 2, readers: 120 };
// When things happen, as shares of the time.
const restartAt = 0.2, primaryLostAt = 0.5, promotedAfterSeconds = 8;

const everyDay = Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, ['08:00-20:00']]));
const days = [1, 2, 3, 4, 5].map((n) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10));

/** Lives through so many seconds. */
export async function evening({ primary, standby, servers }, seconds) {
  await furnish(servers[0].url);
  const ends = new AbortController();
  setMaxListeners(0, ends.signal); // each reader listens
  const timers = [
    every(load.bookings, () => book(anyOf(servers).url)),
    every(load.looks, () => send(anyOf(servers).url, 'GET', availability())),
    every(load.floods, () => send(servers[0].url, 'POST', '/v1/venues/studio/bookings', wish(), { 'X-Forwarded-For': '203.0.113.9' })),
    every(load.guesses, () => send(servers[0].url, 'GET', '/v1/venues/studio/bookings', undefined,
      { 'X-Forwarded-For': '203.0.113.77', Authorization: 'Bearer a-wrong-key-of-sixteen' })),
  ];
  for (const { url } of servers) for (let n = 0; n < load.readers; n++) watch(url, ends.signal);
  const at = (share, what) => pause(share * seconds).then(what);
  await Promise.all([
    pause(seconds),
    at(restartAt, () => servers[1].restart()),
    at(primaryLostAt, async () => {
      await primary.do('stop immediate');
      await pause(promotedAfterSeconds);
      await standby.do('promote');
    }),
  ]);
  timers.forEach(clearInterval);
  ends.abort();
}

/** A studio: two rooms, of which a class takes either. */
async function furnish(url) {
  const put = async (path, body) => {
    const response = await fetch(url + path, {
      method: 'PUT', headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${adminKey}` }, body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`PUT ${path}: ${response.status} ${await response.text()}`);
  };
  await put('/v1/venues/studio', { name: 'Studio', time_zone: 'Etc/UTC', contact: { email: 'desk@example.com' } });
  for (const room of ['red', 'blue']) await put(`/v1/venues/studio/resources/${room}`, { name: room, capacity: 8, hours: everyDay });
  await put('/v1/venues/studio/services/class', {
    name: 'Class', duration_minutes: 60, step_minutes: 30, horizon_days: 30, requires: [{ any_of: ['red', 'blue'] }],
  });
}

const availability = () => `/v1/venues/studio/services/class/availability?from=${days[0]}&to=${days.at(-1)}`;

function wish() {
  const hour = String(8 + Math.floor(Math.random() * 11)).padStart(2, '0');
  return {
    service: 'class', start: `${anyOf(days)}T${hour}:${anyOf(['00', '30'])}:00Z`, party_size: 1,
    customer: { name: 'Ada', email: `ada${Math.floor(Math.random() * 1e6)}@example.com` },
  };
}

/** A customer, each from another address, books, and mostly cancels some time later, so that the rooms do not fill up. */
async function book(url) {
  const address = { 'X-Forwarded-For': `198.51.${Math.floor(Math.random() * 256)}.${Math.floor(Math.random() * 256)}` };
  const { status, body } = await send(url, 'POST', '/v1/venues/studio/bookings', wish(), address);
  if (status !== 201 || Math.random() < 0.02) return;
  await pause(2 + Math.random() * 20);
  const { id, manage_token: token } = JSON.parse(body);
  await send(url, 'POST', `/v1/venues/studio/bookings/${id}/cancel`, undefined, { ...address, Authorization: `Bearer ${token}` });
}

/** Sends a request. What becomes of it is the servers' to tell: one that is away answers with status 0. */
function send(url, method, path, body, headers = {}) {
  return new Promise((done) => {
    const away = () => done({ status: 0, body: '' });
    const request = http.request(url + path, { method, timeout: 12_000, headers: { 'Content-Type': 'application/json', ...headers } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => { text += part; }).on('error', away);
      response.on('end', () => done({ status: response.statusCode, body: text }));
    });
    request.on('error', away).on('timeout', () => request.destroy());
    request.end(body && JSON.stringify(body));
  });
}

/** A reader, who comes back a second after the connection has ended, until the signal. */
function watch(url, signal) {
  if (signal.aborted) return;
  const again = () => setTimeout(() => watch(url, signal), 1000 + Math.random() * 500);
  const request = http.get(`${url}/v1/live?venue=studio&service=class&from=${days[0]}&to=${days.at(-1)}`,
    { agent: false, signal, headers: { 'X-Forwarded-For': `192.0.2.${Math.floor(Math.random() * 256)}` } },
    (response) => response.on('error', () => {}).on('close', again).resume());
  request.on('error', again);
}

const every = (times, what) => setInterval(what, 1000 / times);
const pause = (seconds) => new Promise((done) => { setTimeout(done, seconds * 1000); });
const anyOf = (all) => all[Math.floor(Math.random() * all.length)];
