import type { Camera } from '@porchlight/contract/camera';

/** What is asked of the house; answers are the camera as the API shows it then. */
export type CertificateHouse = {
  readonly setPaused: (paused: boolean) => Promise<unknown>;
  readonly read: () => Promise<Pick<Camera, 'state'>>;
  readonly wait: (ms: number) => Promise<void>;
};

const pollMs = 400;
const mostPolls = 40;

/**
 * The machine that records forgets a camera's certificate when it pauses it, so it is paused, seen to be, and started again. Until that
 * machine has said that it is paused, the hub answers so in its stead, with a time that is new in each answer: two answers with the same
 * time are its own word. Whatever happens the camera is started again. `false`: it never said so, and nothing has changed.
 */
export async function takeCertificate({ setPaused, read, wait }: CertificateHouse): Promise<boolean> {
  await setPaused(true);
  let seen = false;
  try {
    let sinceMs: number | undefined;
    for (let polls = 0; polls < mostPolls && !seen; polls++) {
      await wait(pollMs);
      const { state } = await read();
      seen = state.status === 'paused' && state.sinceMs === sinceMs;
      sinceMs = state.status === 'paused' ? state.sinceMs : undefined;
    }
  } finally {
    await setPaused(false);
  }
  return seen;
}
