import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { after, test } from 'node:test';
import { book, reader, shows, url } from './club.mjs';
import { court, slotsOf } from './stage.mjs';

const server = new URL(url);
const proxies = [];
after(() => { for (const proxy of proxies) { proxy.closeAllConnections(); proxy.close(); } });

/**
 * A proxy as everybody writes it (`proxy_pass` and nothing else): it hands requests on without their Upgrade, so that the
 * server sees a plain GET. It counts what it is asked for on the live address, and may refuse event streams as well.
 */
async function plainProxy({ refuseStreams = false, upgrades = false } = {}) {
  const seen = { sockets: 0, streams: 0, polls: 0 };
  const state = { refuseStreams, upgrades };
  const forward = (request, response) => {
    const live = request.url.startsWith('/v1/live?');
    if (live) seen.streams++;
    if (request.url.includes('/availability?')) seen.polls++;
    if (live && state.refuseStreams) { response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>'); return; }
    const { upgrade, connection, ...headers } = request.headers;
    const onward = http.request({ host: server.hostname, port: server.port, method: request.method, path: request.url, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  };
  const proxy = http.createServer(forward);
  proxy.on('upgrade', (request, socket, head) => {
    seen.sockets++;
    if (!state.upgrades) {
      socket.end('HTTP/1.1 422 Unprocessable Entity\r\nContent-Type: application/problem+json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}');
      return;
    }
    const onward = net.connect(Number(server.port), server.hostname, () => {
      const lines = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
      onward.write(`GET ${request.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    for (const end of [socket, onward]) end.on('error', () => { socket.destroy(); onward.destroy(); });
  });
  await new Promise((listening) => proxy.listen(0, server.hostname, listening));
  proxies.push(proxy);
  return { at: `http://${server.hostname}:${proxy.address().port}`, seen, state };
}

const state = (page, kind) => page.locator(`[data-testid=live-state][data-state=${kind}]`).waitFor();

test('behind a proxy that refuses WebSockets the page is live by an event stream, and the next page knows it', async () => {
  await court('plain-proxy');
  const free = (await slotsOf('plain-proxy')).filter((s) => s.start.includes('T12:00')).slice(1);
  const { at, seen } = await plainProxy();
  const page = await reader();
  await page.goto(`${at}/plain-proxy`);
  await state(page, 'live');
  await shows(page, free[0].start, 'available');
  await book('plain-proxy', free[0].start);
  await shows(page, free[0].start, 'full');
  const { sockets } = seen;
  assert.ok(sockets > 0 && seen.streams > 0);

  // The same visit, the page loaded again: no WebSocket is tried first.
  await page.reload();
  await state(page, 'live');
  await book('plain-proxy', free[1].start);
  await shows(page, free[1].start, 'full');
  assert.equal(seen.sockets, sockets);
  assert.deepEqual(page.faults, []);
});

test('where event streams are refused too, the page polls', async () => {
  await court('no-streams');
  const [, free] = (await slotsOf('no-streams')).filter((s) => s.start.includes('T12:00'));
  const { at, seen } = await plainProxy({ refuseStreams: true });
  const page = await reader();
  await page.goto(`${at}/no-streams`);
  await state(page, 'polling');
  await book('no-streams', free.start);
  await shows(page, free.start, 'full');
  assert.ok(seen.polls > 1);
  assert.deepEqual(page.faults, []);
});

test('negative control: a proxy that hands the upgrade on leaves the page its WebSocket', async () => {
  await court('good-proxy');
  const { at, seen } = await plainProxy({ upgrades: true });
  const page = await reader();
  await page.goto(`${at}/good-proxy`);
  await state(page, 'live');
  assert.deepEqual([seen.sockets, seen.streams], [1, 0]);
});
