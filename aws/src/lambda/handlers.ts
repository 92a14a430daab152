import { handle, type APIGatewayProxyResult, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda';
import { agentIdSchema } from '@porchlight/contract/ids';
import { openHubInstance, type HubServices } from './hub-instance.ts';

/** A Lambda function for requests of API Gateway (HTTP API, payload 2.0). */
export type HttpHandler = (event: LambdaEvent, context?: LambdaContext) => Promise<APIGatewayProxyResult>;

/** Opens the function that answers requests. Each one gets a fresh instance, so nothing can come to rely on what one remembers. */
export function openHttpHandler(services: HubServices): HttpHandler {
  return (event, context) => handle(openHubInstance(services).app)(event, context);
}

/** What an IoT rule hands over: `SELECT *, topic(2) AS agent, topic(3) AS topic, encode(*, 'base64') AS payload`. */
export type AgentEvent = { readonly agent: string; readonly topic: string; readonly payload: string };

const topics = ['presence', 'report', 'answer', 'proof', 'alarm'] as const;

/** Opens the function behind the rule by which agents' messages come in. The policy of the broker has checked who may write where. */
export function openAgentHandler(services: HubServices): (event: AgentEvent) => Promise<void> {
  return async (event) => {
    const topic = topics.find((name) => name === event.topic);
    const agent = agentIdSchema.safeParse(event.agent);
    if (topic === undefined || !agent.success) {
      services.log.warn('dropped an event of an unknown topic or agent');
      return;
    }
    await openHubInstance(services).inbox.receive(agent.data, topic, Buffer.from(event.payload, 'base64'));
  };
}
