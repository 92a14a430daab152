/* What a page does to show live pictures, as small as can be. Runs in the browser. */

/** Watches over WHEP until so many frames were shown and packets of sound have come; gives the browser's own statistics. */
globalThis.playWhep = async (frameCount, soundCount = 0) => {
  const video = document.querySelector('video');
  globalThis.pc?.close();
  const pc = new RTCPeerConnection({ iceServers: [] });
  globalThis.pc = pc;
  const startMs = performance.now();
  pc.addTransceiver('video', { direction: 'recvonly' });
  pc.addTransceiver('audio', { direction: 'recvonly' });
  pc.ontrack = ({ streams }) => (video.srcObject = streams[0] ?? null);
  await pc.setLocalDescription(await pc.createOffer());
  const answer = await fetch('/whep', { method: 'POST', body: pc.localDescription.sdp });
  if (answer.status !== 201) return { status: answer.status, error: await answer.json() };
  await pc.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
  let firstMs = 0;
  await framesShown(video, frameCount, () => (firstMs ||= performance.now() - startMs));
  let stats;
  const inbound = (kind) => stats.find((one) => one.type === 'inbound-rtp' && one.kind === kind);
  // Pictures of the replay are shown at once, sound comes at its pace.
  do {
    await new Promise((resolve) => setTimeout(resolve, 20));
    stats = [...(await pc.getStats()).values()];
  } while (soundCount > (inbound('audio')?.packetsReceived ?? 0));
  return {
    status: answer.status,
    firstMs,
    width: video.videoWidth,
    height: video.videoHeight,
    video: inbound('video'),
    audio: inbound('audio'),
    cipher: stats.find((one) => one.type === 'transport')?.srtpCipher,
  };
};

/** Watches over MSE until so many frames were shown. */
globalThis.playMse = async (path, frameCount) => {
  const video = document.querySelector('video');
  const socket = new WebSocket(`ws://${location.host}${path}`);
  socket.binaryType = 'arraybuffer';
  const texts = [];
  const queue = [];
  let buffer;
  const append = () => {
    if (buffer && !buffer.updating && queue.length > 0) buffer.appendBuffer(queue.shift());
  };
  const source = new MediaSource();
  video.src = URL.createObjectURL(source);
  await new Promise((resolve) => source.addEventListener('sourceopen', resolve, { once: true }));
  let fault = '';
  video.addEventListener('error', () => (fault = video.error.message));
  socket.onmessage = ({ data }) => {
    if (typeof data !== 'string') {
      queue.push(data);
      append();
      return;
    }
    const message = JSON.parse(data);
    texts.push(message);
    if (message.kind !== 'tracks') return;
    const type = `video/mp4; codecs="${message.codecs}"`;
    if (!MediaSource.isTypeSupported(type)) throw new Error(`not supported: ${type}`);
    if (buffer) buffer.changeType(type);
    else {
      buffer = source.addSourceBuffer(type);
      buffer.addEventListener('updateend', append);
    }
  };
  const steer = setInterval(() => {
    if (!buffer || buffer.buffered.length === 0) return;
    const lag = buffer.buffered.end(buffer.buffered.length - 1) - video.currentTime;
    if (lag > 1.5) video.currentTime += lag - 0.2;
  }, 100);
  await Promise.race([
    framesShown(video, frameCount),
    new Promise((_, reject) =>
      setTimeout(() => reject(new Error(`no frames: ${fault} ${JSON.stringify(texts)}`)), 60_000),
    ),
  ]);
  clearInterval(steer);
  const ranges = buffer.buffered.length;
  const spans = [...Array(ranges).keys()].map((i) => [buffer.buffered.start(i), buffer.buffered.end(i)]);
  const lagMs = (buffer.buffered.end(ranges - 1) - video.currentTime) * 1000;
  const result = { texts, fault, spans, ranges, lagMs, width: video.videoWidth, height: video.videoHeight };
  socket.close();
  return result;
};

function framesShown(video, count, onFirst = () => undefined) {
  let frames = 0;
  return new Promise((resolve) => {
    const onFrame = () => {
      onFirst();
      if (++frames === count) resolve();
      else video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
  });
}
