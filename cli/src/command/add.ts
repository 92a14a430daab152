import { parseArgs } from 'node:util';
import { UsageError } from '#start';
import { cameraSchema } from '@porchlight/contract/camera';
import { openHouse } from './house.ts';

export const addHelp = `porchlight add NAME SOURCE [options]   Add a camera to the running house.

  SOURCE                    rtsp://… or the path of an MP4/MOV file
  --sub SOURCE              a smaller stream of the same camera
  --user NAME               its user name; the password is taken from PORCHLIGHT_CAMERA_PASSWORD
  --transport auto|tcp|udp  how RTP travels (default auto)
  --data DIR                data folder of the house (default ./data)`;

/** Adds a camera by the API. */
export async function addCamera(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      sub: { type: 'string' },
      user: { type: 'string' },
      transport: { type: 'string' },
    },
  });
  const [name, url] = positionals;
  if (name === undefined || url === undefined || positionals.length !== 2) {
    throw new UsageError('Give a name and a source: porchlight add "Front door" rtsp://192.168.1.20/stream1');
  }
  const password = process.env['PORCHLIGHT_CAMERA_PASSWORD'];
  const body = {
    name,
    url,
    ...(values.sub === undefined ? {} : { subUrl: values.sub }),
    ...(values.user === undefined ? {} : { username: values.user }),
    ...(password === undefined ? {} : { password }),
    ...(values.transport === undefined ? {} : { transport: values.transport }),
  };
  const response = await openHouse(values.data).fetch('/api/cameras', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const camera = cameraSchema.parse(await response.json());
  process.stdout.write(`Added ${camera.name} as ${camera.id}.\n`);
  return 0;
}
