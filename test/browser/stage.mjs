// Venues that a scenario sets up for itself, and the visitors' circumstances that it plays.
import { call, url } from './club.mjs';

const always = Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, ['00:00-24:00']]));

/** Sets up a venue. A resource is {id, name, capacity, hours}, open at all hours unless told; a service as the API takes it. */
export async function venue(id, { name = `Venue ${id}`, zone = 'Europe/Berlin', resources = [], services = [] } = {}) {
  const contact = { email: 'desk@example.com', phone: '+49 30 1234567' };
  await call('PUT', `/v1/venues/${id}`, { name, time_zone: zone, contact });
  for (const { id: resource, ...rest } of resources)
    await call('PUT', `/v1/venues/${id}/resources/${resource}`, { capacity: 1, hours: always, ...rest });
  for (const { id: service, ...rest } of services) {
    await call('PUT', `/v1/venues/${id}/services/${service}`, {
      duration_minutes: 60, step_minutes: 60, horizon_days: 30, party_size: { min: 1, max: 1 }, ...rest,
    });
  }
  return id;
}

/** One court with one service of an hour: the least that has a calendar. */
export const court = (id, more = {}) => venue(id, {
  resources: [{ id: 'court', name: 'Court', ...more.resource }],
  services: [{ id: 'hour', name: 'One hour', requires: [{ resource: 'court' }], ...more.service }],
  ...more.venue,
});

/** The date at a place now, as this machine and so the server has it, with days added. */
export function dateAt(zone = 'Europe/Berlin', days = 0) {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(new Date(Date.now() + days * 86_400_000));
}

/** A zone where it is six in the morning, so that most of today is ahead whenever the tests run. */
export function morningZone() {
  const ahead = ((6 - new Date().getUTCHours() + 36) % 24) - 12;
  return ahead === 0 ? 'Etc/GMT' : `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
}

/** The starts that a service offers on the next days, with their status. */
export async function slotsOf(id, service = 'hour', zone = 'Europe/Berlin') {
  const path = `/v1/venues/${id}/services/${service}/availability?from=${dateAt(zone)}&to=${dateAt(zone, 6)}`;
  return (await call('GET', path)).days.flatMap((day) => day.slots);
}

/** The visitor's clock is wrong by so many hours. */
export async function wrongClock(page, hours) {
  await page.addInitScript((shift) => {
    const Real = Date;
    globalThis.Date = class extends Real {
      constructor(...args) {
        if (args.length) super(...args);
        else super(Real.now() + shift);
      }
      static now() { return Real.now() + shift; }
    };
  }, hours * 3_600_000);
}

/** From its next load on, the page has a clock and a timer that can be changed under it: see setClock and sleep. */
export const withMachine = (page) => page.addInitScript(() => {
  globalThis.machine = { clock: 0, timer: 0 };
  const { machine } = globalThis;
  const Real = Date;
  globalThis.Date = class extends Real {
    constructor(...args) {
      if (args.length) super(...args);
      else super(Real.now() + machine.clock);
    }
    static now() { return Real.now() + machine.clock; }
  };
  const timer = performance.now.bind(performance);
  performance.now = () => timer() + machine.timer;
});

/** The visitor sets the clock while the page is open, by so many hours from the right time. */
export const setClock = (page, hours) => page.evaluate((ms) => { globalThis.machine.clock = ms; }, hours * 3_600_000);

/** The machine slept for so many hours, in which its timer stood still: to the page, the timer is that much behind. */
export const sleep = (page, hours) => page.evaluate((ms) => { globalThis.machine.timer -= ms; }, hours * 3_600_000);

/** The visitor's browser does not know these zones, and names `own` as its own. */
export async function zonesUnknown(page, zones, own) {
  await page.addInitScript(({ zones, own }) => {
    const Real = Intl.DateTimeFormat;
    Intl.DateTimeFormat = new Proxy(Real, {
      construct(target, [tag, options]) {
        if (zones.includes(options?.timeZone)) throw new RangeError(`Invalid time zone specified: ${options.timeZone}`);
        const format = new target(tag, options);
        if (options?.timeZone || !own) return format;
        const resolved = format.resolvedOptions();
        format.resolvedOptions = () => ({ ...resolved, timeZone: own });
        return format;
      },
      apply: (target, _, args) => new Intl.DateTimeFormat(...args),
    });
  }, { zones, own });
}

/** The page asks the API for everything, as it does when the server put nothing into it. */
export const withoutPageData = (page, id) => page.route(`${url}/${id}`, async (route) => {
  const response = await route.fetch();
  await route.fulfill({ response, body: (await response.text()).replace(/<script type="application\/json"[^>]*>.*?<\/script>/s, '') });
});

/** What moves on the page for longer than ten seconds: the longest that anything here is meant to. */
export const endless = (page) => page.evaluate(() => document.getAnimations()
  .filter((animation) => animation.effect.getComputedTiming().endTime > 10_000)
  .map(({ effect }) => [effect.target.localName, ...effect.target.classList].join('.')));
