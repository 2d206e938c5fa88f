// An installation that is thrown away: PostgreSQL with a standby, two servers, and a Prometheus that scrapes them with our rules.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const adminKey = 'an-admin-key-for-a-picture';
// scrapeSeconds is less than the usual 15, so that minutes look like an hour.
export const scrapeSeconds = 5;
// drainMilliseconds is more than a stopping server takes.
const drainMilliseconds = 40_000;

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Starts everything, with files in the directory work. */
export async function start(work) {
  const running = [];
  const stop = async () => { for (const each of running.reverse()) await each.stop(); };
  try {
    const primary = await postgres('primary');
    running.push(primary);
    const standby = await postgres('standby', primary.directory);
    running.push(standby);
    const hosts = [primary, standby].map(({ url }) => new URL(url).host).join(',');
    const servers = [];
    for (const name of ['one', 'two']) {
      const server = await vacancy(work, name, `postgres://vacancy@${hosts}/vacancy?sslmode=disable`);
      servers.push(server);
      running.push(server);
    }
    const prometheus = await startPrometheus(work, servers.map(({ admin }) => admin));
    running.push(prometheus);
    return { primary, standby, servers, prometheus: prometheus.url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A PostgreSQL server that goes when this process does: see keep in scripts/postgres.sh. */
async function postgres(name, primary) {
  const child = spawn('bash', [`${root}/scripts/postgres.sh`, 'keep', ...(primary ? ['standby', primary] : [])],
    { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value = 'it is gone' } = await lines.next();
    if (!value.startsWith('ok')) throw new Error(`the ${name}: ${value}`);
    return value.slice('ok '.length);
  };
  const directory = (await lines.next()).value.slice('directory '.length);
  const url = await answer();
  return {
    directory, url,
    do: (command) => { child.stdin.write(`${command}\n`); return answer(); },
    stop: () => { child.stdin.end(); return ended(child); },
  };
}

/** A server, at ports that stay the same when it is started again. */
async function vacancy(work, name, database) {
  const [listen, admin] = [await freeAddress(), await freeAddress()];
  const line = ['serve', '--listen', listen, '--admin-listen', admin, '--database', database, '--failover-state', `${work}/${name}.json`,
    '--alert-command', 'cat > /dev/null'];
  let child;
  const launch = async () => {
    const log = openSync(`${work}/${name}.log`, 'a');
    child = spawn(`${root}/bin/vacancy`, line, { stdio: ['ignore', log, log], env: { ...process.env, VACANCY_ADMIN_KEY: adminKey } });
    await answers(`http://${admin}/readyz`);
  };
  const stop = async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), drainMilliseconds);
    await ended(child);
    clearTimeout(timer);
  };
  await launch();
  return { url: `http://${listen}`, admin, stop, restart: async () => { await stop(); await launch(); } };
}

async function startPrometheus(work, targets) {
  const address = await freeAddress();
  await writeFile(`${work}/prometheus.yml`, JSON.stringify({
    global: { scrape_interval: `${scrapeSeconds}s`, evaluation_interval: `${scrapeSeconds}s` },
    rule_files: ['recording.yml', 'alerts.yml'].map((file) => `${root}/deploy/prometheus/${file}`),
    scrape_configs: [{ job_name: 'vacancy', static_configs: [{ targets }] }],
  }));
  const child = spawn('prometheus', [`--config.file=${work}/prometheus.yml`, `--storage.tsdb.path=${work}/data`,
    `--web.listen-address=${address}`, '--log.level=error'], { stdio: ['ignore', 'ignore', 'inherit'] });
  await answers(`http://${address}/-/ready`);
  return { url: `http://${address}`, stop: () => { child.kill(); return ended(child); } };
}

async function ended(child) {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** Waits until an address answers with 200. */
async function answers(url) {
  for (let tries = 0; ; tries++) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    if (tries > 150) throw new Error(`${url} does not answer`);
    await new Promise((done) => { setTimeout(done, 200); });
  }
}

async function freeAddress() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return `127.0.0.1:${port}`;
}
