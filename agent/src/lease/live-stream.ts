import type { StreamName } from '@porchlight/contract/camera';
import type { CameraId } from '@porchlight/contract/ids';
import type { Stream } from '#stream';

/** What live view needs of a stream. */
export type LiveStream = Pick<Stream, 'tracks' | 'gop' | 'gopLength' | 'state' | 'subscribe'>;

/** The stream of a camera in this shard; undefined when there is none. */
export type FindStream = (camera: CameraId, name: StreamName) => LiveStream | undefined;
