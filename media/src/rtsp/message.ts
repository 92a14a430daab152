/** Header fields by lower-case name; several lines of one name keep their order. */
export type RtspHeaders = ReadonlyMap<string, readonly string[]>;

export type RtspRequest = {
  readonly kind: 'request';
  readonly method: string;
  readonly url: string;
  readonly headers: RtspHeaders;
  readonly body: Uint8Array;
};

export type RtspResponse = {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
  readonly headers: RtspHeaders;
  readonly body: Uint8Array;
};

/** Header fields to write, in order, as they shall appear. */
export type RtspHeaderList = readonly (readonly [name: string, value: string])[];

/** What a parser calls, synchronously and in the order of the bytes. */
export type RtspParserSink = {
  onResponse(response: RtspResponse): void;
  onRequest(request: RtspRequest): void;
  /** `payload` is a view into the chunk (or into the one buffer a split frame was joined in); never changed afterwards. */
  onInterleaved(channel: number, payload: Uint8Array): void;
};
