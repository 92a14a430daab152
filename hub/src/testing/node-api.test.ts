import { systemClock as clock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { agentIdSchema } from '@porchlight/contract/ids';
import { openAlarms } from '#alarms';
import { openApi, renewSetupToken } from '#api';
import { openMemoryIdentity } from '#identity';
import { openAgentInbox, openCommands, openFakeAgentLink, sendDesired } from '#link';
import { openRoster } from '#roster';
import { openServer } from '#serve';
import { openStorage } from '#storage';
import { openMemoryStore } from '#store';
import { openWitness } from '#witness';
import { describeApi, makeHouseKeys, type ApiWorld } from './index.ts';

const log = openFakeLog();

async function openWorld(): Promise<ApiWorld> {
  const store = openMemoryStore();
  const identity = openMemoryIdentity();
  const link = openFakeAgentLink();
  const commands = openCommands({ store, link, clock, answers: 'woken' });
  const desired = { store, link, clock, grantKeys: [] };
  const onChange = (): void => undefined;
  const alarms = openAlarms({ store, clock, onChange });
  const keys = await makeHouseKeys(clock);
  const witness = openWitness({ store, alarms, clock, log, ...keys.witness });
  const roster = openRoster({
    ...{ store, clock, onChange },
    defaultAgent: agentIdSchema.parse('local'),
    onDesired: async (agent) => void (await sendDesired(desired, agent)),
    async onForgetFootage({ agent, camera, beforeMs }) {
      const question = { agent, verb: 'forget-footage', args: { camera, beforeMs } } as const;
      await commands.ask({ ...question, lifetimeMs: 60_000, createdBy: 'hub' });
    },
  });
  const onHello = async (agent: Parameters<typeof sendDesired>[1], revision: number) =>
    void (await sendDesired(desired, agent, revision));
  const inbox = openAgentInbox({ store, commands, alarms, witness, link, clock, log, onChange, onHello });
  const metricsToken = 'metrics-token-of-this-test';
  const onDesired = async (agent: Parameters<typeof sendDesired>[1]) => void (await sendDesired(desired, agent));
  const storage = openStorage({ store, commands, onDesired, onChange });
  const app = openApi({
    ...{ store, identity, roster, commands, alarms, storage, witness, clock, log },
    hosts: { names: [] },
    answerWaitMs: 10_000,
    tokens: { metrics: metricsToken },
    visitAgent: async ({ camera }) => Response.json({ visited: camera.id }),
    openChanges: async () => new Response(null, { status: 426 }),
    onSessionEnd: async () => undefined,
    metrics: async () => 'up 1\n',
    addressOf: () => '127.0.0.1',
  });
  const server = await openServer({
    host: '127.0.0.1',
    port: 0,
    log,
    fetch: (request, env) => app.fetch(request, env),
  });
  const origin = `http://localhost:${server.port}`;
  return {
    ...{ store, keys, link, origin, metricsToken, agentRoutes: 'here', waits: true },
    setupToken: (await renewSetupToken({ store, identity }))!,
    fetch: (path, init) => fetch(new URL(path, origin), init),
    receive: (agent, topic, payload) => inbox.receive(agent, topic, payload),
    close: () => server.close(),
  };
}

describeApi('a process on Node', openWorld);
